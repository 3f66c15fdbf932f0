// A listing: hardware a seller rents out through Necto, its price, its state and who has reserved what.
import { z } from 'zod'
import { address, bytes32, chatWords, instantMs, microUsdPerGpuHour } from '../codecs.ts'
import { gpuSchema } from '../gpu/gpu.ts'
import { runtime } from '../market/ask.ts'
import type { CollectionDefinition } from '../store/store.ts'

export const listingSchema = z.strictObject({
  id: z.string(),
  seller: z.strictObject({ platform: z.string(), userId: z.string(), label: z.string() }),
  /** The seller's private chat, for telling about approvals and payouts. */
  place: chatWords,
  requestKey: z.string(),
  name: z.string(),
  gpu: gpuSchema,
  gpuCount: z.int().positive(),
  location: z.string(),
  region: z.array(z.string()),
  usdPerGpuHour: microUsdPerGpuHour,
  /** The seller's linked wallet; missing while none was named or linked. */
  payout: address.optional(),
  /** When that wallet was known to be the seller's own; before that no admin is asked. */
  provenAtMs: instantMs.optional(),
  runner: address,
  runtimes: z.array(runtime).min(1),
  /** submitted → (an admin) approved → (registry entry final on chain) live; or rejected. */
  state: z.enum(['submitted', 'approved', 'live', 'rejected']),
  capacity: z.enum(['offline', 'available']),
  /** Who is paid, in the on-chain registry: keccak256 of the listing's id, until its seller moves to another wallet at once. */
  payee: bytes32,
  /** Entries it had before, which quotes still out may name. */
  formerPayees: z.array(bytes32).optional(),
  createdAtMs: instantMs,
  decidedBy: z.string().optional(),
  registryTx: bytes32.optional(),
  /** GPUs held per job; `untilMs` absent once the job is funded. In the listing itself so that two jobs cannot both win. */
  reservations: z.record(z.string(), z.strictObject({ gpuCount: z.int().positive(), untilMs: instantMs.optional() })),
})
export type Listing = z.output<typeof listingSchema>

export const listings: CollectionDefinition<Listing> = {
  name: 'listings',
  schema: listingSchema,
  indexes: {
    request: (listing) => [listing.requestKey],
    seller: (listing) => [`${listing.seller.platform}:${listing.seller.userId}`],
    state: (listing) => [listing.state],
    runner: (listing) => [listing.runner.toLowerCase()],
    payee: (listing) => [listing.payee, ...(listing.formerPayees ?? [])],
  },
}

/** GPUs not held by anybody at `nowMs`. */
export function freeGpus(listing: Listing, nowMs: number): number {
  const held = Object.values(listing.reservations)
    .filter((reservation) => reservation.untilMs === undefined || reservation.untilMs > nowMs)
    .reduce((sum, reservation) => sum + reservation.gpuCount, 0)
  return Math.max(0, listing.gpuCount - held)
}
