// Checkpoints: what a long job is paid on the way, once per interval, and never taken back by the settlement.
import { decodeFunctionData } from 'viem'
import { beforeEach, expect, test } from 'vitest'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import { fundedEvent, runner, startedEvent } from '../../core/jobs/testJobs.ts'
import { usedSeconds } from '../../core/jobs/usedSeconds.ts'
import { intents } from '../tx/intent.ts'
import { checkpointInterval, checkpointJob } from './checkpointJobs.ts'
import { settleJob } from './settleJobs.ts'
import { createTestKeeper } from './testKeeper.ts'

let bench: Awaited<ReturnType<typeof createTestKeeper>>
beforeEach(async () => {
  bench = await createTestKeeper()
})

async function running() {
  const { context } = bench.shop
  const job = await bench.shop.signed()
  await applyRouterEvent(context, fundedEvent(job.terms))
  await applyRouterEvent(context, startedEvent(job.jobId, bench.clock.now()))
  const desk = createRunnerDesk(context)
  await desk.accept(runner.address, job.jobId)
  const doc = async () => (await context.jobs.get(job.ref)) ?? expect.unreachable('no job')
  return {
    job,
    doc,
    beat: () => desk.heartbeat(runner.address, job.jobId),
    checkpoint: async () => checkpointJob(bench.keeper, await doc(), new AbortController().signal),
  }
}

const sent = async (jobId: string) =>
  (await bench.shop.store.collection(intents).list())
    .filter(({ id }) => id.startsWith(`${jobId}:checkpoint:`))
    .map(({ value }) => decodeFunctionData({ abi: computeRouterAbi, data: value.data }))

test('every hour, or every tenth of a longer job', () => {
  expect([60, 14_400, 86_400, 864_000].map(checkpointInterval)).toEqual([3600, 3600, 8640, 86_400])
})

test('an hour that the keeper saw is released once, also when it asks again after a crash', async () => {
  const { job, beat, checkpoint, doc } = await running()
  await bench.clock.tick(3_599_000)
  await beat()
  await checkpoint()
  expect(await sent(job.jobId)).toEqual([])
  await bench.clock.tick(1_000)
  await beat()
  await checkpoint()
  await checkpoint()
  expect(await sent(job.jobId)).toEqual([{ functionName: 'checkpoint', args: [job.jobId, 3600] }])
  expect((await doc()).value.run?.checkpointSeconds).toBe(3600)
})

test('of a restored job what the chain had paid is not sent again; the next hour is', async () => {
  const { job, beat, checkpoint } = await running()
  await bench.shop.change(job.ref, (now) => ({
    ...now,
    restored: true as const,
    run: now.run && { ...now.run, checkpointSeconds: 3600 },
  }))
  await bench.clock.tick(3_700_000)
  await beat()
  await checkpoint()
  expect(await sent(job.jobId)).toEqual([])
  await bench.clock.tick(3_600_000)
  await beat()
  await checkpoint()
  expect(await sent(job.jobId)).toEqual([{ functionName: 'checkpoint', args: [job.jobId, 7200] }])
})

test('one that the contract refuses is sent again, ever later, until it is done', async () => {
  const { job, beat, checkpoint } = await running()
  const id = `${job.jobId}:checkpoint:3600`
  await bench.clock.tick(3_600_000)
  await beat()
  expect(await checkpoint()).toBe(10_000)
  await bench.ends(id, 'failed', 'EnforcedPause')
  expect(await checkpoint()).toBe(30_000)
  expect(await bench.intentIds()).toEqual([id])
  await bench.clock.tick(30_000)
  await checkpoint()
  expect(await bench.intentIds()).toEqual([id, `${id}:2`])
  await bench.ends(`${id}:2`, 'failed', 'EnforcedPause')
  expect(await checkpoint()).toBe(60_000)
  await bench.clock.tick(60_000)
  await checkpoint()
  await bench.ends(`${id}:3`, 'final')
  expect(await checkpoint()).toBeUndefined()
  expect(await bench.intentIds()).toEqual([id, `${id}:2`, `${id}:3`])
})

test('one that is refused because the job ended meanwhile is not sent again', async () => {
  const { job, beat, checkpoint } = await running()
  const id = `${job.jobId}:checkpoint:3600`
  await bench.clock.tick(3_600_000)
  await beat()
  await checkpoint()
  await bench.ends(id, 'failed', 'WrongStatus')
  bench.chain.status = 'expired'
  await bench.clock.tick(60_000)
  expect(await checkpoint()).toBe(10_000)
  expect(await bench.intentIds()).toEqual([id])
})

test('one that is refused where the start is not known yet, or was taken back, is sent again', async () => {
  const { job, beat, checkpoint } = await running()
  const id = `${job.jobId}:checkpoint:3600`
  await bench.clock.tick(3_600_000)
  await beat()
  await checkpoint()
  await bench.ends(id, 'failed', 'WrongStatus')
  bench.chain.status = 'funded'
  await bench.clock.tick(60_000)
  await checkpoint()
  expect(await bench.intentIds()).toEqual([id, `${id}:2`])
})

test('time that nobody saw is not released', async () => {
  const { job, checkpoint } = await running()
  await bench.clock.tick(2 * 3_600_000)
  await checkpoint()
  expect(await sent(job.jobId)).toEqual([])
})

test('a receipt that claims less than was paid on the way settles at what was paid', async () => {
  const { job, beat, checkpoint, doc } = await running()
  await bench.clock.tick(3_700_000)
  await beat()
  await checkpoint()
  await bench.shop.change(job.ref, (now) => ({ ...now, state: 'finishing' }))
  const receiptSeconds = 10
  const at = {
    startedAtSeconds: 0,
    chainNowSeconds: 9_999,
    maxSeconds: 14_400,
    acceptedAtMs: 0,
    lastSeenAtMs: 3_700_000,
  }
  expect(usedSeconds({ ...at, receiptSeconds, checkpointSeconds: (await doc()).value.run?.checkpointSeconds })).toBe(
    3600,
  )
  await settleJob(bench.keeper, await doc(), new AbortController().signal)
  expect((await doc()).value.usedSeconds).toBeGreaterThanOrEqual(3600)
})
