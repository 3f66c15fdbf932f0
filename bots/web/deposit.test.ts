// The deposit's section on a paid job's pages: from when a refund is possible, who gets it, and what a wallet would send.
import { beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import type { Job } from '../../core/jobs/job.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { eth } from './depositWords.ts'
import { startRun } from './testFinishedJob.ts'
import { createTestShop, type TestShop } from './testShop.ts'
import { testWeb } from './testWeb.ts'

const HOUR_MS = 3_600_000
let clock: ReturnType<typeof createManualClock>
let shop: TestShop
let web: Awaited<ReturnType<typeof testWeb>>

beforeEach(async () => {
  clock = createManualClock(Date.UTC(2026, 10, 28, 6, 0, 30))
  shop = await createTestShop({ clock })
  web = await testWeb(shop)
})

const htmlOf = async (job: Job, page: 'job' | 'pay' = 'job') => (await web.request(`/${page}/${job.linkToken}`)).text()
const sectionOf = (html: string) => /<section id="deposit"[\s\S]*?<\/section>/.exec(html)?.[0] ?? ''

test.each(['job', 'pay'] as const)(
  'the %s page holds it from the payment to the end, and not before or after',
  async (page) => {
    const ordered = await shop.ordered()
    expect(sectionOf(await htmlOf(ordered, page))).toBe('<section id="deposit" hidden></section>')
    const run = await startRun(shop, ordered)
    const held = sectionOf(await htmlOf(run.job, page))
    expect(held).toContain('8.00 USDC were paid into the escrow contract')
    expect(held).toContain(encodeRouterCall({ verb: 'reclaim', id: run.job.jobId ?? '0x' }))
    expect(await htmlOf(run.job, page)).toContain('/deposit.js"')
    const refunded = {
      atMs: clock.now(),
      txHash: `0x${'f4'.repeat(32)}`,
      refundedMicroUsd: 8_000_000n,
      why: 'Too late.',
    } as const
    await shop.change(ordered.ref, (job) => transition(job, 'refunded', { refunded }))
    expect(sectionOf(await htmlOf(ordered, page))).toBe('<section id="deposit" hidden></section>')
  },
)

test('a job that never started: from the minute after startBy on, with the whole deposit', async () => {
  const { job } = await startRun(shop, await shop.ordered())
  const unstarted = await shop.change(job.ref, ({ started: _, run: __, ...now }) => ({ ...now, state: 'funded' }))
  const held = sectionOf(await htmlOf(unstarted?.value ?? job))
  // 15 minutes of the quote and 30 to start; the second of startBy itself is too early.
  expect(held).toContain('If the job has not started in time, anybody may have the whole deposit sent back.')
  expect(held).toContain('from <time datetime="2026-11-28T06:46:00.000Z">2026-11-28 06:46 UTC</time> on')
  expect(held).toContain('The job has not started: the whole deposit goes to the refund address.')
  expect(held).not.toContain(' open>')
  await clock.tick(HOUR_MS)
  expect(sectionOf(await htmlOf(job))).toContain('<details class="panel" open>')
})

test('a job that began: 72 hours after its last second, and what a stop costs; asked for, it is not offered again', async () => {
  const { job } = await startRun(shop, await shop.ordered())
  const held = sectionOf(await htmlOf(job))
  expect(held).toContain('2026-12-01 10:01 UTC')
  expect(held).toContain('The seconds used until the stop are charged; the rest goes to the refund address.')
  const billed = await shop.change(job.ref, (now) => now.terms && { ...now, terms: { ...now.terms, minSeconds: 600 } })
  expect(sectionOf(await htmlOf(billed?.value ?? job))).toContain('at least 10 min, 0.333333 USDC, once anything ran')
  await shop.change(job.ref, (now) => now.run && { ...now, run: { ...now.run, stopRequested: true } })
  const asked = sectionOf(await htmlOf(job))
  expect(asked).toContain('A stop was asked for on chain')
  expect(asked).not.toContain('data-verb="stop"')
})

test('gas money reads as a number, however little it is', () => {
  expect([eth(52_300_000_000_000n), eth(90n), eth(1_230_000_000_000_000_000n)]).toEqual([
    '0.0000523 ETH',
    '0.00000000000000009 ETH',
    '1.23 ETH',
  ])
})
