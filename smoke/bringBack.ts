// When it cannot go on: the deposit is asked back while there is somebody to send it, and where the money is gets said.
import type { JobsContext } from '../core/jobs/context.ts'
import { isEnded, type Job } from '../core/jobs/job.ts'
import { showUsd } from '../core/money.ts'
import { updateDocument } from '../core/store/updateDocument.ts'
import type { Story } from './story.ts'
import { type Limits, untilChanged } from './untilChanged.ts'

/** Whether money is, or may come to be, where only the escrow can give it back. */
export const isOpen = (job: Job | undefined): job is Job =>
  job !== undefined && !isEnded(job) && (job.funded !== undefined || job.authorization !== undefined)

/** Asks for a stop as the payer may on chain, and waits for the end of the job as long as the limits say. */
export async function bringBack(options: {
  context: JobsContext
  job: Job
  story: Story
  limits: Limits
}): Promise<void> {
  const { context, job, story, limits } = options
  const { jobs } = context
  await updateDocument({
    collection: jobs,
    id: job.ref,
    change: (now) =>
      isEnded(now)
        ? undefined
        : now.run
          ? { ...now, run: { ...now.run, stopRequested: true } }
          : { ...now, stopRequested: true },
  })
  const wait = `up to ${Math.ceil(limits.waitMs / 1000)} s`
  story.note(
    job.started
      ? `Stopping the job; what it did not use comes back (${wait})`
      : `Getting the deposit back (${wait}; Ctrl-C does not wait)`,
  )
  // What became of it stands in the job.
  await untilChanged({
    what: 'the deposit to come back',
    collection: jobs,
    limits,
    look: async () => (isOpen((await jobs.get(job.ref))?.value) ? undefined : true),
  }).catch(() => undefined)
}

/** Where the money of the job is, and who can move it. */
export function moneyText(job: Job | undefined): string {
  if (!job?.terms || (!job.authorization && !job.funded)) return 'No money moved.'
  const { terms, jobId } = job
  if (job.settled) {
    const { paidMicroUsd, feeMicroUsd, refundedMicroUsd } = job.settled
    return `It is settled: ${showUsd(paidMicroUsd + feeMicroUsd)} USDC charged, ${showUsd(refundedMicroUsd)} USDC went back to the payer.`
  }
  if (job.refunded)
    return `All ${showUsd(job.refunded.refundedMicroUsd)} USDC went back to the payer; nothing was charged.`
  if (isEnded(job)) return 'No money moved.'
  const startBy = new Date(Number(terms.startBy) * 1000).toISOString().slice(0, 16).replace('T', ' ')
  const back = `From ${startBy} UTC on anybody can send it back to ${terms.refundTo}: reclaim(${jobId}) on the router.`
  if (job.started)
    return `The deposit is in escrow and the job has started: what it used is charged, the rest comes back, at the latest by reclaim(${jobId}) 72 hours after the last paid second.`
  if (job.funded) return `The deposit of ${showUsd(job.funded.depositMicroUsd)} USDC is safe in escrow. ${back}`
  return `A signed authorization is on its way; it may still be used until the quote ends. Then the deposit is safe in escrow. ${back}`
}
