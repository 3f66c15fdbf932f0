// How far a payment has come, in words for the payer.
import { payRefusal } from '../../core/jobs/issueTerms.ts'
import type { Job, JobState } from '../../core/jobs/job.ts'
import { type RelayState, relayState } from '../../core/jobs/relayDay.ts'
import { refundText } from '../views/refundText.ts'
import { usdc } from '../views/words.ts'
import type { PayPhase, ProgressStep, StatusAnswer } from './messages.ts'
import type { WebOptions } from './webOptions.ts'

// Two blocks and a few rounds of the relay; whoever waits longer wants to know what else there is.
const SLOW_MS = 60_000

const AFTER_PAYMENT: Partial<Record<JobState, string>> = {
  funded: 'The job starts next.',
  starting: 'The job is being started.',
  active: 'The job waits for the seller’s machine.',
  running: 'The job is running.',
  finishing: 'The job has ended; its log and output are being stored.',
  settling: 'The job has ended; the seller is being paid and the rest returned.',
  cancelling: 'The job could not be started; the deposit is on its way back.',
}

interface Facts {
  readonly nowMs: number
  readonly explorerTxUrl?: string | undefined
  readonly relay: RelayState
  /** Blocks on top of a payment that was seen, its own counted, of those it takes. */
  readonly depth?: { readonly have: number; readonly need: number } | undefined
}

/** Reads what a status is made of, and makes it. */
export const createStatusOf =
  ({ context, chain, readHead }: WebOptions) =>
  async (job: Job): Promise<StatusAnswer> => {
    const seenIn = job.paymentTx?.seenIn
    const need = chain.confirmations ?? 1
    const head = seenIn && (await readHead?.().catch(() => undefined))
    const depth =
      seenIn && head !== undefined
        ? { have: Math.min(need, Math.max(1, Number(head - seenIn.number) + 1)), need }
        : undefined
    const relay = await relayState(context)
    return payStatus(job, { nowMs: context.clock.now(), explorerTxUrl: chain.explorerTxUrl, relay, depth })
  }

/** State, phase, and one or two sentences. */
export function payStatus(job: Job, facts: Facts): StatusAnswer {
  const { explorerTxUrl, nowMs, relay } = facts
  const txHash = job.settled?.txHash ?? job.refunded?.txHash ?? job.funded?.txHash ?? job.paymentTx?.txHash
  const { phase, text } = phaseAndText(job, nowMs)
  const isSlow = phase === 'paying' && !job.paymentTx && nowMs - (job.authorization?.receivedAtMs ?? nowMs) >= SLOW_MS
  return {
    state: job.state,
    phase,
    text: isSlow ? `${text} ${SLOW_TEXT}` : text,
    relay,
    ...(phase === 'paying' && { progress: progressOf(job, facts) }),
    ...(isSlow && { isSlow }),
    ...(job.trouble && { trouble: job.trouble.text }),
    ...(txHash && { txHash }),
    ...(txHash && explorerTxUrl && { txUrl: explorerTxUrl.replace('{hash}', txHash) }),
  }
}

const SLOW_TEXT =
  'It takes longer than usual: nothing has reached the chain yet. You may wait, or pay with your own gas; only one of the two can count.'

function progressOf({ authorization, paymentTx }: Job, { depth }: Facts): ProgressStep[] {
  const seen = paymentTx?.seenIn !== undefined
  const sent = paymentTx !== undefined
  const inEscrow = depth ? `In escrow: ${depth.have} of ${depth.need} confirmations` : 'In escrow'
  return [
    ...(authorization
      ? ([
          { state: 'done', text: 'Signed by you' },
          { state: sent ? 'done' : 'working', text: 'Sent to the chain by our relay, which pays the gas' },
        ] as const)
      : ([{ state: 'done', text: 'Sent to the chain by your wallet' }] as const)),
    { state: sent ? 'working' : 'waiting', text: seen ? inEscrow : 'In escrow' },
  ]
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
      text: refundText(job.refunded),
    }
  }
  if (job.funded) {
    return {
      phase: 'escrow',
      text: `${usdc(job.funded.depositMicroUsd)} are in escrow. ${AFTER_PAYMENT[job.state] ?? ''}`.trimEnd(),
    }
  }
  const refused = payRefusal(job, nowMs)
  if (refused) return { phase: refused.code === 'already-paid' ? 'paying' : 'closed', text: refused.why }
  return { phase: 'open', text: 'Not paid yet.' }
}
