// The link page's routes: reading changes nothing, refusals have their words and status, a signature links once.
import type { Hono } from 'hono'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { payer } from '../../core/jobs/testJobs.ts'
import { createTestWallets, seller } from '../../core/supply/testWallets.ts'
import { LINK_MS } from '../../core/supply/walletLink.ts'
import { createTestShop, type TestShop } from './testShop.ts'
import { testWeb } from './testWeb.ts'

const newcomer = { platform: 'telegram', userId: '800000000000000001', label: '\u202ENia <b>' }
let clock: ReturnType<typeof createManualClock>
let shop: TestShop
let web: Hono
let wallets: ReturnType<typeof createTestWallets>
beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 10, 23))
  shop = await createTestShop({ clock })
  web = await testWeb(shop)
  wallets = createTestWallets(shop.context)
})

const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
  const reply = await web.request(path, init)
  return { status: reply.status, json: (await reply.json()) as Record<string, string> }
}

/** Both steps of the page. */
async function links(id: string, code: string, purpose = 'link', account = payer) {
  const asked = await post(`/link/${id}/message`, { purpose, code, address: account.address })
  if (asked.status !== 200) return asked
  const message = asked.json.message ?? ''
  return post(`/link/${id}/signature`, { purpose, code, message, signature: await account.signMessage({ message }) })
}

describe('GET /link/:token', () => {
  test('says who is linked, to what, and the code is nowhere on it', async () => {
    const { id, request } = await wallets.asks(newcomer)
    const reply = await web.request(`/link/${id}`)
    const html = await reply.text()
    expect(reply.status).toBe(200)
    for (const text of [
      'Telegram user <b>Nia &lt;b&gt;</b>, id 800000000000000001',
      'needs scripts',
      '2026-11-23 00:10 UTC',
    ])
      expect(html).toContain(text)
    expect(html).not.toContain(request.code)
    expect(html).not.toContain(request.nonce)
  })

  test('changes nothing, however often it is fetched', async () => {
    const { id } = await wallets.asks(newcomer)
    const before = await shop.context.walletLinkRequests.get(id)
    for (const method of ['GET', 'HEAD', 'GET']) await web.request(`/link/${id}`, { method })
    expect(await shop.context.walletLinkRequests.get(id)).toEqual(before)
  })

  test('of a link that is over says why, without a form; of none is not found', async () => {
    const { id } = await wallets.asks(newcomer)
    await clock.tick(LINK_MS)
    const html = await (await web.request(`/link/${id}`)).text()
    expect(html).toContain('This link has expired')
    expect(html).not.toContain('<form')
    expect((await web.request('/link/nothing')).status).toBe(404)
    const done = await wallets.links(payer, newcomer)
    expect(await (await web.request(`/link/${done.id}`)).text()).toContain('Wallet linked')
  })
})

describe('POST /link/:token', () => {
  test('code, message, signature: linked', async () => {
    const { id, request } = await wallets.asks(newcomer)
    expect(await links(id, ` ${request.code.slice(0, 3)} ${request.code.slice(3)}`)).toMatchObject({
      status: 200,
      json: { ok: true, outcome: 'linked', text: expect.stringContaining(payer.address) },
    })
    expect((await wallets.linkOf(newcomer))?.wallet?.address).toBe(payer.address)
    expect(await links(id, request.code)).toMatchObject({ status: 410, json: { code: 'used' } })
  })

  test('a listing paid elsewhere: it waits, the page shows it, and the old wallet may agree there', async () => {
    const old = await wallets.linkOf()
    expect(old).toBeUndefined()
    const { id, request } = await wallets.asks(seller)
    expect(await links(id, request.code)).toMatchObject({ json: { outcome: 'waiting' } })
    const html = await (await web.request(`/link/${id}`)).text()
    expect(html).toContain('Skip the wait')
    expect(html).toContain('2026-11-25 00:00 UTC')
    expect(await links(id, '', 'agree')).toMatchObject({ status: 403, json: { code: 'wrong-account' } })
  })

  test('refusals carry their status', async () => {
    const { id } = await wallets.asks(newcomer)
    const body = { purpose: 'link', code: 'x', address: payer.address }
    expect(await post(`/link/${id}/message`, body)).toMatchObject({ status: 403, json: { code: 'wrong-code' } })
    expect(await post('/link/nothing/message', body)).toMatchObject({ status: 404, json: { code: 'unknown-link' } })
    expect(await post(`/link/${id}/message`, { ...body, more: 1 })).toMatchObject({ status: 400 })
    expect(await post(`/link/${id}/message`, 'x')).toMatchObject({ status: 400 })
    expect(await post(`/link/${id}/signature`, { ...body, message: 'm', signature: 'no' })).toMatchObject({
      status: 400,
    })
    expect(await post(`/link/${id}/message`, body, { 'Content-Type': 'text/plain' })).toMatchObject({ status: 415 })
  })

  test('another site cannot make a browser guess', async () => {
    const { id, request } = await wallets.asks(newcomer)
    const body = { purpose: 'link', code: '1', address: payer.address }
    const from = await post(`/link/${id}/message`, body, { 'Sec-Fetch-Site': 'cross-site' })
    expect(from).toMatchObject({ status: 403, json: { code: 'foreign-origin' } })
    expect((await wallets.requestOf(id))?.wrongCodes).toBe(request.wrongCodes)
  })
})
