// The keeper's tasks on jobs, one by one: what each sends, waits for and gives up, also right after a crash.
import { beforeEach, describe, expect, test } from 'vitest'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import type { Job } from '../../core/jobs/job.ts'
import { fundedEvent, runner, startedEvent, stopEvent } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { expireJob } from './expireJobs.ts'
import { listSeller } from './listSellers.ts'
import { settleJob } from './settleJobs.ts'
import { startJob } from './startJobs.ts'
import { createTestKeeper } from './testKeeper.ts'
import { watchJob } from './watchJobs.ts'

const signal = new AbortController().signal
type Bench = Awaited<ReturnType<typeof createTestKeeper>>
let bench: Bench
beforeEach(async () => {
  bench = await createTestKeeper()
})
const docOf = async (ref: string) => {
  const doc = await bench.shop.context.jobs.get(ref)
  if (!doc) throw new Error('no job')
  return doc
}
const stateOf = async (ref: string) => (await docOf(ref)).value.state
const signed = () => bench.shop.signed()
async function paying(): Promise<Job> {
  const answer = await bench.shop.pays(await signed())
  if (!answer.ok) throw new Error(answer.why)
  return answer.job
}
async function funded() {
  const job = await signed()
  await applyRouterEvent(bench.shop.context, fundedEvent(job.terms))
  return job
}
async function active() {
  const job = await funded()
  await applyRouterEvent(bench.shop.context, startedEvent(job.jobId, bench.clock.now()))
  return job
}
const recordIsStored = (ref: string) =>
  bench.shop.change(ref, (job) => ({ ...job, recordStored: { txSeq: 1, atMs: bench.clock.now() } }))
const start = async (ref: string) => startJob(bench.keeper, await docOf(ref), signal)

describe('expireJob', () => {
  const expire = async (ref: string) => expireJob(bench.keeper, await docOf(ref), signal)

  test('an unpaid quote lapses when it ran out, with its decision saved and its capacity free', async () => {
    const job = await bench.shop.scans(await bench.shop.asks())
    expect(await expire(job.ref)).toBe(60_000)
    await bench.clock.tick(900_000)
    await expire(job.ref)
    expect((await docOf(job.ref)).value).toMatchObject({ state: 'lapsed', record: { sequence: 1 } })
  })

  test('terms that were paid in time, in a block not read yet, do not lapse', async () => {
    for (const job of [await signed(), await paying()]) {
      bench.chain.readSeconds = Number((await docOf(job.ref)).value.terms?.fundBy)
      await bench.clock.tick(24 * 3_600_000)
      expect(await expire(job.ref)).toBeGreaterThan(0)
      expect(['signed', 'paying']).toContain(await stateOf(job.ref))
      // The last second of the quote is read for good: nobody has paid.
      bench.chain.readSeconds += 1
      await expire(job.ref)
      expect(await stateOf(job.ref)).toBe('lapsed')
      expect(await bench.shop.reservations()).not.toHaveProperty(job.ref)
    }
  })
})

describe('startJob', () => {
  test('waits for the record, says so, and then starts once', async () => {
    const job = await funded()
    await start(job.ref)
    expect((await docOf(job.ref)).value.trouble?.code).toBe('record-not-stored')
    expect(await bench.intentIds()).toEqual([])
    await recordIsStored(job.ref)
    await start(job.ref)
    await start(job.ref)
    expect(await bench.intentIds()).toEqual([`${job.jobId}:start`])
    expect(await stateOf(job.ref)).toBe('starting')
  })

  test('a record stored right before a crash, the job not told: it starts all the same', async () => {
    const job = await funded()
    await updateDocument({
      collection: bench.shop.context.uploads,
      id: job.record?.root ?? '',
      change: (upload) => ({ ...upload, state: 'stored' as const, txSeq: 7 }),
    })
    await start(job.ref)
    expect((await docOf(job.ref)).value.recordStored).toMatchObject({ txSeq: 7 })
  })

  test('a start sent right before a crash is followed, not cancelled, however late it is', async () => {
    const job = await funded()
    await recordIsStored(job.ref)
    await start(job.ref)
    await bench.shop.change(job.ref, (now) => ({ ...now, state: 'funded' }))
    await bench.clock.tick(3_600_000)
    await start(job.ref)
    expect(await stateOf(job.ref)).toBe('starting')
  })

  test('CHAIN-02: too late, stopped, or without capacity: the deposit goes back, once', async () => {
    const late = await funded()
    await bench.clock.tick(2_700_000 - 10_000)
    await start(late.ref)
    expect((await docOf(late.ref)).value).toMatchObject({
      state: 'cancelling',
      cancelReason: expect.stringContaining('in time'),
    })
    await start(late.ref)
    await start(late.ref)
    expect(await bench.intentIds()).toEqual([`${late.jobId}:cancel`])
  })

  test('stopped before it started: the deposit goes back at once', async () => {
    const job = await funded()
    await recordIsStored(job.ref)
    await applyRouterEvent(bench.shop.context, stopEvent(job.terms))
    await start(job.ref)
    expect((await docOf(job.ref)).value).toMatchObject({
      state: 'cancelling',
      cancelReason: expect.stringContaining('stopped'),
    })
  })

  test('a start that the contract refuses leads to a refund when it is too late to try again', async () => {
    const job = await funded()
    await recordIsStored(job.ref)
    await start(job.ref)
    await bench.ends(`${job.jobId}:start`, 'failed', 'EnforcedPause')
    await start(job.ref)
    expect((await docOf(job.ref)).value).toMatchObject({ state: 'starting', trouble: { code: 'start-refused' } })
    expect(await bench.intentIds()).toEqual([`${job.jobId}:start`])
    await bench.clock.tick(30_000)
    await start(job.ref)
    expect(await bench.intentIds()).toEqual([`${job.jobId}:start`, `${job.jobId}:start:2`])
    await bench.ends(`${job.jobId}:start:2`, 'failed', 'EnforcedPause')
    await bench.clock.tick(3_600_000)
    await start(job.ref)
    expect(await stateOf(job.ref)).toBe('cancelling')
  })

  test('a start that is refused because the deposit went back meanwhile is no trouble, and is not sent again', async () => {
    const job = await funded()
    await recordIsStored(job.ref)
    await start(job.ref)
    await bench.ends(`${job.jobId}:start`, 'failed', 'WrongStatus')
    bench.chain.status = 'refunded'
    await bench.clock.tick(3_600_000)
    expect(await start(job.ref)).toBe(5_000)
    expect(await stateOf(job.ref)).toBe('starting')
    expect((await docOf(job.ref)).value.trouble).toBeUndefined()
    expect(await bench.intentIds()).toEqual([`${job.jobId}:start`])
  })

  test('a refund that the contract refuses is told', async () => {
    const job = await funded()
    await bench.shop.change(job.ref, (now) => transition(now, 'cancel'))
    await start(job.ref)
    await bench.ends(`${job.jobId}:cancel`, 'failed', 'EnforcedPause')
    bench.chain.status = 'funded'
    await start(job.ref)
    expect((await docOf(job.ref)).value.trouble?.code).toBe('refund-refused')
    await bench.clock.tick(30_000)
    await start(job.ref)
    expect(await bench.intentIds()).toEqual([`${job.jobId}:cancel`, `${job.jobId}:cancel:2`])
  })
})

describe('watchJob', () => {
  const watch = async (ref: string) => watchJob(bench.keeper, await docOf(ref))
  const taken = async () => {
    const job = await active()
    const desk = createRunnerDesk(bench.shop.context)
    await desk.accept(runner.address, job.jobId)
    return { job, beat: () => desk.heartbeat(runner.address, job.jobId) }
  }

  test('a job that nobody took ends after ten minutes, one that was stopped at once', async () => {
    const job = await active()
    await bench.clock.tick(599_000)
    expect(await watch(job.ref)).toBe(1_000)
    await bench.clock.tick(1_000)
    await watch(job.ref)
    expect(await stateOf(job.ref)).toBe('finishing')
    bench = await createTestKeeper()
    const stopped = await active()
    await applyRouterEvent(bench.shop.context, stopEvent(stopped.terms))
    await watch(stopped.ref)
    expect(await stateOf(stopped.ref)).toBe('finishing')
  })

  test('a silent runner has lost its job, one that beats keeps it until its time is over', async () => {
    const { job, beat } = await taken()
    for (let i = 0; i < 3; i++) {
      await bench.clock.tick(119_000)
      await beat()
      await watch(job.ref)
      expect(await stateOf(job.ref)).toBe('running')
    }
    await bench.clock.tick(120_000)
    await watch(job.ref)
    expect(await stateOf(job.ref)).toBe('finishing')
  })

  test('after a keeper was away, its runners are given time to be heard', async () => {
    const { job, beat } = await taken()
    await bench.clock.tick(3_600_000)
    const keeper = { ...bench.keeper, startedAtMs: bench.clock.now() }
    await watchJob(keeper, await docOf(job.ref))
    expect(await stateOf(job.ref)).toBe('running')
    await beat()
    expect(await watchJob(keeper, await docOf(job.ref))).toBe(60_000)
    await bench.clock.tick(120_000)
    await watchJob(keeper, await docOf(job.ref))
    expect(await stateOf(job.ref)).toBe('finishing')
  })
})

describe('settleJob', () => {
  const settle = async (ref: string) => settleJob(bench.keeper, await docOf(ref), signal)

  test('CHAIN-03: never taken: nothing is used, and it is completed once', async () => {
    const job = await active()
    await bench.shop.change(job.ref, (now) => transition(now, 'finish'))
    for (let i = 0; i < 3; i++) await settle(job.ref)
    expect((await docOf(job.ref)).value).toMatchObject({ state: 'settling', usedSeconds: 0 })
    expect(await bench.intentIds()).toEqual([`${job.jobId}:complete`])
  })

  test('the seconds stand as they were first written, whatever the clock says after a crash', async () => {
    const job = await active()
    const desk = createRunnerDesk(bench.shop.context)
    await desk.accept(runner.address, job.jobId)
    await bench.clock.tick(100_000)
    await desk.heartbeat(runner.address, job.jobId)
    bench.chain.nowSeconds = Math.floor(bench.clock.now() / 1000) - 40
    await bench.shop.change(job.ref, (now) => transition(now, 'finish'))
    await settle(job.ref)
    const { evidence, usedSeconds } = (await docOf(job.ref)).value
    expect(usedSeconds).toBe(60)
    // As if the process had died before the last write.
    await bench.shop.change(job.ref, ({ evidence: _, ...now }) => ({ ...now, state: 'finishing' }))
    bench.chain.nowSeconds += 40
    await settle(job.ref)
    expect((await docOf(job.ref)).value).toMatchObject({ state: 'settling', usedSeconds: 60, evidence })
    expect(await bench.shop.context.uploads.list({ index: 'ref', key: job.ref })).toHaveLength(2)
  })

  test('a settlement that the contract refuses is told, and sent again, ever later, one at a time', async () => {
    const job = await active()
    await bench.shop.change(job.ref, (now) => transition(now, 'finish'))
    await settle(job.ref)
    await settle(job.ref)
    const id = `${job.jobId}:complete`
    await bench.ends(id, 'failed', 'UsedAboveElapsed')
    expect(await settle(job.ref)).toBe(30_000)
    expect((await docOf(job.ref)).value).toMatchObject({ state: 'settling', trouble: { code: 'settle-refused' } })
    expect(await bench.intentIds()).toEqual([id])
    await bench.clock.tick(30_000)
    for (let i = 0; i < 3; i++) expect(await settle(job.ref)).toBe(1_000)
    expect(await bench.intentIds()).toEqual([id, `${id}:2`])
    const [first, second] = await Promise.all([id, `${id}:2`].map((one) => bench.keeper.intents.get(one)))
    expect(second?.value.data).toBe(first?.value.data)
    await bench.ends(`${id}:2`, 'failed', 'EnforcedPause')
    expect(await settle(job.ref)).toBe(60_000)
    for (let number = 3; number < 12; number++) {
      await bench.clock.tick(30 * 60_000)
      await settle(job.ref)
      await bench.ends(`${id}:${number}`, 'failed', 'EnforcedPause')
    }
    expect(await settle(job.ref)).toBe(30 * 60_000)
    expect(await bench.intentIds()).toHaveLength(11)
  })
})

describe('listSeller', () => {
  test('ONBOARD-09: approved is live once its registry entry is final, sent once', async () => {
    const { listings } = bench.shop.context
    const { id } = bench.shop.listing
    await updateDocument({
      collection: listings,
      id,
      change: (listing) => ({ ...listing, state: 'approved' as const }),
    })
    const list = async () => {
      const doc = await listings.get(id)
      if (doc) await listSeller(bench.keeper, doc)
      return (await listings.get(id))?.value.state
    }
    expect(await list()).toBe('approved')
    await bench.ends(`${id}:list`, 'failed', 'AccessControlUnauthorizedAccount')
    expect(await list()).toBe('approved')
    expect(await bench.intentIds()).toEqual([`${id}:list`])
    await bench.clock.tick(30_000)
    expect(await list()).toBe('approved')
    await bench.ends(`${id}:list:2`, 'final')
    expect(await list()).toBe('live')
    expect(await bench.intentIds()).toEqual([`${id}:list`, `${id}:list:2`])
  })
})
