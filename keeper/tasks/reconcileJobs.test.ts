// The sweep that compares ledger and escrow: what differs for good is told and counted, what an event is missing to is mended.
import type { Hex } from 'viem'
import { beforeEach, expect, test } from 'vitest'
import type { JobRecord } from '../../core/escrow/jobRecord.ts'
import { createMetrics, type Metrics } from '../../core/health/metrics.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { fundedEvent, startedEvent } from '../../core/jobs/testJobs.ts'
import type { Log, LogFields } from '../../core/log.ts'
import { type ReconcileContext, reconcileJobs } from './reconcileJobs.ts'
import { createTestKeeper } from './testKeeper.ts'

const DEPOSIT = 2_000_000n
let bench: Awaited<ReturnType<typeof createTestKeeper>>
let metrics: Metrics
let told: LogFields[]
let again: Hex[]
let looks: number
/** What the chain says, by the number of the look. */
let records: (id: Hex, look: number) => Partial<JobRecord> | undefined
let totals: { lockedMicroUsd: bigint; creditsMicroUsd: bigint; balanceMicroUsd: bigint }
let block: bigint | undefined

beforeEach(async () => {
  bench = await createTestKeeper()
  metrics = createMetrics()
  told = []
  again = []
  looks = 0
  block = 50n
  records = () => undefined
  totals = { lockedMicroUsd: 0n, creditsMicroUsd: 0n, balanceMicroUsd: 0n }
})

async function sweep(): Promise<void> {
  const log = { error: (fields: LogFields) => void told.push(fields) } as Partial<Log> as Log
  const { jobs } = bench.shop.context
  const on: ReconcileContext = {
    context: { jobs, clock: bench.clock, log },
    metrics,
    async finalBlock() {
      looks++
      return block
    },
    readJob: async (id) => records(id, looks) as JobRecord | undefined,
    readTotals: async () => totals,
    applyAgain: async (job) => void again.push(job.jobId ?? '0x'),
  }
  const swept = reconcileJobs(on, new AbortController().signal)
  let isOver = false
  void swept.finally(() => {
    isOver = true
  })
  for (let i = 0; i < 50 && !isOver; i++) await bench.clock.tick(1_000)
  await swept
}
const figure = async (name: string) =>
  Number(
    (await metrics.text())
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  )

async function funded() {
  const job = await bench.shop.signed()
  const event = fundedEvent(job.terms)
  await applyRouterEvent(bench.shop.context, event)
  totals = { lockedMicroUsd: event.depositMicroUsd, creditsMicroUsd: 0n, balanceMicroUsd: event.depositMicroUsd }
  return { ...job, deposit: event.depositMicroUsd }
}

test('a ledger that is what the escrow holds: nothing is said, and one look is enough', async () => {
  const job = await funded()
  records = () => ({ status: 'funded', paidMicroUsd: 0n })
  await sweep()
  expect({ told, again, looks }).toEqual({ told: [], again: [], looks: 1 })
  expect(await figure('necto_ledger_locked_micro_usdc')).toBe(Number(job.deposit))
  expect(await figure('necto_escrow_locked_micro_usdc')).toBe(Number(job.deposit))
  expect(await figure('necto_reconcile_differences')).toBe(0)
})

test('what a checkpoint paid is locked no more', async () => {
  const job = await funded()
  await applyRouterEvent(bench.shop.context, startedEvent(job.jobId, bench.clock.now()))
  records = () => ({ status: 'active', paidMicroUsd: 500n })
  totals = { lockedMicroUsd: job.deposit - 500n, creditsMicroUsd: 7n, balanceMicroUsd: job.deposit - 493n }
  await sweep()
  expect(told).toEqual([])
})

test('a document behind the chain is told, counted, and mended by its events', async () => {
  const job = await funded()
  records = () => ({ status: 'active', paidMicroUsd: 0n })
  await sweep()
  expect(told).toEqual([
    expect.objectContaining({ msg: 'a job differs from the chain', ref: job.ref, document: 'funded', chain: 'active' }),
  ])
  expect(again).toEqual([job.jobId])
  expect(await figure('necto_reconcile_differences')).toBe(1)
})

test('a payment that nobody here saw is such a difference too', async () => {
  const job = await bench.shop.signed()
  records = () => ({ status: 'funded', paidMicroUsd: 0n })
  totals = { lockedMicroUsd: DEPOSIT, creditsMicroUsd: 0n, balanceMicroUsd: DEPOSIT }
  await sweep()
  expect(again).toEqual([job.jobId])
  expect(told.map(({ msg }) => msg)).toContain('the ledger is not what the escrow holds')
})

test('a document ahead of the chain is told and left for a person', async () => {
  await funded()
  records = () => undefined
  await sweep()
  expect(told[0]).toMatchObject({ msg: 'a job differs from the chain', chain: 'none', isMissed: false })
  expect(again).toEqual([])
})

test('what only the moment of the look made is nothing', async () => {
  await funded()
  records = (_, look) => ({ status: look === 1 ? 'active' : 'funded', paidMicroUsd: 0n })
  await sweep()
  expect({ told, again, looks }).toEqual({ told: [], again: [], looks: 2 })
})

test('too little USDC in the router is told', async () => {
  const job = await funded()
  records = () => ({ status: 'funded', paidMicroUsd: 0n })
  totals = { lockedMicroUsd: job.deposit, creditsMicroUsd: 1n, balanceMicroUsd: job.deposit }
  await sweep()
  expect(told.map(({ msg }) => msg)).toEqual(['the router holds less USDC than it owes'])
})

test('while there is much still to be read nothing is compared', async () => {
  await funded()
  block = undefined
  await sweep()
  expect(told).toEqual([])
})
