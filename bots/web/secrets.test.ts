// The secrets page: whoever asked sets them without scripts, names stand there afterwards, values nowhere; a pay link opens none of it.
import type { Hono } from 'hono'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import type { Job } from '../../core/jobs/job.ts'
import { envOf } from '../../core/jobs/secrets.ts'
import { openSecretsLink } from '../../core/jobs/secretsLink.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { createTestShop, type TestShop } from './testShop.ts'
import { testWeb } from './testWeb.ts'

const PLANTED = 'planted-value-93f1c7'
let shop: TestShop
let web: Hono
let job: Job
let path: string
beforeEach(async () => {
  shop = await createTestShop({ clock: createManualClock(Date.now()) })
  web = await testWeb(shop)
  job = await shop.ordered()
  path = await linkOf(job)
})
async function linkOf({ ref }: Job) {
  const opened = await openSecretsLink(shop.context, ref)
  if (!opened.ok) throw new Error(opened.why)
  return `/secrets/${opened.secretsToken}`
}
const post = (fields: Record<string, string>, headers: Record<string, string> = {}, to = path) =>
  web.request(to, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
  })
const read = async (at: string) => (await web.request(at)).text()
const kept = () => envOf(shop.context, job.ref)

test('the page says who sees them and when they go; once saved their names stand there and no value', async () => {
  const before = await read(path)
  expect(before).toContain('The seller’s machine sees them')
  expect(before).toContain('None are saved')
  expect(before).toMatch(/<form class="panel" method="post" action="\/secrets\/[0-9a-f]{64}">/)
  const answer = await post({ secrets: `HF_TOKEN=${PLANTED}\nA=1` })
  expect([answer.status, answer.headers.get('Location')]).toEqual([303, path])
  expect(await kept()).toEqual({ HF_TOKEN: PLANTED, A: '1' })
  const after = await read(path)
  expect(after).toMatch(/Saved: <code>A<\/code>, <code>HF_TOKEN<\/code>/)
  expect(after).not.toContain(PLANTED)
  await post({ secrets: '', clear: 'yes' })
  expect(await kept()).toBeUndefined()
  expect(await read(path)).not.toContain('HF_TOKEN</code>')
})

test('reading it changes nothing, loads no script, and tells nobody else where it is', async () => {
  const everything = async () => JSON.stringify([await shop.context.secrets.list(), await shop.context.sessions.list()])
  const before = await everything()
  const reply = await web.request(path, { headers: { 'User-Agent': 'TelegramBot (like TwitterBot)' } })
  await web.request(path, { method: 'HEAD' })
  expect(await everything()).toBe(before)
  expect(await reply.text()).not.toContain('<script')
  expect(reply.headers.get('Content-Security-Policy')).toContain("default-src 'none'; script-src 'self'")
  expect(reply.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
  expect(reply.headers.get('Referrer-Policy')).toBe('no-referrer')
  expect(reply.headers.get('Cache-Control')).toBe('no-store')
})

describe('whoever has the pay link, and no more', () => {
  test('reads how many there are: no name, no value, no link, no form for them', async () => {
    const payPath = `/pay/${job.linkToken}`
    expect(await read(payPath)).toContain('The command gets no environment secrets')
    await post({ secrets: `HF_TOKEN=${PLANTED}\nA=1` })
    for (const at of [payPath, `${payPath}/status`, `/job/${job.linkToken}`]) {
      const text = await read(at)
      for (const hidden of [PLANTED, 'HF_TOKEN', path, 'name="secrets"']) expect(text).not.toContain(hidden)
    }
    expect(await read(payPath)).toContain('The command gets 2 environment secrets, set by whoever asked for this job')
  })

  test('neither sets nor clears nor sees them', async () => {
    await post({ secrets: `HF_TOKEN=${PLANTED}` })
    for (const to of [
      `/pay/${job.linkToken}/secrets`,
      `/secrets/${job.linkToken}`,
      `/secrets/${job.ref}`,
      '/secrets/',
    ]) {
      expect((await post({ secrets: 'PIP_INDEX_URL=https://evil.example' }, {}, to)).status).toBe(404)
      expect((await post({ secrets: '', clear: 'yes' }, {}, to)).status).toBe(404)
      expect((await web.request(to)).status).toBe(404)
    }
    expect(await kept()).toEqual({ HF_TOKEN: PLANTED })
  })

  test('nor does the secrets link of another job', async () => {
    const others = await shop.ordered({ userId: '8', label: 'Bo' })
    await post({ secrets: 'A=of-bo' }, {}, await linkOf(others))
    expect(await kept()).toBeUndefined()
    expect(await envOf(shop.context, others.ref)).toEqual({ A: 'of-bo' })
    expect(await read(path)).toContain('None are saved')
  })
})

describe('what is refused', () => {
  test('a bad line: which one, that nothing was saved, and not what was typed', async () => {
    const answer = await post({ secrets: `A=${PLANTED}\nlower=${PLANTED}` })
    const text = await answer.text()
    expect(answer.status).toBe(422)
    expect(text).toMatch(/Line 2: a name has capitals.*Nothing was saved and no money moved/)
    expect(text).not.toContain(PLANTED)
    const preload = await (await post({ secrets: `A=1\nLD_PRELOAD=${PLANTED}` })).text()
    expect(preload).toMatch(/Line 2: LD_PRELOAD is not taken: it changes how the machine loads.*Nothing was saved/)
    expect(preload).not.toContain(PLANTED)
    expect(await kept()).toBeUndefined()
  })

  test('another site, another type, no field, a body without limit', async () => {
    expect((await post({ secrets: 'A=1' }, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await post({ secrets: 'A=1' }, { 'Content-Type': 'application/json' })).status).toBe(415)
    expect((await post({ other: 'A=1' })).status).toBe(400)
    expect((await post({ secrets: 'x'.repeat(600_000) })).status).toBe(413)
    expect(await kept()).toBeUndefined()
  })

  test('32 of 4 KiB pass, whatever their characters', async () => {
    const lines = Array.from({ length: 32 }, (_, i) => `A${i}=${'ä'.repeat(2048)}`)
    expect((await post({ secrets: lines.join('\n') })).status).toBe(303)
    expect(Object.keys((await kept()) ?? {})).toHaveLength(32)
  })

  test('a job that is over: said on the page, which has no form then; gone with the session', async () => {
    await shop.change(job.ref, (now) => transition(now, 'abandon'))
    const closed = await read(path)
    expect(closed).toContain('This job was cancelled')
    expect(closed).not.toContain('<form')
    expect((await post({ secrets: 'A=1' })).status).toBe(409)
    const session = await shop.context.sessions.get(job.ref)
    if (session) await shop.context.sessions.remove(session)
    expect((await web.request(path)).status).toBe(404)
    expect((await post({ secrets: 'A=1' })).status).toBe(404)
    expect(await kept()).toBeUndefined()
  })

  test('a job that is paid: the names stand, and nobody changes them any more', async () => {
    await post({ secrets: `HF_TOKEN=${PLANTED}` })
    await shop.change(job.ref, (now) => ({ ...now, state: 'paying' }))
    const closed = await read(path)
    expect(closed).toContain('This job is paid, so its secrets stand as they are')
    expect(closed).toContain('<code>HF_TOKEN</code>')
    expect(closed).not.toContain('<form')
    expect((await post({ secrets: '', clear: 'yes' })).status).toBe(409)
    expect(await kept()).toEqual({ HF_TOKEN: PLANTED })
  })
})
