// The offers of Akash's two sources together: the warnings are made of both, so that nothing is told twice.
import type { Offer } from '../../market/offer.ts'
import { type DroppedRow, dropWarnings, type ParsedOffers, unmappedWarnings } from '../dropped.ts'
import { EXPECTED } from './bid.ts'

/** What one source gives. */
export interface AkashOffers {
  readonly offers: readonly Offer[]
  readonly dropped: readonly DroppedRow[]
}

/** Of a price that is listed twice the first counts; rows left out by design are no news. */
export function joinOffers(sources: readonly AkashOffers[]): ParsedOffers<Offer[]> {
  const offers = new Map<string, Offer>()
  const dropped = sources.flatMap((source) => [...source.dropped])
  for (const offer of sources.flatMap((source) => source.offers)) {
    if (offers.has(offer.id)) dropped.push({ row: offer.id, reason: 'listed twice' })
    else offers.set(offer.id, offer)
  }
  const all = [...offers.values()]
  const expected: readonly string[] = Object.values(EXPECTED)
  const unexpected = dropped.filter(({ reason }) => !expected.includes(reason))
  return { offers: all, dropped, warnings: [...dropWarnings(unexpected), ...unmappedWarnings(all)] }
}
