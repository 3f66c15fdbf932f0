// Terms for one payer: the sealed order plus a refund address, signed by the quoter, with the capacity held meanwhile.
import { type Address, getAddress, isAddress, isAddressEqual, zeroAddress, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { signQuote } from '../escrow/quoteSignature.ts'
import { hashTerms, priceAssetKey, refKey, type Terms } from '../escrow/terms.ts'
import { createSalt } from '../ids.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { reserve } from '../supply/reserve.ts'
import type { JobsContext } from './context.ts'
import type { Job } from './job.ts'
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
    | 'too-many-terms'
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

// Everybody who has the link can ask for terms, so how often is bounded; a payer needs one or two.
const TERMS_PER_QUOTE = 20
const TERMS_PER_MINUTE = 5

/** Why a job in this state takes no payment; undefined when it does. */
export function payRefusal(job: Job, nowMs: number): Refusal | undefined {
  if (job.state !== 'ordered' && job.state !== 'signed') {
    return STATES[job.state] ?? refusal('already-paid', 'This job is paid already. No second payment is taken.')
  }
  // Seen in a block, by whatever way it was sent.
  if (job.paymentTx?.seenIn) return STATES.paying
  return (job.quoteExpiresAtMs ?? 0) <= nowMs ? STATES.lapsed : undefined
}

/** Why no other terms are signed now; undefined when they are. */
function tooManyTerms({ termsSignedAtMs = [] }: Job, nowMs: number): Refusal | undefined {
  if (termsSignedAtMs.length >= TERMS_PER_QUOTE) {
    return refusal(
      'too-many-terms',
      'Terms for this quote were asked for with too many refund addresses. No money moved. Use the address that you gave last, or ask again in the chat for a new quote.',
    )
  }
  if (termsSignedAtMs.filter((atMs) => atMs > nowMs - 60_000).length < TERMS_PER_MINUTE) return undefined
  return refusal(
    'too-many-terms',
    'The refund address was changed too often in a short time. No money moved. Wait a minute and try again.',
  )
}

/** The job behind a pay link. */
export async function findByLink(context: JobsContext, linkToken: string): Promise<Job | undefined> {
  return (await context.jobs.list({ index: 'link', key: linkToken }))[0]?.value
}

/** Signs the terms for a refund address; the same address again gets the same terms. */
export async function issueTerms(options: {
  context: JobsContext
  linkToken: string
  refundTo: string
}): Promise<{ ok: true; job: Job; terms: Terms } | Refusal> {
  const { context, linkToken, refundTo } = options
  const { clock, escrow } = context
  const found = await findByLink(context, linkToken)
  if (!found) return refusal('unknown-link', 'There is no such payment link.')
  const refused = payRefusal(found, clock.now())
  if (refused) return refused
  if (!isAddress(refundTo) || getAddress(refundTo) === zeroAddress) {
    return refusal(
      'bad-address',
      'This is no address on this chain: 0x and 40 hex digits, capitals as your wallet shows them. No money moved.',
    )
  }
  const address = getAddress(refundTo)
  if ([escrow.router, escrow.usdc].some((contract) => isAddressEqual(contract, address))) {
    return refusal(
      'bad-address',
      'This is a contract of the payment itself: what goes back there is lost. Give a wallet of yours. No money moved.',
    )
  }
  if (found.terms?.refundTo === address) return { ok: true, job: found, terms: found.terms }
  const tooMany = tooManyTerms(found, clock.now())
  if (tooMany) return tooMany
  // What is rented elsewhere cannot be held: who finds it gone gets the deposit back.
  if (!found.launch && !(found.listingId && (await hold(context, found, found.listingId)))) {
    return refusal(
      'no-capacity',
      'Somebody else took this capacity a moment ago. No money moved. Ask again in the chat.',
    )
  }
  const terms = termsOf(context, found, address)
  if (!terms) return refusal('not-payable', 'This job has no sealed decision to pay for. No money moved.')
  const { chainId, router, quoterKey } = escrow
  const quoteSignature = await signQuote({ terms, chainId, router, quoter: privateKeyToAccount(quoterKey) })
  const jobId = hashTerms({ terms, chainId, router })
  const stored = await updateDocument({
    collection: context.jobs,
    id: found.ref,
    change(job) {
      const nowMs = clock.now()
      if (payRefusal(job, nowMs) || tooManyTerms(job, nowMs)) return undefined
      const termsSignedAtMs = [...(job.termsSignedAtMs ?? []), nowMs]
      return transition(job, 'sign', { terms, quoteSignature, jobId, termsSignedAtMs })
    },
  })
  return stored
    ? { ok: true, job: stored.value, terms }
    : refusal('not-payable', 'This job changed a moment ago. No money moved. Reload the page.')
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

function termsOf(context: JobsContext, job: Job, refundTo: Address): Terms | undefined {
  const { record, selection, quoteExpiresAtMs, ref } = job
  if (!record || !selection || !quoteExpiresAtMs) return undefined
  const fundBy = BigInt(Math.floor(quoteExpiresAtMs / 1000))
  return {
    refundTo,
    provider: selection.payee,
    gpuCount: selection.gpuCount,
    pricePerHour: selection.usdPerHour,
    maxSeconds: selection.maxSeconds,
    minSeconds: selection.minSeconds,
    feeBps: selection.feeBps,
    fundBy,
    startBy: fundBy + BigInt(context.policy.startSeconds),
    decisionRoot: record.root,
    decisionHash: record.hash,
    decisionLength: record.length,
    memberTag: job.user?.memberTag ?? zeroHash,
    tracked: job.mode === 'tracked',
    priceAsset: priceAssetKey(selection.priceAsset ?? 'USD'),
    tokenPrice: selection.tokenPrice ?? 0n,
    ref: refKey(ref),
    salt: createSalt(context.random),
  }
}
