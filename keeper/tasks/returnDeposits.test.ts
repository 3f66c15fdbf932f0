// Deposits without a job: sent back again after a refusal, until the escrow holds them no more.
import type { Hex } from 'viem'
import { beforeEach, expect, test } from 'vitest'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { fundedEvent } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { returnDeposit } from './returnDeposits.ts'
import { cancelDeposit } from './startJobs.ts'
import { createTestKeeper } from './testKeeper.ts'

const STRAY: Hex = `0x${'ab'.repeat(32)}`
const signal = new AbortController().signal

let bench: Awaited<ReturnType<typeof createTestKeeper>>
beforeEach(async () => {
  bench = await createTestKeeper()
  bench.chain.status = 'funded'
})

const look = async (id: string) =>
  returnDeposit(bench.keeper, (await bench.keeper.intents.get(id)) ?? expect.unreachable('no intent'), signal)

test('a refused one is sent again, ever later', async () => {
  const id = `${STRAY}:cancel`
  await cancelDeposit(bench.keeper, STRAY)
  await bench.ends(id, 'failed', 'EnforcedPause')
  expect(await look(id)).toBe(30_000)
  await bench.clock.tick(30_000)
  expect(await look(id)).toBe(10_000)
  expect(await bench.intentIds()).toEqual([id, `${id}:2`])
  await bench.ends(`${id}:2`, 'failed', 'EnforcedPause')
  expect(await look(id)).toBe(60_000)
  expect(await look(`${id}:2`)).toBeUndefined()
  await bench.clock.tick(60_000)
  await look(id)
  await bench.ends(`${id}:3`, 'final')
  expect(await look(id)).toBeUndefined()
  expect(await bench.intentIds()).toEqual([id, `${id}:2`, `${id}:3`])
})

test('one that somebody else sent back is left', async () => {
  const id = `${STRAY}:cancel`
  await cancelDeposit(bench.keeper, STRAY)
  await bench.ends(id, 'failed', 'WrongStatus')
  bench.chain.status = 'expired'
  await bench.clock.tick(30_000)
  expect(await look(id)).toBeUndefined()
  expect(await bench.intentIds()).toEqual([id])
})

test('a job’s own deposit, and transactions that send none back, are not its business', async () => {
  const job = await bench.shop.signed()
  await applyRouterEvent(bench.shop.context, fundedEvent(job.terms))
  await bench.shop.change(job.ref, (now) => transition(now, 'cancel'))
  await cancelDeposit(bench.keeper, job.jobId)
  await bench.ends(`${job.jobId}:cancel`, 'failed', 'EnforcedPause')
  await bench.keeper.agent.submit({ id: `${STRAY}:start`, to: bench.keeper.router, data: '0x' })
  await bench.ends(`${STRAY}:start`, 'failed', 'EnforcedPause')
  await bench.clock.tick(30_000)
  expect(await look(`${job.jobId}:cancel`)).toBeUndefined()
  expect(await look(`${STRAY}:start`)).toBeUndefined()
  expect(await bench.intentIds()).toEqual([`${STRAY}:start`, `${job.jobId}:cancel`].sort())
})
