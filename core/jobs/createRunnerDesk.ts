// The desk behind the sellers' REST interface: a runner sees its own jobs and moves them along.
import type { Hex } from 'viem'
import { isAddressEqual, sha256 } from 'viem'
import type { Collection, Stored } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { blindHash } from '../supply/blindHash.ts'
import type { Listing } from '../supply/listing.ts'
import { verifyReceipt } from '../supply/receiptSignature.ts'
import type { JobsContext } from './context.ts'
import { createIntake, done, newRun, notRunning, refuse } from './intake.ts'
import type { Job } from './job.ts'
import { readLog, readOutput } from './jobLog.ts'
import type { DeskAnswer, HandedReceipt, RunnerDesk, RunnerJob } from './runnerDesk.ts'
import { envOf } from './secrets.ts'
import { transition } from './transitions.ts'

/** What it is to run, without its secrets. */
export const toRunnerJob = (job: Job): RunnerJob | undefined =>
  job.jobId && job.workload
    ? { jobId: job.jobId, workload: job.workload.value, gpuCount: job.ask.gpuCount, maxSeconds: job.ask.maxSeconds }
    : undefined

const listingsOf = async (listings: Collection<Listing>, runner: Hex) =>
  (await listings.list({ index: 'runner', key: runner.toLowerCase() })).filter((doc) => doc.value.state === 'live')

/** Its listing is lost, so the run itself says whose it is. */
const isRestoredOf = ({ restored, run }: Job, runner: Hex): boolean =>
  restored === true && run !== undefined && isAddressEqual(run.runner, runner)

/** A RunnerDesk over the store. */
export function createRunnerDesk(context: JobsContext): RunnerDesk {
  const { jobs, listings, clock } = context
  const intake = createIntake(context)

  /** The runner's own job, or why it is none of its business; both look the same to a stranger. */
  async function own(runner: Hex, jobId: Hex): Promise<DeskAnswer<Stored<Job>>> {
    const doc = (await jobs.list({ index: 'jobId', key: jobId }))[0]
    const mine = (await listingsOf(listings, runner)).some((listing) => listing.id === doc?.value.listingId)
    return doc && (mine || isRestoredOf(doc.value, runner))
      ? done(doc)
      : refuse('unknown-job', 'This runner has no such job.')
  }

  const caller = (runner: Hex, jobId: Hex) => ({ key: jobId, find: () => own(runner, jobId) })

  return {
    knows: async (runner) =>
      (await listingsOf(listings, runner)).length > 0 ||
      (await jobs.list({ index: 'restoredRunner', key: runner.toLowerCase() })).length > 0,

    async next(runner) {
      for (const listing of await listingsOf(listings, runner)) {
        const waiting = (await jobs.list({ index: 'listing', key: listing.id }))
          .map((doc) => doc.value)
          .filter((job) => (job.state === 'active' && !job.stopRequested) || job.state === 'running')
          .sort((a, b) => (a.started?.atMs ?? 0) - (b.started?.atMs ?? 0))
        const job = waiting.map(toRunnerJob).find((one) => one !== undefined)
        if (job) return job
      }
      return undefined
    },

    async accept(runner, jobId) {
      const found = await own(runner, jobId)
      if (!found.ok) return found
      const nowMs = clock.now()
      const stored = await updateDocument({
        collection: jobs,
        id: found.value.id,
        change: (job) => (job.stopRequested ? undefined : transition(job, 'accept', { run: newRun(runner, nowMs) })),
      })
      const job = stored?.value ?? found.value.value
      const runnerJob = toRunnerJob(job)
      // Accepting again after a lost answer is the same acceptance.
      if (job.state !== 'running' || !job.run || !isAddressEqual(job.run.runner, runner) || !runnerJob) {
        return refuse('wrong-state', `This job cannot be taken: it is ${job.state}.`)
      }
      const env = await envOf(context, job.ref)
      return done(env ? { ...runnerJob, env } : runnerJob)
    },

    heartbeat: (runner, jobId) => intake.heartbeat(caller(runner, jobId)),
    log: (runner, jobId, chunk) => intake.log(caller(runner, jobId), chunk),
    output: (runner, jobId, bytes) => intake.output(caller(runner, jobId), bytes),

    receipt: (runner, jobId, signed) =>
      intake.inTurn(jobId, async () => {
        const found = await own(runner, jobId)
        if (!found.ok) return found
        const job = found.value.value
        if (job.run?.receipt) return done({})
        if (job.state !== 'running' || !job.run) return notRunning
        const fault = await receiptFault({ context, runner, jobId, signed, run: job.run })
        if (fault) return refuse('bad-receipt', fault)
        const nowMs = clock.now()
        const stored = await updateDocument({
          collection: jobs,
          id: found.value.id,
          change: (now) =>
            now.run &&
            transition(now, 'finish', { run: { ...now.run, receipt: signed, lastSeenAtMs: nowMs, endedAtMs: nowMs } }),
        })
        return stored ? done({}) : notRunning
      }),
  }
}

/** What is wrong with a receipt, in words; undefined when nothing is. */
async function receiptFault(options: {
  context: JobsContext
  runner: Hex
  jobId: Hex
  signed: HandedReceipt
  run: NonNullable<Job['run']>
}): Promise<string | undefined> {
  const { context, runner, jobId, signed, run } = options
  const { receipt, salt } = signed
  if (receipt.jobId !== jobId) return 'The receipt is of another job.'
  if (!(await verifyReceipt({ signed, runner, chainId: context.escrow.chainId })))
    return "The receipt is not signed by this runner's key."
  const log = await readLog({ blobs: context.blobs, jobId, chunks: run.logChunks })
  if (blindHash('log', { salt, hash: sha256(log) }) !== receipt.logHash)
    return `The log is not complete: ${log.length} bytes have arrived. Send the rest, then the receipt.`
  const output = await readOutput({ blobs: context.blobs, jobId })
  if (blindHash('output', { salt, hash: sha256(output) }) !== receipt.outputHash)
    return 'The output that arrived is not what the receipt says. Send it, then the receipt.'
  return undefined
}
