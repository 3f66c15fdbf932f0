// What a scan brought, kept beside the job until its decision is sealed.
import { z } from 'zod'
import { instantMs } from '../codecs.ts'
import { offerSchema } from '../market/offer.ts'
import { evidenceSchema } from '../market/provider.ts'
import { type Finished, notSetText } from '../market/scan.ts'
import { tokenPriceSchema } from '../pricing/tokenPrice.ts'
import type { Blobs } from '../store/store.ts'

const providerOutcome = z.strictObject({
  id: z.string(),
  name: z.string(),
  outcome: z.enum(['answered', 'failed', 'late', 'skipped']),
  reason: z.string().optional(),
  ms: z.int().nonnegative().optional(),
  ageMs: z.int().nonnegative().optional(),
  partial: z.string().optional(),
  evidence: z.array(evidenceSchema),
})

const marketInputSchema = z.strictObject({
  decidedAtMs: instantMs,
  offers: z.array(offerSchema),
  providers: z.array(providerOutcome),
  tokens: z.array(tokenPriceSchema),
})
export type MarketInput = z.output<typeof marketInputSchema>

/** A finished scan as the decision's input. */
export function toMarketInput(finished: Finished, more: Pick<MarketInput, 'decidedAtMs' | 'tokens'>): MarketInput {
  return {
    ...more,
    offers: [...finished.offers],
    providers: [
      ...finished.answered.map(({ provider, name, ms, ageMs, partial, batch }) => ({
        id: provider,
        name,
        outcome: 'answered' as const,
        ms: Math.round(ms),
        ageMs: Math.round(ageMs),
        ...(partial === undefined ? {} : { partial }),
        evidence: [...batch.evidence],
      })),
      ...finished.absent.map((absent) => ({
        id: absent.provider,
        name: absent.name,
        outcome: absent.kind,
        ...(absent.kind === 'failed' ? { reason: absent.reason } : {}),
        ...(absent.kind === 'skipped' ? { reason: notSetText(absent.missing) } : {}),
        evidence: [],
      })),
    ],
  }
}

const blobName = (ref: string) => `market/${ref}`

export const putMarketInput = (blobs: Blobs, ref: string, input: MarketInput): Promise<void> =>
  blobs.put(blobName(ref), new TextEncoder().encode(JSON.stringify(z.encode(marketInputSchema, input))))

/** The input as it was decided on; undefined when there is none (any more). */
export async function getMarketInput(blobs: Blobs, ref: string): Promise<MarketInput | undefined> {
  const bytes = await blobs.get(blobName(ref))
  return bytes && z.decode(marketInputSchema, JSON.parse(new TextDecoder().decode(bytes)))
}

export const removeMarketInput = (blobs: Blobs, ref: string): Promise<void> => blobs.remove(blobName(ref))
