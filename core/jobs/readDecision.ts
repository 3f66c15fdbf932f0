// A job's decision with every verdict: from what the scan brought while it is kept, then from the sealed record.
import type { Offer } from '../market/offer.ts'
import type { Priced } from '../pricing/quote.ts'
import { engines } from '../record/engines.ts'
import { recordSchema } from '../record/record.ts'
import type { Decision } from '../router/decide.ts'
import type { JobsContext } from './context.ts'
import { decideJob, routingPolicy } from './decideJob.ts'
import type { Job } from './job.ts'
import { getMarketInput, type MarketInput } from './marketInput.ts'
import { sellerNames } from './scanJob.ts'
import { getUploaded } from './upload.ts'

export interface ReadDecision {
  readonly decision: Decision
  readonly offers: readonly Offer[]
  readonly quotes: readonly Priced[]
  readonly providers: readonly (Pick<MarketInput['providers'][number], 'id' | 'outcome' | 'reason'> & {
    /** Offers of other GPU families, which a record only counts. */
    readonly otherFamilies?: number
  })[]
  /** Of sellers, by offer id. */
  readonly sellerNames: Readonly<Record<string, string>>
}

/** Undefined: nothing was decided yet, or it was given up before. */
export async function readDecision(options: { context: JobsContext; job: Job }): Promise<ReadDecision | undefined> {
  const { context, job } = options
  const names = await sellerNames(context)
  const input = job.record ? undefined : await getMarketInput(context.blobs, job.ref)
  if (input) {
    const policy = routingPolicy(context.policy)
    const { decision, quotes } = decideJob({ ask: job.ask, input, policy, pick: job.pick, sellerNames: names })
    return { decision, quotes, offers: input.offers, providers: input.providers, sellerNames: names }
  }
  // Sealing removes the input, perhaps since the job was read.
  const root = (job.record ?? (await context.jobs.get(job.ref))?.value.record)?.root
  const bytes = root && (await getUploaded({ ...context, root }))
  if (!bytes) return undefined
  const record = recordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  const result = engines[record.engine]?.(record)
  return (
    result && {
      decision: result.decision,
      quotes: record.quotes,
      offers: record.offers,
      providers: record.providers,
      sellerNames: names,
    }
  )
}
