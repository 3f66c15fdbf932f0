// What the keeper tells of itself: how far the chain was read, and what its documents hold.
import { beforeEach, expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../core/health/metrics.ts'
import { createTestKeeper } from '../tasks/testKeeper.ts'
import { type ChainWatch, createChainWatch } from './chainWatch.ts'
import { countDocuments } from './countDocuments.ts'

let bench: Awaited<ReturnType<typeof createTestKeeper>>
let metrics: Metrics
let watch: ChainWatch
beforeEach(async () => {
  bench = await createTestKeeper()
  metrics = createMetrics()
  watch = createChainWatch({ clock: bench.clock, metrics, confirmations: 3 })
})
const faults = async () => (await Promise.all(watch.checks.map((check) => check.fault()))).filter(Boolean)
const figure = async (name: string) =>
  (await metrics.text()).split('\n').find((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))

test('not ready before the first reading, when the head stands, and far behind it', async () => {
  expect(await faults()).toEqual(['the escrow chain was not read yet', 'none were read yet'])
  watch.read({ head: 100n, nextBlock: 98n })
  expect(await faults()).toEqual([])
  expect(await figure('necto_chain_head_lag_blocks')).toBe('necto_chain_head_lag_blocks 3')
  await bench.clock.tick(59_000)
  watch.read({ head: 100n, nextBlock: 98n })
  expect(await faults()).toEqual([])
  await bench.clock.tick(1_000)
  expect(await faults()).toEqual(['no new block for 60 s'])
  expect(await figure('necto_chain_head_age_seconds')).toBe('necto_chain_head_age_seconds 60')
  watch.read({ head: 1_000n, nextBlock: 98n })
  expect(await faults()).toEqual(['900 blocks are still to be read'])
})

test('jobs, transactions and waiting files are counted when somebody reads, and name nobody', async () => {
  const { context } = bench.shop
  countDocuments({ context, intents: bench.keeper.intents, metrics })
  const job = await bench.shop.signed()
  await bench.keeper.agent.submit({ id: 'one', to: bench.keeper.router, data: '0x' })
  await bench.clock.tick(90_000)
  const text = await metrics.text()
  expect(text).toContain('necto_jobs{state="signed"} 1\n')
  expect(text).toContain('necto_jobs{state="settled"} 0\n')
  expect(text).toContain('necto_intents{state="planned"} 1\n')
  expect(text).toContain('necto_uploads_pending 1\n')
  expect(text).toContain('necto_uploads_oldest_seconds 90\n')
  for (const name of [job.ref, job.jobId, job.terms.refundTo, 'user', 'team']) expect(text).not.toContain(name)
})
