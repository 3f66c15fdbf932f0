// Terms for one payer: the sealed order plus a refund address, signed by the quoter, with the capacity held meanwhile.
import type { Terms } from '../escrow/terms.ts'
import { createSalt } from '../ids.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { reserve } from '../supply/reserve.ts'
import type { JobsContext } from './context.ts'
import type { Job } from './job.ts'
import { readRefundAddress, signTerms } from './signTerms.ts'
import { transition } from './transitions.ts'

/** Why a step of paying was refused: what was wrong, that no money moved, what to do. */
export interface Refusal {
  readonly ok: false
  readonly code:
    | 'unknown-link'
    | 'bad-address'
    | 'bad-secrets'
    | 'expired'
    | 'already-paid'
    | 'not-payable'
    | 'no-capacity'
    | 'altered-terms'
    | 'bad-authorization'
    | 'wrong-chain'
    | 'wrong-amount'
    | 'relay-spent'
  readonly why: string
}

export const refusal = (code: Refusal['code'], why: string): Refusal => ({ ok: false, code, why })

const STATES: Partial<Record<Job['state'], Refusal>> = {
  lapsed: refusal('expired', 'This quote has run out. No money moved. Ask again in the chat for a new one.'),
  scanning: refusal(
    'not-payable',
    'This job is still being scanned for. No money moved. Wait for the offer in the chat.',
  ),
  offered: refusal('not-payable', 'This offer was not ordered yet. No money moved. Press Pay in the chat first.'),
  refused: refusal('not-payable', 'Nothing could be booked for this job. No money moved.'),
  cancelled: refusal('not-payable', 'This job was cancelled. No money moved.'),
  paying: refusal(
    'already-paid',
    'A payment for this job is on its way into escrow. Nothing more is needed, and no second payment is taken.',
  ),
}

/** Why a job in this state takes no payment; undefined when it does. */
export function payRefusal(job: Job, nowMs: number): Refusal | undefined {
  if (job.state !== 'ordered' && job.state !== 'signed') {
    return STATES[job.state] ?? refusal('already-paid', 'This job is paid already. No second payment is taken.')
  }
  // Seen in a block, by whatever way it was sent.
  if (job.paymentTx?.seenIn) return STATES.paying
  return (job.quoteExpiresAtMs ?? 0) <= nowMs ? STATES.lapsed : undefined
}

/** The job behind a pay link. */
export async function findByLink(context: JobsContext, linkToken: string): Promise<Job | undefined> {
  return (await context.jobs.list({ index: 'link', key: linkToken }))[0]?.value
}

/**
 * Signs the terms for a refund address. The job keeps the first ones; terms for other addresses are signed again whenever
 * they are asked for, and whichever are paid are the job's.
 */
export async function issueTerms(options: {
  context: JobsContext
  linkToken: string
  refundTo: string
}): Promise<{ ok: true; job: Job; terms: Terms } | Refusal> {
  const { context, linkToken, refundTo } = options
  const { clock } = context
  const found = await findByLink(context, linkToken)
  if (!found) return refusal('unknown-link', 'There is no such payment link.')
  const refused = payRefusal(found, clock.now())
  if (refused) return refused
  const read = readRefundAddress(context, refundTo)
  if ('why' in read) return refusal('bad-address', read.why)
  // What is rented elsewhere cannot be held: who finds it gone gets the deposit back. Held once, until the quote ends.
  if (!found.terms && !found.launch && !(found.listingId && (await hold(context, found, found.listingId)))) {
    return refusal(
      'no-capacity',
      'Somebody else took this capacity a moment ago. No money moved. Ask again in the chat.',
    )
  }
  const salt = found.terms?.salt ?? createSalt(context.random)
  const signed = await signTerms({ place: context, job: found, refundTo: read.address, salt })
  if (!signed) return refusal('not-payable', 'This job has no sealed decision to pay for. No money moved.')
  if (found.terms) return { ok: true, job: { ...found, ...signed }, terms: signed.terms }
  const stored = await updateDocument({
    collection: context.jobs,
    id: found.ref,
    change: (job) => (job.terms || payRefusal(job, clock.now()) ? undefined : transition(job, 'sign', signed)),
  })
  // Others were first, so theirs is the salt; or the job changed, and is judged by what it is now.
  return stored ? { ok: true, job: stored.value, terms: signed.terms } : issueTerms(options)
}

const hold = (context: JobsContext, job: Job, listingId: string) =>
  reserve({
    listings: context.listings,
    listingId,
    ref: job.ref,
    gpuCount: job.ask.gpuCount,
    untilMs: job.quoteExpiresAtMs ?? context.clock.now(),
    nowMs: context.clock.now(),
  })
