// Environment secrets on the pay page: taken without scripts, named afterwards, never shown.
import type { Hono } from 'hono'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import type { Job } from '../../core/jobs/job.ts'
import { envOf } from '../../core/jobs/secrets.ts'
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
  path = `/pay/${job.linkToken}`
})
const post = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
  web.request(`${path}/secrets`, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
  })
const page = async () => (await web.request(path)).text()
const kept = () => envOf(shop.context, job.ref)

test('the page says who sees them and when they go; once saved their names stand there and no value', async () => {
  const before = await page()
  expect(before).toContain('Environment secrets (optional)')
  expect(before).toContain('The seller’s machine sees them')
  expect(before).toMatch(/<form method="post" action="\/pay\/[\w-]+\/secrets">/)
  const answer = await post({ secrets: `HF_TOKEN=${PLANTED}\nA=1` })
  expect([answer.status, answer.headers.get('Location')]).toEqual([303, `${path}#secrets`])
  expect(await kept()).toEqual({ HF_TOKEN: PLANTED, A: '1' })
  const after = await page()
  expect(after).toMatch(/Saved: <code>A<\/code>, <code>HF_TOKEN<\/code>/)
  expect(after).not.toContain(PLANTED)
  await post({ secrets: '', clear: 'yes' })
  expect(await kept()).toBeUndefined()
  expect(await page()).not.toContain('HF_TOKEN</code>')
})

describe('what is refused', () => {
  test('a bad line: which one, that nothing was saved, and not what was typed', async () => {
    const answer = await post({ secrets: `A=${PLANTED}\nlower=${PLANTED}` })
    const text = await answer.text()
    expect(answer.status).toBe(422)
    expect(text).toMatch(/Line 2: a name has capitals.*Nothing was saved and no money moved/)
    expect(text).not.toContain(PLANTED)
    expect(await kept()).toBeUndefined()
  })

  test('another site, another type, a link that is none, a body without limit', async () => {
    expect((await post({ secrets: 'A=1' }, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await post({ secrets: 'A=1' }, { 'Content-Type': 'application/json' })).status).toBe(415)
    expect((await post({ other: 'A=1' })).status).toBe(400)
    expect((await post({ secrets: 'x'.repeat(600_000) })).status).toBe(413)
    path = '/pay/nobody'
    expect((await post({ secrets: 'A=1' })).status).toBe(404)
    expect(await kept()).toBeUndefined()
  })

  test('32 of 4 KiB pass, whatever their characters', async () => {
    const lines = Array.from({ length: 32 }, (_, i) => `A${i}=${'ä'.repeat(2048)}`)
    expect((await post({ secrets: lines.join('\n') })).status).toBe(303)
    expect(Object.keys((await kept()) ?? {})).toHaveLength(32)
  })

  test('a job that is over: neither the section nor the post', async () => {
    await shop.change(job.ref, (now) => transition(now, 'abandon'))
    expect(await page()).not.toContain('Environment secrets')
    expect((await post({ secrets: 'A=1' })).status).toBe(409)
    expect(await kept()).toBeUndefined()
  })
})
