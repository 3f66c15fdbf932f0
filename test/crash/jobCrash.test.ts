// The process dies at every single write of a job's way, right before it or right after; the next life comes to the same end.
import { describe, expect, test } from 'vitest'
import { owedOf } from '../../core/escrow/metering.ts'
import type { JobMode } from '../../core/jobs/job.ts'
import { otherPayer } from '../../core/jobs/testJobs.ts'
import { RUN_SECONDS } from './jobWorld.ts'
import { type People, play, SIDES, summary } from './playJobs.ts'

const pressPay: People = async (world) => {
  const [job] = await world.jobs()
  if (job?.state === 'offered') world.presses('tg:1002', 'Pay')
}

/** Pays by one signature. */
const paysAndWaits: People = async (world, life) => {
  await pressPay(world, life)
  const [job] = await world.jobs()
  if (job?.state !== 'ordered' && job?.state !== 'signed') return
  await life.shop.pays(await life.shop.signs(job))
}

/** Asks for terms twice and pays both by himself, the older ones first. */
const paysTwice: People = async (world, life) => {
  await pressPay(world, life)
  const [job] = await world.jobs()
  if ((job?.state !== 'ordered' && job?.state !== 'signed') || world.router.deposits.size > 0) return
  const older = await life.shop.signs(job)
  const newer = await life.shop.signs(older, otherPayer.address)
  world.router.fund(older.terms, older.terms.refundTo)
  world.router.fund(newer.terms, newer.terms.refundTo)
}

/** Pays by himself, and presses Cancel before anybody has seen the payment. */
const paysAndCancels: People = async (world, life) => {
  await pressPay(world, life)
  const [job] = await world.jobs()
  if (job?.state !== 'ordered' && job?.state !== 'signed') return
  if (world.router.deposits.size > 0) return
  const signed = await life.shop.signs(job)
  world.presses('tg:1003', 'Cancel')
  world.router.fund(signed.terms, signed.terms.refundTo)
}

/** Pays, and asks for a stop on chain before a runner has the job. */
const paysAndStops: People = async (world, life) => {
  world.router.stopStarted()
  await paysAndWaits(world, life)
}

const ways: readonly (readonly [string, People, JobMode, Partial<Awaited<ReturnType<typeof summary>>>])[] = [
  [
    'MODE-02: a tracked job, paid, run, settled',
    paysAndWaits,
    'tracked',
    { state: 'settled', transactions: ['complete ok', 'fund ok', 'start ok'], usedSeconds: RUN_SECONDS },
  ],
  [
    'MODE-03: an untracked job, paid, run, settled, forgotten',
    paysAndWaits,
    'untracked',
    { state: 'settled', transactions: ['complete ok', 'fund ok', 'start ok'], usedSeconds: RUN_SECONDS },
  ],
  [
    'CHAIN-02: paid twice: the first runs, the second goes back',
    paysTwice,
    'untracked',
    { state: 'settled', deposits: ['refunded', 'settled'], transactions: ['cancel ok', 'complete ok', 'start ok'] },
  ],
  [
    'CHAIN-02: given up and paid at once: the deposit goes back',
    paysAndCancels,
    'untracked',
    { state: 'cancelled', deposits: ['refunded'], transactions: ['cancel ok'] },
  ],
  [
    'CHAIN-02: stopped before a runner had it: nothing is charged',
    paysAndStops,
    'untracked',
    { state: 'settled', usedSeconds: 0, transactions: ['complete ok', 'fund ok', 'start ok'] },
  ],
]

describe.each(ways)('%s', (_, people, mode, wanted) => {
  test('whichever write is the last of its process', async () => {
    const whole = await play({ people, mode })
    const end = await summary(whole)
    expect(end).toMatchObject({ ...wanted, jobs: 1, sessions: 0, untrackedTokens: 0, plainBlobs: [], reservations: {} })
    expect(end.money.in).toBe(end.money.toSellers + end.money.back)
    const settled = [...whole.router.deposits.values()].filter(({ status }) => status === 'settled')
    expect(end.money.toSellers).toBe(settled.reduce((sum, { terms }) => sum + owedOf(terms, end.usedSeconds ?? -1), 0n))

    const writes = whole.disk.writes()
    expect(writes).toBeGreaterThan(20)
    for (let crashAt = 1; crashAt <= writes; crashAt++) {
      // Both sides of every write where most of it happens, by turns elsewhere.
      const sides = mode === 'tracked' ? SIDES : SIDES.slice(crashAt % 2, (crashAt % 2) + 1)
      for (const side of sides) {
        const crashed = await play({ people, mode, crash: { crashAt, side } }).then(summary, (error: unknown) => ({
          error,
        }))
        expect({ crashAt, side, ...crashed }).toEqual({ crashAt, side, ...end })
      }
    }
  })
})
