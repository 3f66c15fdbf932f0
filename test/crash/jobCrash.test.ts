// The process dies at every single write of a job's way, right before it or right after; the next life comes to the same end.
import { describe, expect, test } from 'vitest'
import { actionTokens } from '../../bots/chat/actions.ts'
import { owedOf } from '../../core/escrow/metering.ts'
import { isEnded, type JobMode } from '../../core/jobs/job.ts'
import { sessions } from '../../core/jobs/session.ts'
import { otherPayer } from '../../core/jobs/testJobs.ts'
import { uploads } from '../../core/jobs/upload.ts'
import { listings } from '../../core/supply/listing.ts'
import { Crash } from './crashingStore.ts'
import { createJobWorld, type JobWorld, type Life, RUN_SECONDS } from './jobWorld.ts'

/** What people do in one turn; done again in the next life if it was cut off. */
type People = (world: JobWorld, life: Life) => Promise<void>

const MAX_TURNS = 60
const SIDES = ['before', 'after'] as const

/** Plays until the job is over and nothing is written any more; dies at most once on the way. */
async function play(people: People, mode: JobMode, crash: { crashAt?: number; side?: 'before' | 'after' } = {}) {
  const world = await createJobWorld(crash)
  world.says('tg:1001', 'job', `h100 x1 4h ${mode} run python zyzzyva-model.py --dataset xylophone`)
  let life = await world.begin()
  let quietTurns = 0
  for (let turn = 0; quietTurns < 2; turn++) {
    if (turn > MAX_TURNS) throw new Error(`stuck: ${JSON.stringify((await world.jobs()).map(({ state }) => state))}`)
    const before = world.disk.writes()
    try {
      await life.turn()
      await people(world, life)
      await life.work()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      await life.end()
      life = await world.begin()
      continue
    }
    await world.clock.tick(1_000)
    const jobs = await world.jobs()
    const isOver = jobs.length > 0 && jobs.every(isEnded)
    quietTurns = isOver && world.disk.writes() === before ? quietTurns + 1 : 0
  }
  await life.end()
  return world
}

async function summary(world: JobWorld) {
  const { inner, router } = world
  const [job] = await world.jobs()
  const files = (await inner.collection(uploads).list()).map((doc) => doc.value)
  const [listing] = await inner.collection(listings).list()
  return {
    jobs: (await world.jobs()).length,
    state: job?.state,
    usedSeconds: job?.usedSeconds,
    // Every effect once, each with its one transaction.
    transactions: world.ran.map(({ id, error }) => `${id.split(':')[1]} ${error ?? 'ok'}`).toSorted(),
    deposits: [...router.deposits.values()].map(({ status }) => status).toSorted(),
    money: { ...router.moved },
    files: files.map(({ kind, state }) => `${kind} ${state}`).toSorted(),
    inZeroG: world.puts.size,
    reservations: listing?.value.reservations,
    sessions: (await inner.collection(sessions).list()).length,
    untrackedTokens: job?.mode === 'untracked' ? (await inner.collection(actionTokens).list()).length : 0,
    plainBlobs: world.disk.blobNames().filter((name) => !name.startsWith('objects/')),
  }
}

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
    const whole = await play(people, mode)
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
        const crashed = await play(people, mode, { crashAt, side }).then(summary, (error: unknown) => ({ error }))
        expect({ crashAt, side, ...crashed }).toEqual({ crashAt, side, ...end })
      }
    }
  })
})
