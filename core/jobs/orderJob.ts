// The order: a sealed decision that can be paid for until its quote runs out, and where it will run.
import { createSalt } from '../ids.ts'
import type { Offer } from '../market/offer.ts'
import { recordSchema } from '../record/record.ts'
import { updateDocument } from '../store/updateDocument.ts'
import type { JobsContext } from './context.ts'
import { type Refusal, refusal } from './issueTerms.ts'
import type { Job } from './job.ts'
import { sealJob } from './sealJob.ts'
import { transition } from './transitions.ts'
import { getUploaded } from './upload.ts'

/** Seals the decision and makes the pay link live. */
export async function orderJob(options: {
  context: JobsContext
  ref: string
}): Promise<{ ok: true; job: Job } | Refusal> {
  const { context, ref } = options
  const job = (await context.jobs.get(ref))?.value
  if (!job) return refusal('unknown-link', 'This job is not known any more.')
  if (job.state !== 'offered') return refusal('not-payable', 'This job cannot be ordered now. No money moved.')
  if ((job.quoteExpiresAtMs ?? 0) <= context.clock.now()) {
    return refusal('expired', 'This quote has run out. No money moved. Send the command again for a fresh scan.')
  }
  if (!job.workload)
    return refusal('not-payable', 'There is nothing to run. No money moved. Send /job again with: run <command>.')
  if ((job.card?.choice?.totalUsd ?? 0n) < context.policy.minDepositMicroUsd) {
    return refusal(
      'not-payable',
      'This job is too small: the deposit must be at least $0.10. No money moved. Ask for more time.',
    )
  }
  const sealed = await sealJob({ context, ref })
  // After sealing, since until then the mode may change, and with it where the key belongs.
  if (sealed) await keepResultKey(context, sealed)
  const place = sealed && (await placeOf(context, sealed))
  const stored = await updateDocument({
    collection: context.jobs,
    id: ref,
    change: (now) => (now.record && now.selection && place ? transition(now, 'order', place) : undefined),
  })
  return stored
    ? { ok: true, job: stored.value }
    : refusal('not-payable', 'This decision could not be sealed. No money moved. Try again.')
}

/** A seller's listing, or a machine to be rented by the sealed offer; undefined when nobody is there to run it. */
async function placeOf(context: JobsContext, job: Job): Promise<Pick<Job, 'listingId' | 'launch'> | undefined> {
  const payee = job.selection?.payee
  if (payee === undefined) return undefined
  const [listing] = await context.listings.list({ index: 'payee', key: payee })
  if (listing) return { listingId: listing.id }
  const broker = (await context.brokers.get(payee))?.value
  const offer = await sealedOffer(context, job)
  if (broker?.state !== 'live' || !offer) return undefined
  const token = createSalt(context.random).slice(2)
  return { launch: { provider: broker.provider, offer, payout: broker.payout, token } }
}

/** The chosen offer as the record has it. */
async function sealedOffer(context: JobsContext, { record, selection }: Job): Promise<Offer | undefined> {
  const bytes = record && (await getUploaded({ ...context, root: record.root }))
  const { offers = [] } = bytes ? recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes))) : {}
  return offers.find(({ id }) => id === selection?.offerId)
}

/** The key of log and output: in the job when tracked, else in the session, which goes when the job ends. */
async function keepResultKey(context: JobsContext, job: Job): Promise<void> {
  const resultKey = createSalt(context.random)
  const keep = <T extends { resultKey?: string | undefined }>(now: T): T | undefined =>
    now.resultKey ? undefined : { ...now, resultKey }
  if (job.mode === 'tracked') await updateDocument({ collection: context.jobs, id: job.ref, change: keep })
  else await updateDocument({ collection: context.sessions, id: job.ref, change: keep })
}
