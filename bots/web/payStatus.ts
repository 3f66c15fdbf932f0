// How far a payment has come, in words for the payer.
import { payRefusal } from '../../core/jobs/issueTerms.ts'
import type { Job, JobState } from '../../core/jobs/job.ts'
import { usdc } from '../views/words.ts'
import type { PayPhase, StatusAnswer } from './messages.ts'

const AFTER_PAYMENT: Partial<Record<JobState, string>> = {
  funded: 'The job starts next.',
  starting: 'The job is being started.',
  active: 'The job waits for the seller’s machine.',
  running: 'The job is running.',
  finishing: 'The job has ended; its log and output are being stored.',
  settling: 'The job has ended; the seller is being paid and the rest returned.',
  cancelling: 'The job could not be started; the deposit is on its way back.',
}

/** State, phase, and one or two sentences. */
export function payStatus(job: Job, options: { nowMs: number; explorerTxUrl?: string | undefined }): StatusAnswer {
  const { explorerTxUrl } = options
  const txHash = job.settled?.txHash ?? job.refunded?.txHash ?? job.funded?.txHash
  return {
    state: job.state,
    ...phaseAndText(job, options.nowMs),
    ...(job.trouble && { trouble: job.trouble.text }),
    ...(txHash && { txHash }),
    ...(txHash && explorerTxUrl && { txUrl: explorerTxUrl.replace('{hash}', txHash) }),
  }
}

function phaseAndText(job: Job, nowMs: number): { phase: PayPhase; text: string } {
  if (job.state === 'scanning' || job.state === 'offered') {
    return { phase: 'closed', text: 'There is nothing to pay yet. Press Pay in the chat first, then reload this page.' }
  }
  if (job.state === 'refused') return { phase: 'closed', text: 'Nothing fitted, so there is nothing to pay.' }
  if (job.settled) {
    const { paidMicroUsd, feeMicroUsd, refundedMicroUsd } = job.settled
    return {
      phase: 'escrow',
      text: `Done: ${usdc(paidMicroUsd + feeMicroUsd)} charged, ${usdc(refundedMicroUsd)} returned to the refund address.`,
    }
  }
  if (job.refunded) {
    return {
      phase: 'escrow',
      text: `${job.refunded.why} ${usdc(job.refunded.refundedMicroUsd)} went back, nothing was charged.`,
    }
  }
  if (job.funded) {
    return {
      phase: 'escrow',
      text: `${usdc(job.funded.depositMicroUsd)} are in escrow. ${AFTER_PAYMENT[job.state] ?? ''}`.trimEnd(),
    }
  }
  const refused = payRefusal(job, nowMs)
  if (refused) return { phase: job.state === 'paying' ? 'paying' : 'closed', text: refused.why }
  return { phase: 'open', text: 'Not paid yet.' }
}
