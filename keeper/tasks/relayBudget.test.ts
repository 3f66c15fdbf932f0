// The day's gas as a bound: fundings that come at once, fees that rise, and a process that dies anywhere.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Job } from '../../core/jobs/job.ts'
import { relayState } from '../../core/jobs/relayDay.ts'
import { createKeyedQueue } from '../../core/keyedQueue.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Intent } from '../tx/intent.ts'
import { fundJob } from './fundJobs.ts'
import { countRelayGas } from './relayBudget.ts'
import { createTestKeeper, FEE_CAP_WEI } from './testKeeper.ts'

type Bench = Awaited<ReturnType<typeof createTestKeeper>>
const GAS = 250_000n

const benchOf = (relayDailyGasWei: bigint) => createTestKeeper({ relayDailyGasWei, gpuCount: 100 })

async function payingJobs(bench: Bench, count: number): Promise<Job[]> {
  const jobs: Job[] = []
  for (let n = 0; n < count; n++) {
    const answer = await bench.shop.pays(await bench.shop.signed())
    if (!answer.ok) throw new Error(answer.why)
    jobs.push(answer.job)
  }
  return jobs
}

const funds = async (bench: Bench, { ref }: Job, keeper = bench.keeper) => {
  const doc = await bench.shop.context.jobs.get(ref)
  return doc && fundJob(keeper, doc)
}

test('of fundings at once one is sent; the next when what it costs is known, and none beyond the limit', async () => {
  // Room for one at the highest fee, and for two at the fee that is paid.
  const bench = await benchOf(GAS * FEE_CAP_WEI + 2n)
  const jobs = await payingJobs(bench, 4)
  const all = () => Promise.all(jobs.map((job) => funds(bench, job)))
  await all()
  expect(await bench.intentIds()).toHaveLength(1)
  const [first = ''] = await bench.intentIds()
  // Sent, at the highest bid all of the day's gas is reserved.
  await bench.spends(first, { state: 'sent', gasLimit: GAS, maxFeePerGas: 1n })
  await all()
  expect(await bench.intentIds()).toHaveLength(1)
  await bench.spends(first, { state: 'final', feeWei: (GAS * FEE_CAP_WEI) / 2n })
  await all()
  expect(await bench.intentIds()).toHaveLength(2)
  // The last one cost more than expected: nobody else is paid for, and the pages say so.
  for (const id of await bench.intentIds()) await bench.spends(id, { state: 'final', feeWei: (GAS * FEE_CAP_WEI) / 2n })
  await countRelayGas(bench.keeper)
  expect(await relayState(bench.shop.context)).toBe('spent')
  await all()
  expect(await bench.intentIds()).toHaveLength(2)
  const states = await Promise.all(jobs.map(async ({ ref }) => (await bench.shop.jobOf(ref)).state))
  expect(states.toSorted()).toEqual(['paying', 'paying', 'signed', 'signed'])
})

test('one that cannot be signed holds nobody up for long', async () => {
  const bench = await benchOf(10n ** 9n)
  const [stuck, other] = await payingJobs(bench, 2)
  if (!stuck || !other) throw new Error('no jobs')
  await funds(bench, stuck)
  await funds(bench, other)
  expect(await bench.intentIds()).toHaveLength(1)
  await bench.clock.tick(10_001)
  await funds(bench, other)
  expect(await bench.intentIds()).toHaveLength(2)
})

const JOBS = 6
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('fund' as const), which: fc.subarray([0, 1, 2, 3, 4, 5]) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('sign' as const),
      gas: fc.bigInt(1n, 2n * GAS),
      fee: fc.bigInt(1n, FEE_CAP_WEI),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('bump' as const), fee: fc.bigInt(1n, FEE_CAP_WEI) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('mine' as const), percent: fc.bigInt(30n, 100n) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuse' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), which: fc.nat(5), stored: fc.boolean() }) },
)

test('whatever comes at once and wherever it dies, the day costs at most limit + what one cost more than was reserved', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.bigInt(0n, 8n), async (steps, fees) => {
      const limit = (fees * GAS * FEE_CAP_WEI) / 2n
      const bench = await benchOf(limit)
      const jobs = await payingJobs(bench, limit === 0n ? 0 : JOBS)
      let keeper = bench.keeper
      let nonce = 0
      const reserved = new Map<string, bigint>()
      const docs = () => keeper.intents.list()

      /** What is let through is reserved for with at least the gas at the fee bid last. */
      async function noteNew(): Promise<void> {
        const all = await docs()
        const bids = all.flatMap(({ value }) => value.versions.slice(-1)).toSorted((a, b) => a.nonce - b.nonce)
        for (const { id } of all) if (!reserved.has(id)) reserved.set(id, GAS * (bids.at(-1)?.maxFeePerGas ?? 0n))
      }
      const changeFirst = async (wants: Intent['state'], change: (intent: Intent) => Partial<Intent>) => {
        const doc = (await docs()).find(({ value }) => value.state === wants)
        if (!doc) return
        await updateDocument({ collection: keeper.intents, id: doc.id, change: (now) => ({ ...now, ...change(now) }) })
      }
      const signed = (fee: bigint, at: number) => ({
        nonce: at,
        hash: bench.sentHash,
        raw: bench.sentHash,
        maxFeePerGas: fee,
        maxPriorityFeePerGas: 0n,
        signedAtMs: 0,
      })

      for (const one of steps) {
        await bench.clock.tick(1)
        if (one.kind === 'fund')
          await Promise.all(one.which.flatMap((n) => (jobs[n] ? [funds(bench, jobs[n], keeper)] : [])))
        if (one.kind === 'sign') {
          const version = signed(one.fee, nonce++)
          await changeFirst('planned', () => ({ state: 'sent', gasLimit: one.gas, versions: [version] }))
        }
        if (one.kind === 'bump')
          await changeFirst('sent', ({ versions }) => {
            const last = versions.at(-1)
            return last && one.fee > last.maxFeePerGas ? { versions: [...versions, signed(one.fee, last.nonce)] } : {}
          })
        if (one.kind === 'mine')
          await changeFirst('sent', ({ versions, gasLimit = 0n }) => {
            const feeWei = (gasLimit * (versions.at(-1)?.maxFeePerGas ?? 0n) * one.percent) / 100n
            const { sentHash: hash } = bench
            const mined = { hash, blockNumber: 1n, blockHash: hash, status: 'success', gasUsed: 1n, feeWei } as const
            return { state: 'final', mined }
          })
        if (one.kind === 'refuse')
          await changeFirst('planned', () => ({ state: 'failed', failure: { code: 'QuoteExpired', text: '' } }))
        if (one.kind === 'crash') {
          const { relay } = keeper
          const dying = {
            ...keeper,
            relay: {
              async submit(call: Parameters<typeof relay.submit>[0]) {
                if (one.stored) await relay.submit(call)
                throw new Error('killed')
              },
            },
          }
          const job = jobs[one.which]
          if (job) await funds(bench, job, dying).catch(() => {})
          keeper = { ...keeper, turns: createKeyedQueue() }
        }
        await noteNew()
        const all = await docs()
        const costs = all.map(({ value }) => value.mined?.feeWei ?? 0n)
        const excess = all.map(({ id }, n) => (costs[n] ?? 0n) - (reserved.get(id) ?? 0n))
        const worst = excess.toSorted((a, b) => Number(b - a))[0] ?? 0n
        expect(costs.reduce((total, wei) => total + wei, 0n)).toBeLessThanOrEqual(limit + worst)
      }
    }),
    { numRuns: 60 },
  )
})
