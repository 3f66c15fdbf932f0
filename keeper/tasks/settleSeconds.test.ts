// The last seconds of a job: what the latest block is too old for is waited for, not lost to the seller.
import { expect, test } from 'vitest'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import { fundedEvent, runner, startedEvent } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { settleJob } from './settleJobs.ts'
import { createTestKeeper } from './testKeeper.ts'

/** A job that ran ten seconds and ended, with the chain as many seconds behind. */
async function ended(behindSeconds: number) {
  const bench = await createTestKeeper()
  const { context } = bench.shop
  const job = await bench.shop.signed()
  await applyRouterEvent(context, fundedEvent(job.terms))
  await applyRouterEvent(context, startedEvent(job.jobId, bench.clock.now()))
  const desk = createRunnerDesk(context)
  await desk.accept(runner.address, job.jobId)
  await bench.clock.tick(10_000)
  await desk.heartbeat(runner.address, job.jobId)
  const endedAtMs = bench.clock.now()
  await bench.shop.change(job.ref, (now) => transition(now, 'finish', now.run && { run: { ...now.run, endedAtMs } }))
  const blockAt = Math.floor(endedAtMs / 1000) - behindSeconds
  bench.chain.nowSeconds = blockAt
  const settle = async () => {
    const doc = await context.jobs.get(job.ref)
    return doc && settleJob(bench.keeper, doc, new AbortController().signal)
  }
  return { bench, settle, now: () => bench.shop.jobOf(job.ref) }
}

test('a block that is due soon is waited for, and then all is paid', async () => {
  const { bench, settle, now } = await ended(2)
  expect(await settle()).toBe(500)
  expect(await now()).toMatchObject({ state: 'finishing' })
  bench.chain.nowSeconds = Math.floor(bench.clock.now() / 1000)
  await settle()
  expect(await now()).toMatchObject({ state: 'settling', usedSeconds: 10 })
})

test('a chain that stands still is not waited for longer than half a minute', async () => {
  const { bench, settle, now } = await ended(2)
  await bench.clock.tick(29_000)
  expect(await settle()).toBe(500)
  await bench.clock.tick(1_000)
  await settle()
  expect(await now()).toMatchObject({ state: 'settling', usedSeconds: 8 })
})
