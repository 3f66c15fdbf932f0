// A store made again from the chain and 0G: what they hold is as it was, what they do not hold is not made up.
import type { Hex } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { hashTerms, refKey } from '../../core/escrow/terms.ts'
import { openCollections } from '../../core/jobs/context.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import type { Job } from '../../core/jobs/job.ts'
import { readDecision } from '../../core/jobs/readDecision.ts'
import {
  asker,
  fundedEvent,
  otherPayer,
  otherRunner,
  place,
  refundedEvent,
  runner,
  secretWorkload,
  settledEvent,
  startedEvent,
} from '../../core/jobs/testJobs.ts'
import { getUploaded } from '../../core/jobs/upload.ts'
import { createTestLauncher } from '../../core/launch/testLauncher.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { launchJob } from '../tasks/launchJobs.ts'
import { settleJob } from '../tasks/settleJobs.ts'
import { createTestKeeper } from '../tasks/testKeeper.ts'
import { readStories } from './jobStories.ts'
import { isWhole, rebuildReport } from './rebuildReport.ts'
import { CHECKPOINT_SECONDS, createLost, LOG, type Lost, RUN_SECONDS, receiptOf } from './testLost.ts'

let lost: Lost
let was: Awaited<ReturnType<Lost['everyState']>>
beforeAll(async () => {
  lost = await createLost()
  was = await lost.everyState()
})
const jobIn = (jobs: ReadonlyMap<string, Job>, { ref }: { ref: string }): Job => {
  const job = jobs.get(ref)
  if (!job) throw new Error(`no job ${ref}`)
  return job
}
const plain = (jobs: ReadonlyMap<string, Job>) => [...jobs.values()]

describe('everything there', () => {
  test('each job stands where the chain has it, with its terms, amounts, decision and evidence', async () => {
    const { jobs, rebuilt, context } = await lost.rebuild(createMemoryStore())
    expect(rebuilt).toMatchObject({ missing: [], left: [], kept: [], completed: [] })
    expect(jobs.size).toBe(8)
    for (const name of ['settled', 'untracked'] as const) {
      const before = await lost.shop.jobOf(was[name].ref)
      const after = jobIn(jobs, was[name])
      for (const key of [
        'ref',
        'state',
        'mode',
        'ask',
        'selection',
        'quoteExpiresAtMs',
        'terms',
        'jobId',
        'listingId',
        'usedSeconds',
        'evidence',
      ] as const)
        expect(after[key], key).toEqual(before[key])
      expect(after.record).toMatchObject({ root: before.record?.root, hash: before.record?.hash, sequence: 1 })
      expect(after.funded).toMatchObject({
        txHash: before.funded?.txHash,
        payer: before.funded?.payer,
        depositMicroUsd: 8_000_000n,
      })
      expect(after.settled).toEqual({ ...before.settled, atMs: after.settled?.atMs })
      expect(after.started).toEqual(before.started)
      expect(after.run).toMatchObject({ runner: runner.address, exitCode: 0 })
      expect(after.card?.choice).toMatchObject({
        usdPerHour: before.card?.choice?.usdPerHour,
        providerName: `Seller ${before.listingId}`,
      })
      expect(after.card?.comparison.map(({ verdict }) => verdict)).toEqual(
        before.card?.comparison.map(({ verdict }) => verdict),
      )
      expect((await readDecision({ context, job: after }))?.decision.selection).toBe(before.selection?.offerId)
      expect(await getUploaded({ ...context, root: before.evidence?.root as Hex })).toBeDefined()
    }
    expect(jobIn(jobs, was.cancelled)).toMatchObject({
      state: 'refunded',
      refunded: { refundedMicroUsd: 8_000_000n, why: expect.stringContaining('reason was lost') },
    })
    expect(jobIn(jobs, was.late).refunded?.why).toBe('The job did not start in time.')
    expect(jobIn(jobs, was.expired)).toMatchObject({
      state: 'refunded',
      refunded: { why: 'The job was never completed.', refundedMicroUsd: 6_000_000n, paidMicroUsd: 2_000_000n },
    })
    expect(jobIn(jobs, was.funded)).toMatchObject({
      state: 'cancelling',
      cancelReason: expect.stringContaining('was lost'),
    })
    expect(jobIn(jobs, was.running)).toMatchObject({
      state: 'running',
      run: { runner: runner.address, checkpointSeconds: CHECKPOINT_SECONDS, stopRequested: false, logBytes: 0 },
    })
    expect(jobIn(jobs, was.stopped)).toMatchObject({ state: 'running', run: { stopRequested: true } })
  })

  test('nobody and nothing that was lost is in it: no name, no chat, no workload, no key', async () => {
    const { jobs } = await lost.rebuild(createMemoryStore())
    for (const job of jobs.values()) {
      expect(job).not.toHaveProperty('user')
      expect(job).not.toHaveProperty('teamId')
      expect(job).not.toHaveProperty('workload')
      expect(job).not.toHaveProperty('resultKey')
      expect(job.restored).toBe(true)
    }
    const text = JSON.stringify(plain(jobs), (_, value) => (typeof value === 'bigint' ? String(value) : value))
    for (const secret of [asker.userId, asker.label, ...secretWorkload.command.slice(1)])
      expect(text).not.toContain(secret)
    // The salted tag is on chain and stays what it is.
    expect(jobIn(jobs, was.settled).terms?.memberTag).toBe(was.settled.terms.memberTag)
  })

  test('run twice it writes nothing the second time', async () => {
    const store = createMemoryStore()
    const first = await lost.rebuild(store)
    const second = await lost.rebuild(store)
    expect(plain(second.jobs)).toEqual(plain(first.jobs))
    expect(second.rebuilt).toMatchObject({ written: [], completed: [], left: [] })
    expect(second.rebuilt.kept).toHaveLength(8)
    // Our own copies are there again, so 0G is asked for nothing.
    expect(second.asked).toEqual([])
  })

  test('a document that no rebuild wrote is left alone', async () => {
    const store = createMemoryStore()
    const own = await lost.shop.jobOf(was.funded.ref)
    const { jobs } = openCollections(store)
    await jobs.insert(own.ref, own)
    const { rebuilt, jobs: after } = await lost.rebuild(store)
    expect(rebuilt.left.map(({ ref }) => ref)).toEqual([own.ref])
    expect(rebuilt.written).toHaveLength(7)
    expect(jobIn(after, was.funded)).toEqual(own)
  })

  test('a second payment of one ref is told, and makes no job', async () => {
    const twice = await createLost()
    const first = await twice.pays()
    const other = { ...first.terms, refundTo: otherPayer.address }
    await twice.says(fundedEvent(other))
    await twice.says(refundedEvent(other))
    const stories = readStories(twice.events)
    expect(stories.jobs.map(({ funded }) => funded.id)).toEqual([first.jobId])
    expect(stories.besides).toHaveLength(1)
    const { jobs, rebuilt } = await twice.rebuild(createMemoryStore())
    expect(jobs.size).toBe(1)
    const lines = rebuildReport({ rebuilt, stories, lockedMicroUsd: 8_000_000n, sellers: [] }).join('\n')
    expect(lines).toContain('1 further payment for the same jobs')
    expect(lines).toContain('8.00 USDC, which is what the router holds')
  })

  test('events without their payment mean that not all was read', async () => {
    const some = await createLost()
    const job = await some.starts()
    const stories = readStories(some.events.slice(1))
    expect(stories).toMatchObject({ jobs: [], unknown: [job.jobId] })
    const rebuilt = { written: [], completed: [], kept: [], left: [], missing: [] }
    expect(isWhole({ rebuilt, stories })).toBe(false)
    const lines = rebuildReport({ rebuilt, stories, lockedMicroUsd: 8_000_000n, sellers: [] }).join('\n')
    expect(lines).toContain('1 job paid before ROUTER_FROM_BLOCK')
    expect(lines).toContain('0.00 USDC by the events, and 8.00 by the router')
  })
})

describe('a job that had started', () => {
  test('its runner is heard again: log from the beginning, receipt accepted, a stranger refused', async () => {
    const { context, jobs } = await lost.rebuild(createMemoryStore())
    const { jobId, ref } = jobIn(jobs, was.running) as Job & { jobId: Hex }
    const desk = createRunnerDesk(context)
    expect(await desk.knows(runner.address)).toBe(true)
    expect(await desk.knows(otherRunner.address)).toBe(false)
    expect(await desk.heartbeat(otherRunner.address, jobId)).toMatchObject({ ok: false, code: 'unknown-job' })
    expect(await desk.next(runner.address)).toBeUndefined()
    expect(await desk.heartbeat(runner.address, jobId)).toEqual({ ok: true, value: { stop: false } })
    expect(await desk.log(runner.address, jobId, { offset: 5, bytes: LOG.slice(5) })).toMatchObject({
      value: { nextOffset: 0 },
    })
    await desk.log(runner.address, jobId, { offset: 0, bytes: LOG })
    const handed = await receiptOf(jobId, 4000)
    expect(await desk.receipt(runner.address, jobId, handed)).toEqual({ ok: true, value: {} })
    // Its answer was lost: once more is the same.
    expect(await desk.receipt(runner.address, jobId, handed)).toEqual({ ok: true, value: {} })
    expect((await context.jobs.get(ref))?.value).toMatchObject({
      state: 'finishing',
      run: { receipt: { receipt: { usedSeconds: 4000 } } },
    })
    expect(await desk.heartbeat(runner.address, jobIn(jobs, was.stopped).jobId as Hex)).toMatchObject({
      value: { stop: true },
    })
  })

  test('a receipt that its runner handed in stays when the rebuild is run again', async () => {
    const store = createMemoryStore()
    const { context, jobs } = await lost.rebuild(store)
    const { jobId, ref } = jobIn(jobs, was.running) as Job & { jobId: Hex }
    const desk = createRunnerDesk(context)
    await desk.log(runner.address, jobId, { offset: 0, bytes: LOG })
    expect(await desk.receipt(runner.address, jobId, await receiptOf(jobId, 4000))).toMatchObject({ ok: true })
    const ended = (await context.jobs.get(ref))?.value
    expect(ended).toMatchObject({ state: 'finishing', run: { receipt: {} } })
    expect(jobIn((await lost.rebuild(store)).jobs, was.running)).toEqual(ended)
  })

  test('without an earlier receipt of its seller it is settled at its last checkpoint', async () => {
    const first = await createLost()
    const job = await first.starts()
    await first.checkpoints(job, CHECKPOINT_SECONDS)
    const { jobs } = await first.rebuild(createMemoryStore())
    expect(jobIn(jobs, job)).toMatchObject({ state: 'finishing', usedSeconds: CHECKPOINT_SECONDS })
    expect(jobIn(jobs, job)).not.toHaveProperty('run')
  })

  test('the keeper settles it with exactly those seconds', async () => {
    const { keeper, intentIds } = await createTestKeeper()
    const first = await createLost()
    const job = await first.starts()
    await first.checkpoints(job, CHECKPOINT_SECONDS)
    const { context } = await first.rebuild(createMemoryStore())
    const own = { ...keeper, context }
    for (let turn = 0; turn < 3; turn++) {
      const doc = await context.jobs.get(job.ref)
      if (doc) await settleJob(own, doc, new AbortController().signal)
    }
    expect((await context.jobs.get(job.ref))?.value).toMatchObject({
      state: 'settling',
      usedSeconds: CHECKPOINT_SECONDS,
    })
    expect(await intentIds()).toEqual([`${job.jobId}:complete`])
  })

  test('on a rented machine: it is to be given back by the job’s id, and the seconds are those of the checkpoint', async () => {
    const { launcher, machines } = createTestLauncher()
    const rented = await createLost({ launcher })
    const job = await rented.starts()
    const waiting = await rented.pays()
    const { signal } = new AbortController()
    const { offer } = (await rented.shop.jobOf(job.ref)).launch ?? expect.unreachable('no machine')
    const order = { jobId: job.jobId, attempt: 1, offer, gpuCount: 1, ceilingUsdPerHour: job.terms.pricePerHour }
    await launcher.launch({ ...order, maxSeconds: 60, workload: secretWorkload, machineUrl: 'http://lost' }, signal)
    const { jobs, context } = await rented.rebuild(createMemoryStore())
    expect(jobIn(jobs, job)).toMatchObject({
      state: 'finishing',
      usedSeconds: 0,
      launch: {
        provider: launcher.provider,
        offer: { id: `${launcher.provider}:machine-1` },
        askedAtMs: rented.clock.now(),
      },
    })
    for (const gone of ['token', 'ref', 'closedAtMs']) expect(jobIn(jobs, job).launch).not.toHaveProperty(gone)
    // No machine was ever asked for.
    expect(jobIn(jobs, waiting)).toMatchObject({ state: 'cancelling', launch: { provider: launcher.provider } })
    expect(jobIn(jobs, waiting).launch).not.toHaveProperty('askedAtMs')

    const keeper = { context, startedAtMs: 0 }
    for (let turn = 0; turn < 3; turn++) {
      const doc = (await context.jobs.get(job.ref)) ?? expect.unreachable('no job')
      await launchJob({ keeper, launchers: [launcher], machinesUrl: '', memory: new Map() }, doc, signal)
    }
    expect(machines().map(({ isStopped }) => isStopped)).toEqual([true])
    expect((await context.jobs.get(job.ref))?.value.launch?.closedAtMs).toBeDefined()
  })
})

describe('0G does not have everything', () => {
  test('away altogether: every job stands all the same, it is told what is missing, and a later run completes them', async () => {
    const store = createMemoryStore()
    const away = await lost.rebuild(store, () => false)
    expect(away.jobs.size).toBe(8)
    expect(away.rebuilt.missing).toHaveLength(10)
    // After some silences in a row nobody is asked any more.
    expect(away.asked.length).toBeLessThan(10)
    expect(jobIn(away.jobs, was.settled)).toMatchObject({
      state: 'settled',
      usedSeconds: RUN_SECONDS,
      ask: { gpu: { family: 'unknown' }, gpuCount: 1 },
      record: { root: was.settled.terms.decisionRoot },
    })
    expect(jobIn(away.jobs, was.settled)).not.toHaveProperty('recordStored')
    // Its runner's key stands in evidence that could not be read.
    expect(jobIn(away.jobs, was.running).state).toBe('finishing')
    const stories = readStories(lost.events)
    const lines = rebuildReport({ rebuilt: away.rebuilt, stories, lockedMicroUsd: undefined, sellers: [] }).join('\n')
    expect(lines).toContain(`${was.settled.ref} evidence ${jobIn(away.jobs, was.settled).evidence?.root}`)
    expect(isWhole({ rebuilt: away.rebuilt, stories })).toBe(false)

    const later = await lost.rebuild(store)
    expect(later.rebuilt.completed).toHaveLength(8)
    expect(plain(later.jobs)).toEqual(plain((await lost.rebuild(createMemoryStore())).jobs))
  })

  test('other bytes under a root are refused and told', async () => {
    const root = was.settled.terms.decisionRoot
    const { jobs, rebuilt } = await lost.rebuild(createMemoryStore(), (one) =>
      one === root ? new Uint8Array([1]) : true,
    )
    expect(rebuilt.missing).toMatchObject([
      { ref: was.settled.ref, what: 'decision', root, why: expect.stringContaining('length') },
    ])
    expect(jobIn(jobs, was.settled)).not.toHaveProperty('card')
  })

  test('another job’s decision and evidence are not taken for this one’s', async () => {
    const both = await createLost()
    const job = await both.starts()
    await both.runs(job)
    const terms = { ...job.terms, ref: refKey('ZZZZ-ZZZZ') }
    const evidenceRoot = (await both.shop.jobOf(job.ref)).evidence?.root ?? '0x'
    await both.says(fundedEvent(terms))
    await both.says(startedEvent(hashTerms({ terms, ...place }), both.clock.now()))
    await both.says({ ...settledEvent(terms, RUN_SECONDS), evidenceRoot })
    const { jobs, rebuilt } = await both.rebuild(createMemoryStore())
    expect(rebuilt.missing).toEqual([
      expect.objectContaining({ what: 'decision', why: `it is the decision of ${job.ref}` }),
      expect.objectContaining({ what: 'evidence', why: `it is the evidence of ${job.jobId}` }),
    ])
    const other = jobIn(jobs, { ref: 'ZZZZ-ZZZZ' })
    expect(other).toMatchObject({ state: 'settled', usedSeconds: RUN_SECONDS, evidence: { root: evidenceRoot } })
    for (const foreign of ['card', 'run', 'recordStored']) expect(other).not.toHaveProperty(foreign)
  })

  test('what the keeper did since then stays when the rest comes', async () => {
    const store = createMemoryStore()
    await lost.rebuild(store, () => false)
    const { jobs } = openCollections(store)
    const doc = await jobs.get(was.running.ref)
    if (!doc) throw new Error('no job')
    const evidence = { root: `0x${'ee'.repeat(32)}` } as const
    await jobs.put(doc, { ...doc.value, state: 'settling', evidence })
    const later = await lost.rebuild(store)
    expect(jobIn(later.jobs, was.running)).toMatchObject({
      state: 'settling',
      evidence,
      usedSeconds: CHECKPOINT_SECONDS,
      card: { choice: {} },
    })
    expect(jobIn(later.jobs, was.running)).not.toHaveProperty('run')
  })
})
