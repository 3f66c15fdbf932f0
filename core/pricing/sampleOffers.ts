// What each provider asks for a GPU family at one moment: the lowest and the median of its offers.

import type { Offer } from '../market/offer.ts'
import type { SampleRow } from '../market/priceSamples.ts'
import { perGpuHour } from '../money.ts'
import { defaultPolicy } from './policy.ts'
import { priceOffer } from './priceOffer.ts'
import type { TokenPrice } from './tokenPrice.ts'

const DAY_SECONDS = 86_400

/**
 * By family. An offer is priced for its whole node and a day, so that neither idle GPUs nor a minimum billing count; rate
 * cards that nobody offers at, and what cannot be priced, are left out.
 */
export function sampleOffers(options: {
  offers: readonly Offer[]
  tokens: readonly TokenPrice[]
  nowMs: number
}): Map<string, SampleRow[]> {
  const { offers, tokens, nowMs } = options
  const priced = offers.flatMap((offer) => {
    const { gpu, estimated, provider, gpusPerNode: gpuCount } = offer
    if (!gpu || estimated !== undefined) return []
    const ask = { gpu: { family: gpu.family }, gpuCount, maxSeconds: DAY_SECONDS }
    const quote = priceOffer({ offer, ask, tokens, policy: defaultPolicy, nowMs })
    return 'unpriced' in quote ? [] : [{ family: gpu.family, provider, price: quote.usdPerGpuHour }]
  })
  return new Map(
    [...Map.groupBy(priced, ({ family }) => family)].map(([family, own]) => [
      family,
      [...Map.groupBy(own, ({ provider }) => provider)].map(([provider, group]) => ({
        provider,
        ...spreadOf(group.map(({ price }) => price)),
      })),
    ]),
  )
}

function spreadOf(prices: readonly SampleRow['lowest'][]): Pick<SampleRow, 'lowest' | 'median'> {
  const sorted = [...prices].sort((a, b) => (a < b ? -1 : 1))
  // The lower of the two in the middle, so that it is a price that somebody asks.
  const median = sorted[Math.floor((sorted.length - 1) / 2)]
  return { lowest: sorted[0] ?? perGpuHour(0n), median: median ?? perGpuHour(0n) }
}
