// A team's spend: every settled tracked job once, under its member, provider and day; nothing of anybody else.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Job, JobMode } from '../jobs/job.ts'
import { createTestJobs } from '../jobs/testJobs.ts'
import { spendOf } from './spend.ts'

const DAY_MS = 86_400_000
const monday = Date.UTC(2026, 10, 23)
let ordered: Job
beforeAll(async () => {
  const shop = await createTestJobs()
  ordered = await shop.orders(await shop.scans(await shop.asks()))
})

/** A settled job of `usd` dollars, a fortieth of it fee. */
function settled(more: { atMs: number; usd?: number; who?: string; mode?: JobMode; seller?: string; label?: string }) {
  const { atMs, usd = 40, who = '1', mode = 'tracked', seller = 'S-1', label = `Name ${who}` } = more
  const fee = BigInt(usd) * 25_000n
  const amounts = { paidMicroUsd: BigInt(usd) * 1_000_000n - fee, feeMicroUsd: fee, refundedMicroUsd: 5n }
  const { user: tracked, ...job } = ordered
  return {
    ...job,
    mode,
    listingId: seller,
    settled: { txHash: `0x${'f1'.repeat(32)}`, atMs, ...amounts },
    ...(mode === 'tracked' && tracked && { user: { ...tracked, userId: who, label } }),
  } satisfies Job
}

describe('BUYER-05', () => {
  test('per member and provider, highest first, fee included, under the latest name', () => {
    const jobs = [
      settled({ atMs: monday + 2, who: '1', usd: 10, label: 'Ann New' }),
      settled({ atMs: monday + 1, who: '1', usd: 5, label: 'Ann Old' }),
      settled({ atMs: monday, who: '2', usd: 40, seller: 'S-2' }),
    ]
    const spend = spendOf({ jobs })
    expect(spend.total).toEqual({ jobs: 3, chargedMicroUsd: 55_000_000n })
    expect(spend.byMember).toEqual([
      { key: 'telegram:2', name: 'Name 2', jobs: 1, chargedMicroUsd: 40_000_000n },
      { key: 'telegram:1', name: 'Ann New', jobs: 2, chargedMicroUsd: 15_000_000n },
    ])
    expect(spend.byProvider.map(({ key, name, jobs }) => [key, name, jobs])).toEqual([
      ['necto:S-2', 'Berlin Rack', 1],
      ['necto:S-1', 'Berlin Rack', 2],
    ])
  })

  test('a period has its first moment and not its last, and names days without spend', () => {
    const fromMs = monday - DAY_MS
    const toMs = monday + 2 * DAY_MS
    const jobs = [fromMs - 1, fromMs, monday, toMs - 1, toMs].map((atMs) => settled({ atMs, usd: 1 }))
    const { total, byDay } = spendOf({ jobs, fromMs, toMs })
    expect(total.jobs).toBe(3)
    expect(byDay.map(({ dayMs, jobs: count }) => [dayMs, count])).toEqual([
      [monday - DAY_MS, 1],
      [monday, 1],
      [monday + DAY_MS, 1],
    ])
    expect(spendOf({ jobs: [], fromMs, toMs }).byDay.map(({ jobs: count }) => count)).toEqual([0, 0, 0])
  })

  test('nothing spent is no day, no member, no provider', () => {
    const nothing = { total: { jobs: 0, chargedMicroUsd: 0n }, byMember: [], byProvider: [], byDay: [] }
    expect(spendOf({ jobs: [] })).toEqual(nothing)
    expect(spendOf({ jobs: [ordered, settled({ atMs: monday, mode: 'untracked' })] })).toEqual(nothing)
  })

  test('each way to split it adds up to the total', () => {
    const job = fc.record({
      atMs: fc.integer({ min: monday, max: monday + 40 * DAY_MS }),
      usd: fc.nat(100_000),
      who: fc.constantFrom('1', '2', '3'),
      seller: fc.constantFrom('S-1', 'S-2'),
      mode: fc.constantFrom<JobMode>('tracked', 'untracked'),
    })
    fc.assert(
      fc.property(fc.array(job, { maxLength: 20 }), fc.nat(40), fc.nat(40), (drafts, a, b) => {
        const fromMs = monday + Math.min(a, b) * DAY_MS
        const toMs = monday + Math.max(a, b) * DAY_MS
        const spend = spendOf({ jobs: drafts.map(settled), fromMs, toMs })
        const within = drafts.filter(({ mode, atMs }) => mode === 'tracked' && atMs >= fromMs && atMs < toMs)
        const microUsd = BigInt(within.reduce((sum, { usd }) => sum + usd, 0)) * 1_000_000n
        expect(spend.total).toEqual({ jobs: within.length, chargedMicroUsd: microUsd })
        for (const part of [spend.byMember, spend.byProvider, spend.byDay]) {
          expect(part.reduce((sum, one) => sum + one.jobs, 0)).toBe(spend.total.jobs)
          expect(part.reduce((sum, one) => sum + one.chargedMicroUsd, 0n)).toBe(spend.total.chargedMicroUsd)
        }
        expect(spend.byDay).toHaveLength((toMs - fromMs) / DAY_MS)
      }),
    )
  })
})
