// What a person may change while a decision stands open: the mode, another offer, or giving it up.
import { updateDocument } from '../store/updateDocument.ts'
import { release } from '../supply/reserve.ts'
import type { JobsContext } from './context.ts'
import { decideJob, routingPolicy } from './decideJob.ts'
import type { Job, JobMode } from './job.ts'
import { getMarketInput } from './marketInput.ts'
import { sellerNames } from './scanJob.ts'
import { sealJob } from './sealJob.ts'
import { transition } from './transitions.ts'

/** MODE-01: Tracked or Untracked, until the decision is sealed. Undefined: it is too late. */
export async function chooseMode(options: {
  context: JobsContext
  ref: string
  mode: JobMode
  /** Whose job it is from now on, nobody's without an id; not given: that stays. */
  team?: { readonly id: string | undefined } | undefined
}): Promise<Job | undefined> {
  const { context, ref, mode, team } = options
  const stored = await updateDocument({
    collection: context.jobs,
    id: ref,
    change(job) {
      if (job.state !== 'offered' || job.sealing) return undefined
      const { teamId: before, ...rest } = job
      const teamId = team ? team.id : before
      return { ...rest, mode, ...(teamId !== undefined && { teamId }) }
    },
  })
  return stored?.value
}

/** Takes another offer that fits; the card is made anew. Undefined: it does not fit, or it is too late. */
export async function pickOffer(options: {
  context: JobsContext
  ref: string
  offerId: string
}): Promise<Job | undefined> {
  const { context, ref, offerId } = options
  const job = (await context.jobs.get(ref))?.value
  const input = await getMarketInput(context.blobs, ref)
  if (!job || !input) return undefined
  const { card, decision } = decideJob({
    ask: job.ask,
    input,
    policy: routingPolicy(context.policy),
    pick: offerId,
    sellerNames: await sellerNames(context),
  })
  if (decision.selection !== offerId) return undefined
  const pick = decision.ranking[0] === offerId ? undefined : offerId
  const stored = await updateDocument({
    collection: context.jobs,
    id: ref,
    change: (now) => (now.state === 'offered' && !now.sealing ? { ...now, card, pick } : undefined),
  })
  return stored?.value
}

/** Gives the job up before it is paid; its decision is saved all the same. Undefined: it is paid, or over. */
export async function abandonJob(options: { context: JobsContext; ref: string }): Promise<Job | undefined> {
  const { context, ref } = options
  const open = (await context.jobs.get(ref))?.value
  // Sealed first: once it is over nobody knows any more who asked.
  if (open?.card && transition(open, 'abandon')) await sealJob({ context, ref })
  await updateDocument({ collection: context.jobs, id: ref, change: (job) => transition(job, 'abandon') })
  const job = (await context.jobs.get(ref))?.value
  if (job?.state !== 'cancelled') return undefined
  if (job.listingId) await release({ listings: context.listings, listingId: job.listingId, ref })
  return job
}
