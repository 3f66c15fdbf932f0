// Necto's own sellers: their live listings, turned into offers.
import { z } from 'zod'
import { bytes32, instantMs, microUsdPerGpuHour } from '../../codecs.ts'
import { gpuSchema } from '../../gpu/gpu.ts'
import { type Ask, runtime } from '../../market/ask.ts'
import type { Offer } from '../../market/offer.ts'
import { type DroppedRow, dropWarnings, type ParsedOffers, unmappedWarnings } from '../dropped.ts'

/** What the market needs to know of one seller's listing; all of it is public. */
export const nectoListingSchema = z.strictObject({
  id: z.string(),
  /** The registry id that is paid. */
  payee: bytes32,
  sellerName: z.string(),
  /** Absent when the seller's own words for it are not a GPU Necto knows. */
  gpu: gpuSchema.optional(),
  rawGpu: z.string(),
  gpusPerNode: z.int().positive(),
  freeGpus: z.int().nonnegative(),
  usdPerGpuHour: microUsdPerGpuHour,
  /** Codes of core/region, most general first. */
  region: z.array(z.string()),
  runtimes: z.array(runtime),
  /** Approved and registered on chain. */
  live: z.boolean(),
  /** Taken offline by the seller. */
  offline: z.boolean(),
  /** Until when the seller's present window lasts; absent = always on. */
  openUntilMs: instantMs.optional(),
  minSeconds: z.int().nonnegative(),
  observedAtMs: instantMs,
})
export type NectoListing = z.output<typeof nectoListingSchema>

/** The listings as a running Necto serves them at /listings. */
export const nectoListingsReply = z.strictObject({ listings: z.array(nectoListingSchema) })

/**
 * Live listings as offers (PROV-06). One that is offline, or whose window ends before the job could, stays as an offer
 * that cannot be booked, so that an answer can say why that seller is missing; one that is not live is no offer.
 */
export function nectoOffers(options: {
  listings: readonly NectoListing[]
  ask: Ask
  nowMs: number
}): ParsedOffers<Offer[]> {
  const dropped: DroppedRow[] = []
  const offers = options.listings
    .filter((listing) => listing.live)
    .flatMap((listing) => {
      if (listing.usdPerGpuHour > 0n) return [listingOffer({ ...options, listing })]
      dropped.push({ row: listing.id, reason: 'a price that is none' })
      return []
    })
  return { offers, warnings: [...dropWarnings(dropped), ...unmappedWarnings(offers)], dropped }
}

function listingOffer(options: { listing: NectoListing; ask: Ask; nowMs: number }): Offer {
  const { listing } = options
  const no = obstacle(options)
  return {
    id: `necto:${listing.id}`,
    provider: 'necto',
    payee: listing.payee,
    ...(listing.gpu ? { gpu: listing.gpu } : {}),
    rawGpu: listing.rawGpu,
    gpusPerNode: listing.gpusPerNode,
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: listing.usdPerGpuHour } },
    region: [...listing.region],
    freeGpus: listing.freeGpus,
    bookable: no === undefined ? true : { no },
    runtimes: [...listing.runtimes],
    minSeconds: listing.minSeconds,
    observedAtMs: listing.observedAtMs,
  }
}

function obstacle({ listing, ask, nowMs }: { listing: NectoListing; ask: Ask; nowMs: number }): string | undefined {
  if (listing.offline) return 'the seller has taken it offline'
  if (listing.openUntilMs === undefined) return undefined
  if (listing.openUntilMs <= nowMs) return "it is outside the seller's hours"
  const endsMs = nowMs + Math.max(ask.maxSeconds, listing.minSeconds) * 1000
  return endsMs > listing.openUntilMs ? "the seller's hours end before the job could" : undefined
}
