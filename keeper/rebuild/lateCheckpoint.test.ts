// A checkpoint of the lost keeper that is final only after the rebuild: the settlement never claims less than it paid.
import { expect, test } from 'vitest'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import { checkpointEvent, runner } from '../../core/jobs/testJobs.ts'
import { getUploaded } from '../../core/jobs/upload.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { settleJob } from '../tasks/settleJobs.ts'
import { createTestKeeper } from '../tasks/testKeeper.ts'
import { createLost, LOG, receiptOf } from './testLost.ts'

const FINAL_SECONDS = 3600
const LATE_SECONDS = 7200

/** A rebuilt job with one final checkpoint; its seller's key is known if `isHeard`. */
async function rebuilt(isHeard: boolean) {
  const lost = await createLost()
  if (isHeard) await lost.runs(await lost.starts())
  const job = await lost.starts()
  const startedAtSeconds = Math.floor(lost.clock.now() / 1000)
  await lost.checkpoints(job, FINAL_SECONDS)
  const { context } = await lost.rebuild(createMemoryStore())
  const bench = await createTestKeeper()
  bench.chain.nowSeconds = startedAtSeconds + LATE_SECONDS + 10
  const keeper = { ...bench.keeper, context }
  const now = async () => (await context.jobs.get(job.ref)) ?? expect.unreachable('no job')
  return {
    ...{ lost, job, bench, now, startedAtSeconds },
    comesLate: () => applyRouterEvent(context, checkpointEvent(job.terms, LATE_SECONDS)),
    /** Its runner says that it ran so long; the keeper hears it after `atSeconds`. */
    async handsIn(usedSeconds: number, atSeconds: number) {
      const desk = createRunnerDesk(context)
      await lost.clock.tick(atSeconds * 1000)
      await desk.log(runner.address, job.jobId, { offset: 0, bytes: LOG })
      const handed = await receiptOf(job.jobId, usedSeconds)
      expect(await desk.receipt(runner.address, job.jobId, handed)).toMatchObject({ ok: true })
    },
    async settles(turns = 3, meanwhile?: () => Promise<unknown>) {
      const insert: typeof context.uploads.insert = async (...upload) => {
        await meanwhile?.()
        return context.uploads.insert(...upload)
      }
      const own = { ...keeper, context: { ...context, uploads: { ...context.uploads, insert } } }
      for (let turn = 0; turn < turns; turn++) await settleJob(own, await now(), new AbortController().signal)
    },
    /** What the newest transaction completes with, once it is held against the stored evidence. */
    async completion(id: string) {
      const { evidence, usedSeconds = 0, jobId = '0x' } = (await now()).value
      const root = evidence?.root ?? '0x'
      const bytes = (await getUploaded({ ...context, root })) ?? expect.unreachable('no evidence')
      expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ usedSeconds })
      const data = encodeRouterCall({ verb: 'complete', id: jobId, usedSeconds, evidenceRoot: root })
      expect((await bench.keeper.intents.get(id))?.value.data).toBe(data)
      return usedSeconds
    },
  }
}

test('before anything is fixed of a run that goes on: its receipt over less is settled at the checkpoint', async () => {
  const { job, now, comesLate, handsIn, settles, completion } = await rebuilt(true)
  await comesLate()
  await handsIn(4000, LATE_SECONDS + 5)
  await settles()
  expect((await now()).value.state).toBe('settling')
  expect(await completion(`${job.jobId}:complete`)).toBe(LATE_SECONDS)
})

test('after the seconds were fixed, of a run that nobody is heard of: they are those of the checkpoint', async () => {
  const { job, now, comesLate, settles, completion } = await rebuilt(false)
  expect((await now()).value).toMatchObject({ state: 'finishing', usedSeconds: FINAL_SECONDS })
  await comesLate()
  await settles()
  expect(await completion(`${job.jobId}:complete`)).toBe(LATE_SECONDS)
})

test('while the evidence over less is being stored: that one is not settled with', async () => {
  const { job, now, comesLate, settles, completion } = await rebuilt(false)
  await settles(1, comesLate)
  expect((await now()).value).toMatchObject({ state: 'finishing', usedSeconds: LATE_SECONDS })
  await settles()
  expect(await completion(`${job.jobId}:complete`)).toBe(LATE_SECONDS)
})

test.each([true, false])(
  'after the settlement was sent, which the escrow refuses: it is sent with the checkpoint’s (a runner is heard: %s)',
  async (isHeard) => {
    const { lost, job, bench, now, comesLate, handsIn, settles, completion } = await rebuilt(isHeard)
    if (isHeard) await handsIn(3900, 4000)
    await settles()
    const first = `${job.jobId}:complete`
    expect(await completion(first)).toBe(isHeard ? 3900 : FINAL_SECONDS)
    const was = (await now()).value.evidence?.root
    await comesLate()
    expect((await now()).value).toMatchObject({ state: 'finishing' })
    await bench.ends(first, 'failed', 'UsedDecreased')
    await lost.clock.tick(60_000)
    await settles()
    expect((await now()).value).toMatchObject({ state: 'settling' })
    expect((await now()).value.evidence?.root).not.toBe(was)
    expect(await completion(`${first}:2`)).toBe(LATE_SECONDS)
  },
)

test('seconds are not fixed below the checkpoint while the latest block known is older than it', async () => {
  const { lost, job, bench, now, comesLate, handsIn, settles, completion, startedAtSeconds } = await rebuilt(true)
  await comesLate()
  await handsIn(4000, LATE_SECONDS + 5)
  bench.chain.nowSeconds = startedAtSeconds + LATE_SECONDS - 1
  await lost.clock.tick(60_000)
  await settles()
  expect((await now()).value).toMatchObject({ state: 'finishing' })
  bench.chain.nowSeconds = startedAtSeconds + LATE_SECONDS
  await settles()
  expect(await completion(`${job.jobId}:complete`)).toBe(LATE_SECONDS)
})
