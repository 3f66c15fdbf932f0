// Ends quotes that ran out unpaid: the decision is saved all the same, the capacity is free again.

import type { Job } from '../../core/jobs/job.ts'
import { sealJob } from '../../core/jobs/sealJob.ts'
import { transition } from '../../core/jobs/transitions.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { release } from '../../core/supply/reserve.ts'
import type { KeeperContext } from './keeper.ts'

const LOOK_AT_CHAIN_MS = 2_000

/** One unpaid job: wait for its quote to run out, then let it lapse. */
export async function expireJob(
  keeper: Pick<KeeperContext, 'context' | 'chainReadSeconds'>,
  doc: Stored<Job>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { context } = keeper
  const { terms } = doc.value
  const waitMs = (doc.value.quoteExpiresAtMs ?? 0) - context.clock.now()
  if (waitMs > 0) return Math.min(waitMs, 60_000)
  // A payment in time may be in a block that is not final yet, or that came while this process was down.
  if (terms && BigInt(await keeper.chainReadSeconds(signal)) <= terms.fundBy) return LOOK_AT_CHAIN_MS
  if (!doc.value.record) await sealJob({ context, ref: doc.id })
  const stored = await updateDocument({
    collection: context.jobs,
    id: doc.id,
    change: (job) => (job.state === doc.value.state ? transition(job, 'lapse', { trouble: undefined }) : undefined),
  })
  if (stored?.value.listingId)
    await release({ listings: context.listings, listingId: stored.value.listingId, ref: doc.id })
  return undefined
}
