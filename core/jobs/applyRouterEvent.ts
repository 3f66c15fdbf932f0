// What the chain says, applied to jobs: only final events move a job; each may be applied again without harm.
import { type Hex, hexToString } from 'viem'
import type { RouterEvent, RouterEventOf } from '../escrow/events.ts'
import { feeOf } from '../escrow/metering.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { release, reserve } from '../supply/reserve.ts'
import type { JobsContext } from './context.ts'
import { removePlainResults } from './evidence.ts'
import { isEnded, type Job } from './job.ts'
import { type JobEvent, transition } from './transitions.ts'

/** A deposit that must go back: funded, but not to be run. */
export interface CancelNeeded {
  readonly jobId: Hex
  readonly ref: string
  readonly why: string
}

/** The ref that terms carry, as people write it. */
export const refOf = (ref: Hex): string => hexToString(ref, { size: 32 }).replace(/\0+$/, '')

/** Applies one final event; answers the deposit that must go back, if it came to that. */
export async function applyRouterEvent(context: JobsContext, event: RouterEvent): Promise<CancelNeeded | undefined> {
  switch (event.name) {
    case 'JobFunded':
      return onFunded(context, event)
    case 'JobStarted':
      await move({
        context,
        jobId: event.id,
        event: 'activate',
        changes: () => ({ started: { txHash: event.at.transactionHash, atMs: event.startedAtMs } }),
      })
      return undefined
    case 'JobCheckpointed':
      return onCheckpointed(context, event)
    case 'JobSettled':
      return onEnded(context, event, 'settled')
    case 'JobRefunded':
    case 'JobExpired':
      return onEnded(context, event, 'refunded')
    case 'StopRequested': {
      const job = await byJobId(context, event.id)
      await updateDocument({
        collection: context.jobs,
        id: job?.ref ?? '',
        // The contract takes one such request only, so one that comes before the runner must not be lost.
        change: (now) => {
          if (isEnded(now)) return undefined
          return now.run ? { ...now, run: { ...now.run, stopRequested: true } } : { ...now, stopRequested: true }
        },
      })
      return undefined
    }
    default:
      return undefined
  }
}

const byJobId = async (context: JobsContext, jobId: Hex) =>
  (await context.jobs.list({ index: 'jobId', key: jobId }))[0]?.value

async function move(options: {
  context: JobsContext
  jobId: Hex
  event: JobEvent
  changes: (job: Job) => Partial<Job>
}): Promise<Job | undefined> {
  const { context, jobId, event, changes } = options
  const job = await byJobId(context, jobId)
  if (!job) return undefined
  const stored = await updateDocument({
    collection: context.jobs,
    id: job.ref,
    change: (now) => transition(now, event, { ...changes(now), trouble: undefined }),
  })
  return stored?.value
}

/** The first funded terms of a ref run; any other deposit for it goes back, as does one without capacity. */
async function onFunded(context: JobsContext, event: RouterEventOf<'JobFunded'>): Promise<CancelNeeded | undefined> {
  const ref = refOf(event.terms.ref)
  const cancel = (why: string): CancelNeeded => ({ jobId: event.id, ref, why })
  const job = (await context.jobs.get(ref))?.value
  if (!job) return cancel('No such job is known here.')
  if (job.funded) return job.jobId === event.id ? undefined : cancel('Another payment for this job came first.')
  if (isEnded(job)) {
    // A job that is over gives nothing back any more, so what a first try at this event reserved goes now.
    if (job.listingId) await release({ listings: context.listings, listingId: job.listingId, ref })
    return cancel('The job had ended when the payment came.')
  }
  // Only a store set back to an older state has such a job: what was signed since is not known here.
  if (!transition(job, 'fund')) return cancel('This job was not waiting for a payment.')
  const held =
    job.workload !== undefined && (job.launch !== undefined || (await hold(context, job, event.terms.gpuCount)))
  const stored = await updateDocument({
    collection: context.jobs,
    id: ref,
    change: (now) =>
      now.funded
        ? undefined
        : transition(now, 'fund', {
            terms: event.terms,
            jobId: event.id,
            trouble: undefined,
            paymentTx: undefined,
            // In the document, so that a restart right after this still sends the deposit back.
            cancelReason: held ? undefined : 'The capacity was gone when the payment came.',
            funded: {
              txHash: event.at.transactionHash,
              atMs: context.clock.now(),
              payer: event.payer,
              depositMicroUsd: event.depositMicroUsd,
              payout: event.payout,
            },
          }),
  })
  // It changed meanwhile: it is judged by what it is now.
  return stored ? undefined : onFunded(context, event)
}

/** Keeps the seller's GPUs for a paid job. */
const hold = async (context: JobsContext, { ref, listingId }: Job, gpuCount: number): Promise<boolean> =>
  listingId !== undefined &&
  (await reserve({ listings: context.listings, listingId, ref, gpuCount, nowMs: context.clock.now() }))

/** Mostly known before it was sent; a store made again or set back learns only here what the one before it had paid. */
async function onCheckpointed(context: JobsContext, event: RouterEventOf<'JobCheckpointed'>): Promise<undefined> {
  const job = await byJobId(context, event.id)
  const change = (now: Job) => paidUpTo(now, event.usedSeconds)
  await updateDocument({ collection: context.jobs, id: job?.ref ?? '', change })
  return undefined
}

/** The contract settles for no less than it paid, so what was fixed or even sent with less never happens and is fixed again. */
function paidUpTo(now: Job, paidSeconds: number): Job | undefined {
  const { run, usedSeconds: fixed } = now
  const isFixedTooLow = fixed !== undefined && fixed < paidSeconds
  const isNews = run !== undefined && (run.checkpointSeconds ?? 0) < paidSeconds
  if (isEnded(now) || !(isFixedTooLow || isNews)) return undefined
  if (!run) return meteredAgain(now, { usedSeconds: paidSeconds })
  const lastSeenAtMs = Math.max(run.lastSeenAtMs, run.acceptedAtMs + paidSeconds * 1000)
  const checkpointSeconds = Math.max(run.checkpointSeconds ?? 0, paidSeconds)
  const raised = { run: { ...run, lastSeenAtMs, checkpointSeconds } }
  if (!isFixedTooLow) return { ...now, ...raised }
  return meteredAgain(now, { ...raised, usedSeconds: undefined, meteredAtSeconds: undefined })
}

const meteredAgain = (now: Job, changes: Partial<Job>): Job =>
  transition(now, 'meterAgain', { ...changes, trouble: undefined }) ?? { ...now, ...changes }

async function onEnded(
  context: JobsContext,
  event: RouterEventOf<'JobSettled' | 'JobRefunded' | 'JobExpired'>,
  end: 'settled' | 'refunded',
): Promise<undefined> {
  const at = { txHash: event.at.transactionHash, atMs: context.clock.now() }
  await move({
    context,
    jobId: event.id,
    event: end,
    changes: (job) => {
      if (event.name === 'JobSettled') {
        // The event's own figures are of the last release; people want the job's.
        const feeMicroUsd = feeOf(event.paidMicroUsd, job.terms?.feeBps ?? 0)
        const paidMicroUsd = event.paidMicroUsd - feeMicroUsd
        return {
          usedSeconds: event.usedSeconds,
          settled: { ...at, paidMicroUsd, feeMicroUsd, refundedMicroUsd: event.refundedMicroUsd },
        }
      }
      const why =
        job.cancelReason ??
        (event.name === 'JobExpired' ? 'The job was never completed.' : 'The job did not start in time.')
      const paid = event.name === 'JobExpired' && { paidMicroUsd: event.paidMicroUsd }
      return { refunded: { ...at, refundedMicroUsd: event.refundedMicroUsd, ...paid, why } }
    },
  })
  // Not only when it ended just now: a crash may have come right after that was written.
  const ended = await byJobId(context, event.id)
  if (!ended || !isEnded(ended)) return undefined
  if (ended.listingId) await release({ listings: context.listings, listingId: ended.listingId, ref: ended.ref })
  await removePlainResults({ context, job: ended })
  return undefined
}
