// Listing hardware, and an admin's word on it: the flows between /sell and the Live badge.
import { providerKey } from '../escrow/terms.ts'
import { createRef, type RandomBytes } from '../ids.ts'
import type { Collection } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { memberKey } from '../teams/team.ts'
import type { Listing } from './listing.ts'
import type { ListingDraft } from './listingText.ts'

/**
 * Whether somebody else has listed with this runner key: what the runner does for one seller would be paid to the other.
 * A seller may serve several listings with one runner; a rejected listing claims nothing.
 */
export async function isRunnerTaken(options: {
  listings: Collection<Listing>
  runner: Listing['runner']
  seller: Pick<Listing['seller'], 'platform' | 'userId'>
}): Promise<boolean> {
  const { listings, runner, seller } = options
  const same = await listings.list({ index: 'runner', key: runner.toLowerCase() })
  return same.some(({ value }) => value.state !== 'rejected' && memberKey(value.seller) !== memberKey(seller))
}

/** ONBOARD-02: stores a listing that waits for an admin, and for its seller's wallet first where that is not proven. Its registry id is the hash of its random id. */
export async function submitListing(options: {
  listings: Collection<Listing>
  draft: ListingDraft
  /** Whether its payout is the seller's linked wallet; admins are asked about no other. */
  isProven: boolean
  seller: Listing['seller']
  place: Listing['place']
  /** The chat event that asked, so that handling it twice makes one listing. */
  requestKey: string
  nowMs: number
  random: RandomBytes
}): Promise<Listing> {
  const { listings, draft, isProven, seller, place, requestKey, nowMs, random } = options
  const known = (await listings.list({ index: 'request', key: requestKey }))[0]
  if (known) return known.value
  for (;;) {
    const id = `S-${createRef(random)}`
    const listing: Listing = {
      ...draft,
      id,
      seller,
      place,
      requestKey,
      ...(isProven && { provenAtMs: nowMs }),
      state: 'submitted',
      capacity: 'offline',
      payee: providerKey(id),
      createdAtMs: nowMs,
      reservations: {},
    }
    if (await listings.insert(id, listing)) return listing
  }
}

/** ONBOARD-09: an admin approves or rejects; only the first word counts, and only a proven wallet is approved. Undefined: it was decided already, or is not proven. */
export async function decideListing(options: {
  listings: Collection<Listing>
  id: string
  approve: boolean
  decidedBy: string
}): Promise<Listing | undefined> {
  const stored = await updateDocument({
    collection: options.listings,
    id: options.id,
    change: (listing) =>
      listing.state === 'submitted' && (!options.approve || listing.provenAtMs !== undefined)
        ? {
            ...listing,
            state: options.approve ? ('approved' as const) : ('rejected' as const),
            decidedBy: options.decidedBy,
          }
        : undefined,
  })
  return stored?.value
}

/** SELLER-07, ONBOARD-08: rented out from now on, or not; jobs that run go on. */
export async function setCapacity(options: {
  listings: Collection<Listing>
  id: string
  capacity: Listing['capacity']
}): Promise<Listing | undefined> {
  const stored = await updateDocument({
    collection: options.listings,
    id: options.id,
    change: (listing) => ({ ...listing, capacity: options.capacity }),
  })
  return stored?.value
}
