// Settlements sent together: which jobs a transaction holds, what gathers behind it, and what becomes of one it leaves out.
import { decodeFunctionData } from 'viem'
import { beforeEach, expect, test } from 'vitest'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { fundedEvent, settledEvent, startedEvent } from '../../core/jobs/testJobs.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { settleJob } from './settleJobs.ts'
import { createTestKeeper } from './testKeeper.ts'

type Bench = Awaited<ReturnType<typeof createTestKeeper>>
const signal = new AbortController().signal
const EVIDENCE = { root: `0x${'e1'.repeat(32)}` } as const
let bench: Bench
beforeEach(async () => {
  bench = await createTestKeeper({ gpuCount: 200 })
})

/** A job whose seconds and evidence stand, and for which nothing was sent yet. */
async function settling() {
  const job = await bench.shop.signed()
  await applyRouterEvent(bench.shop.context, fundedEvent(job.terms))
  await applyRouterEvent(bench.shop.context, startedEvent(job.jobId, bench.clock.now()))
  await bench.shop.change(job.ref, (now) => transition(now, 'finish'))
  await bench.shop.change(job.ref, (now) => transition(now, 'settle', { usedSeconds: 0, evidence: EVIDENCE }))
  return job
}
const several = async (count: number) => {
  const jobs = []
  for (let i = 0; i < count; i++) jobs.push(await settling())
  return jobs
}
async function settle(ref: string) {
  const doc = await bench.shop.context.jobs.get(ref)
  return doc?.value.state === 'settling' ? settleJob(bench.keeper, doc, signal) : undefined
}
const settleAll = (jobs: readonly { ref: string }[]) => Promise.all(jobs.map(({ ref }) => settle(ref)))
async function sent() {
  const docs = await bench.keeper.intents.list()
  return docs.map(({ id, value }) => {
    const { functionName, args } = decodeFunctionData({ abi: computeRouterAbi, data: value.data })
    const ids = functionName === 'completeMany' ? args[0].map((one) => one.id) : [args?.[0]]
    return { id, verb: functionName, ids, gas: value.gas }
  })
}
const ids = (jobs: readonly { jobId: string }[]) => jobs.map(({ jobId }) => jobId).toSorted()

test('CHAIN-03: one job that waits alone is sent at once, by itself', async () => {
  const [job] = await several(1)
  await settleAll([job as NonNullable<typeof job>])
  expect(await sent()).toMatchObject([{ verb: 'complete', id: `${job?.jobId}:complete` }])
})

test('CHAIN-03: several that wait go in one transaction, each in no other', async () => {
  const jobs = await several(7)
  for (let i = 0; i < 3; i++) await settleAll(jobs)
  const all = await sent()
  expect(all).toMatchObject([{ verb: 'completeMany', ids: ids(jobs) }])
  // Never estimated: the contract catches a job that runs out of gas.
  expect(all[0]?.gas).toBe(100_000n + 7n * 160_000n)
})

test('what comes while one is on its way gathers for the next', async () => {
  const [first, ...others] = await several(5)
  await settle(first?.ref ?? '').then(() => settleAll(others))
  // All five were there at the first look.
  expect(await sent()).toHaveLength(1)
  const later = await several(3)
  await settleAll(later)
  expect(await sent()).toHaveLength(1)
  await bench.ends((await sent())[0]?.id ?? '', 'mined')
  await settleAll(later)
  expect((await sent()).map((one) => one.ids)).toContainEqual(ids(later))
})

test('one that hangs holds up nobody for longer than two minutes', async () => {
  await settleAll(await several(1))
  const later = await several(2)
  await bench.clock.tick(119_000)
  await settleAll(later)
  expect(await sent()).toHaveLength(1)
  await bench.clock.tick(2_000)
  await settleAll(later)
  expect(await sent()).toHaveLength(2)
})

test('a hundred at most in one transaction, which stays below the gas that one may have', async () => {
  const jobs = await several(103)
  await settleAll(jobs)
  const [batch] = await sent()
  expect(batch?.ids).toHaveLength(100)
  expect(batch?.gas).toBeLessThan(2n ** 24n)
  await bench.ends(batch?.id ?? '', 'final')
  await settleAll(jobs)
  const rest = (await sent()).find(({ id }) => id !== batch?.id)
  expect(rest?.ids).toHaveLength(3)
  expect(new Set([...(batch?.ids ?? []), ...(rest?.ids ?? [])]).size).toBe(103)
})

test('a job that its batch left out is sent by itself once that is known, and refusals of it are told', async () => {
  const [bad, good] = await several(2)
  if (!bad || !good) throw new Error('no jobs')
  await settleAll([bad, good])
  const [batch] = await sent()
  await updateDocument({
    collection: bench.keeper.intents,
    id: batch?.id ?? '',
    change: (intent) => ({
      ...intent,
      state: 'final' as const,
      mined: { hash: bad.jobId, blockHash: bad.jobId, blockNumber: 50n, status: 'success' as const, gasUsed: 1n },
    }),
  })
  // The block is not read yet: both may well be settled.
  bench.chain.readBlock = 50n
  expect(await settle(bad.ref)).toBe(1_000)
  expect(await sent()).toHaveLength(1)
  await applyRouterEvent(bench.shop.context, settledEvent(good.terms, 0))
  bench.chain.readBlock = 51n
  await settleAll([bad, good])
  expect((await sent()).map(({ id }) => id)).toContain(`${bad.jobId}:complete`)
  expect(await sent()).toHaveLength(2)
  await bench.ends(`${bad.jobId}:complete`, 'failed', 'UsedAboveElapsed')
  expect(await settle(bad.ref)).toBe(30_000)
  expect((await bench.shop.jobOf(bad.ref)).trouble).toMatchObject({ code: 'settle-refused' })
})

test('a batch that the contract refuses whole is sent one by one', async () => {
  const jobs = await several(3)
  await settleAll(jobs)
  await bench.ends((await sent())[0]?.id ?? '', 'failed', 'EnforcedPause')
  await settleAll(jobs)
  const singles = (await sent()).filter(({ verb }) => verb === 'complete')
  expect(ids(singles.map(({ ids: [jobId] }) => ({ jobId: String(jobId) })))).toEqual(ids(jobs))
})
