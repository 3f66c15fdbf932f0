// List offers with firm prices in their place, where there are any.
import type { Offer } from '../../market/offer.ts'
import { dropWarnings } from '../dropped.ts'
import type { FirmOutcome, FirmPrices } from './firmPrices.ts'
import { listOfferId } from './offers.ts'

/**
 * Firm offers replace the list offer of the same hardware. Where no firm price could be had the list price stands, with
 * a warning, and with what the container service says of its size and room. `missing` names places with room whose
 * price is not known while others' is.
 */
export function withFirmPrices(
  listed: readonly Offer[],
  firm: FirmPrices,
): { offers: Offer[]; warnings: string[]; missing: string[] } {
  const { outcomes, notAsked, dropped } = firm
  const outcomeOf = (offer: Offer) =>
    outcomes.find(({ hardware }) => listOfferId(hardware.id) === offer.id && hardware.gpu?.family === offer.gpu?.family)
  const kept = listed.flatMap((offer) => corrected(offer, outcomeOf(offer)))
  const missing = [
    ...outcomes.filter(({ offers }) => offers.length > 0).flatMap(missingPlaces),
    ...(notAsked.length > 0 ? [`firm prices of ${notAsked.join(', ')} are missing: not asked for`] : []),
  ]
  const failed = outcomes.filter((outcome) => outcome.offers.length === 0 && outcome.failed.length > 0)
  const warnings = [
    ...dropWarnings(dropped),
    ...failed.map(({ hardware, failed: reasons }) => `no firm price of ${hardware.name}: ${reasons.join('; ')}`),
  ]
  return { offers: [...outcomes.flatMap(({ offers }) => offers), ...kept], warnings, missing }
}

function corrected(offer: Offer, outcome: FirmOutcome | undefined): Offer[] {
  if (!outcome) return [offer]
  if (outcome.offers.length > 0) return []
  const { hardware, isFull } = outcome
  return [{ ...offer, gpusPerNode: hardware.maxGpus, ...(isFull ? { freeGpus: 0 } : {}) }]
}

function missingPlaces({ hardware, failed, notAsked }: FirmOutcome): string[] {
  const reason = [...failed, ...notAsked.map((place) => `${place}: not asked for`)]
  return reason.length > 0 ? [`firm prices of ${hardware.name} are missing: ${reason.join('; ')}`] : []
}
