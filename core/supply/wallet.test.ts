// Linking a payout wallet: what is refused and in which words, and that each link counts once.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { createTestJobs, otherPayer, payer, type TestJobs } from '../jobs/testJobs.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { sweepLinkRequests } from './linkRequest.ts'
import { acceptProof, askForProof, takeProof } from './proveWallet.ts'
import { createTestWallets, seller, site } from './testWallets.ts'
import { LINK_MS, MAX_WRONG_CODES } from './walletLink.ts'

const newcomer = { platform: 'discord', userId: '800000000000000001', label: 'Nia' }
let clock: ReturnType<typeof createManualClock>
let shop: TestJobs
let wallets: ReturnType<typeof createTestWallets>
beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 10, 23))
  shop = await createTestJobs({ clock })
  wallets = createTestWallets(shop.context)
})
const wrongCode = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const linked = async (person = newcomer) => (await wallets.linkOf(person))?.wallet?.address

describe('linking', () => {
  test('code and signature link the wallet; the link then works no more', async () => {
    const { id, request, outcome } = await wallets.links(payer, newcomer)
    expect(outcome).toEqual({ ok: true, outcome: 'linked', wallet: payer.address })
    expect(await wallets.linkOf(newcomer)).toMatchObject({
      person: newcomer,
      wallet: { address: payer.address, linkedAtMs: clock.now() },
    })
    expect(await wallets.signs({ id, code: request.code, account: otherPayer })).toMatchObject({ code: 'used' })
    expect(await linked()).toBe(payer.address)
  })

  test('the message says site, chain, person and purpose', async () => {
    const { id, request } = await wallets.asks(newcomer)
    const asked = await wallets.message({ id, code: request.code, account: payer })
    expect(asked.ok && asked.message).toBe(
      [
        'pages.test wants you to sign in with your Ethereum account:',
        payer.address,
        '',
        'Necto may pay what Discord user 800000000000000001 earns to this wallet. Signing moves no money and gives nobody access.',
        '',
        'URI: https://pages.test',
        'Version: 1',
        'Chain ID: 84532',
        `Nonce: ${request.nonce}`,
        'Issued At: 2026-11-23T00:00:00.000Z',
        'Expiration Time: 2026-11-23T00:10:00.000Z',
        `Request ID: ${id}`,
        'Resources:',
        '- urn:necto:chat:discord:800000000000000001',
        '- urn:necto:purpose:payout',
      ].join('\n'),
    )
    expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(request.code).toMatch(/^\d{6}$/)
  })

  test('the same signature sent twice at once links once', async () => {
    const { id, request } = await wallets.asks(newcomer)
    const asked = await wallets.message({ id, code: request.code, account: payer })
    if (!asked.ok) throw new Error(asked.why)
    const signature = await payer.signMessage({ message: asked.message })
    const { context } = shop
    const send = () =>
      acceptProof({ context, site, id, code: request.code, purpose: 'link', message: asked.message, signature })
    const answers = await Promise.all([send(), send(), send()])
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(answers.filter((one) => !one.ok && one.code === 'used')).toHaveLength(2)
    expect(await send()).toMatchObject({ ok: false, code: 'used' })
  })

  test('five wrong codes void it, also when typed at once; the right one then comes too late', async () => {
    const { id, request } = await wallets.asks(newcomer)
    const guess = () => wallets.signs({ id, code: wrongCode(request.code), account: payer })
    expect(await guess()).toMatchObject({ code: 'wrong-code', why: expect.stringContaining('4 tries are left') })
    await Promise.all([guess(), guess(), guess()])
    expect(await wallets.requestOf(id)).toMatchObject({ wrongCodes: MAX_WRONG_CODES - 1, state: 'open' })
    expect(await guess()).toMatchObject({ code: 'wrong-code', why: expect.stringContaining('void now') })
    expect(await wallets.signs({ id, code: request.code, account: payer })).toMatchObject({
      code: 'void-link',
      why: expect.stringContaining('five times'),
    })
    expect(await linked()).toBeUndefined()
  })

  test('a wrong code is counted at the second step too', async () => {
    const { id, request } = await wallets.asks(newcomer)
    const asked = await wallets.message({ id, code: request.code, account: payer })
    if (!asked.ok) throw new Error(asked.why)
    const signature = await payer.signMessage({ message: asked.message })
    const answer = await acceptProof({
      context: shop.context,
      site,
      id,
      code: wrongCode(request.code),
      purpose: 'link',
      message: asked.message,
      signature,
    })
    expect(answer).toMatchObject({ code: 'wrong-code' })
    expect(await wallets.requestOf(id)).toMatchObject({ wrongCodes: 1, state: 'open' })
  })

  test('ten minutes, then it has expired, at either step', async () => {
    const { id, request } = await wallets.asks(newcomer)
    await clock.tick(LINK_MS - 1)
    const asked = await wallets.message({ id, code: request.code, account: payer })
    if (!asked.ok) throw new Error(asked.why)
    await clock.tick(1)
    expect(await wallets.message({ id, code: request.code, account: payer })).toMatchObject({ code: 'expired' })
    const signature = await payer.signMessage({ message: asked.message })
    const { context } = shop
    expect(
      await acceptProof({ context, site, id, code: request.code, purpose: 'link', message: asked.message, signature }),
    ).toMatchObject({ code: 'expired' })
    expect(await linked()).toBeUndefined()
  })

  test('a newer link ends the older one; another person’s stays', async () => {
    const first = await wallets.asks(newcomer)
    const others = await wallets.asks(seller)
    await wallets.asks(newcomer)
    expect(await wallets.signs({ id: first.id, code: first.request.code, account: payer })).toMatchObject({
      code: 'void-link',
      why: expect.stringContaining('newer'),
    })
    expect((await wallets.requestOf(others.id))?.state).toBe('open')
  })

  test('what was signed for one person’s link is nothing for another’s', async () => {
    const mine = await wallets.asks(newcomer)
    const theirs = await wallets.asks({ ...newcomer, userId: '800000000000000002' })
    const asked = await wallets.message({ id: mine.id, code: mine.request.code, account: payer })
    if (!asked.ok) throw new Error(asked.why)
    const signature = await payer.signMessage({ message: asked.message })
    const { context } = shop
    const { code } = theirs.request
    expect(
      await acceptProof({ context, site, id: theirs.id, code, purpose: 'link', message: asked.message, signature }),
    ).toMatchObject({ code: 'altered-message' })
  })

  test('another site’s message is nothing here, nor one for another chain', async () => {
    for (const there of [
      { ...site, publicUrl: 'https://pages.test.evil.example' },
      { ...site, publicUrl: 'http://pages.test' },
      { ...site, chainId: 1 },
    ]) {
      const { id, request } = await wallets.asks(newcomer)
      const { context } = shop
      const step = { context, id, code: request.code, purpose: 'link' } as const
      const asked = await askForProof({ ...step, site: there, address: payer.address })
      if (!asked.ok) throw new Error(asked.why)
      const signature = await payer.signMessage({ message: asked.message })
      expect(await acceptProof({ ...step, site, message: asked.message, signature })).toMatchObject({
        code: 'altered-message',
      })
    }
    expect(await linked()).toBeUndefined()
  })

  test('a signature of another key, of no key, and a smart wallet’s that the chain vouches for', async () => {
    const { id, request } = await wallets.asks(newcomer)
    const { code } = request
    expect(await wallets.signs({ id, code, account: payer, signer: otherPayer })).toMatchObject({
      code: 'bad-signature',
    })
    const asked = await wallets.message({ id, code, account: payer })
    if (!asked.ok) throw new Error(asked.why)
    const { context } = shop
    const step = { context, site, id, code, purpose: 'link', message: asked.message, signature: '0x1234' } as const
    expect(await acceptProof(step)).toMatchObject({ code: 'bad-signature' })
    expect(await acceptProof({ ...step, checkSignature: async () => false })).toMatchObject({ code: 'bad-signature' })
    const checked: unknown[] = []
    const checkSignature = async (what: unknown) => checked.push(what) > 0
    expect(await acceptProof({ ...step, checkSignature })).toMatchObject({ ok: true })
    expect(checked).toEqual([{ address: payer.address, message: asked.message, signature: '0x1234' }])
  })

  test('a listing’s wallet is expected: another account is refused, and may be switched', async () => {
    const { id, request } = await wallets.asks(newcomer, { expected: payer.address })
    const { code } = request
    expect(await wallets.signs({ id, code, account: otherPayer })).toMatchObject({
      code: 'wrong-account',
      why: expect.stringContaining(payer.address),
    })
    expect(await wallets.signs({ id, code, account: payer })).toMatchObject({ ok: true })
  })

  test('an address that is none gets no message; an unknown link neither', async () => {
    const { id, request } = await wallets.asks(newcomer)
    const { context } = shop
    const ask = (address: string, of = id) =>
      askForProof({ context, site, id: of, purpose: 'link', code: request.code, address })
    for (const bad of ['', '0x12', wallets.nobody]) expect(await ask(bad)).toMatchObject({ code: 'bad-address' })
    expect(await ask(payer.address, 'nothing')).toMatchObject({ code: 'unknown-link' })
    expect(await ask(payer.address.toLowerCase())).toMatchObject({ ok: true, address: payer.address })
  })

  test('a crash right after the signature loses nothing: the proof is taken over, once', async () => {
    const { id, request } = await wallets.asks(newcomer)
    await updateDocument({
      collection: shop.context.walletLinkRequests,
      id,
      change: (now) => ({ ...now, state: 'proved' as const, wallet: payer.address, provedAtMs: clock.now() }),
    })
    const proved = await wallets.requestOf(id)
    await takeProof(shop.context, id, proved ?? request)
    expect(await linked()).toBe(payer.address)
    expect((await wallets.requestOf(id))?.state).toBe('done')
    const before = await wallets.linkOf(newcomer)
    await takeProof(shop.context, id, proved ?? request)
    expect(await wallets.linkOf(newcomer)).toEqual(before)
  })

  test('a proof taken over late does not undo a newer one', async () => {
    const { id } = await wallets.asks(newcomer)
    const old = { state: 'proved' as const, wallet: otherPayer.address, provedAtMs: clock.now() }
    const stuck = await updateDocument({
      collection: shop.context.walletLinkRequests,
      id,
      change: (now) => ({ ...now, ...old }),
    })
    await clock.tick(1_000)
    await wallets.links(payer, newcomer)
    if (stuck) await takeProof(shop.context, id, stuck.value)
    expect(await linked()).toBe(payer.address)
  })

  test('old links are forgotten, those of today are not', async () => {
    const { id } = await wallets.links(payer, newcomer)
    const requests = shop.context.walletLinkRequests
    await clock.tick(86_400_000)
    await sweepLinkRequests({ requests, nowMs: clock.now() })
    expect(await wallets.requestOf(id)).toBeDefined()
    await clock.tick(30 * 86_400_000)
    await sweepLinkRequests({ requests, nowMs: clock.now() })
    expect(await wallets.requestOf(id)).toBeUndefined()
  })
})
