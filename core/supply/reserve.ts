// Reservations: capacity held for a job from signed terms to the end, never more than there is.
import type { Collection } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { freeGpus, type Listing } from './listing.ts'

/** Holds GPUs of a listing for a job until `untilMs` (absent = until released). False: not enough free, or not for rent now. */
export async function reserve(options: {
  listings: Collection<Listing>
  listingId: string
  ref: string
  gpuCount: number
  untilMs?: number
  nowMs: number
}): Promise<boolean> {
  const { listings, listingId, ref, gpuCount, untilMs, nowMs } = options
  const stored = await updateDocument({
    collection: listings,
    id: listingId,
    change: (listing) => {
      const { [ref]: own, ...others } = listing.reservations
      // A funded job holds on through /capacity offline: running jobs finish.
      const held = own !== undefined && (own.untilMs === undefined || own.untilMs > nowMs)
      const open = listing.state === 'live' && listing.capacity === 'available'
      if (!held && !open) return undefined
      if (freeGpus({ ...listing, reservations: others }, nowMs) < gpuCount) return undefined
      const live = Object.fromEntries(
        Object.entries(others).filter(([, r]) => r.untilMs === undefined || r.untilMs > nowMs),
      )
      // Terms asked for anew while the payment comes in must not put an end to what a funded job holds.
      const isLasting = untilMs === undefined || (own !== undefined && own.untilMs === undefined)
      return { ...listing, reservations: { ...live, [ref]: isLasting ? { gpuCount } : { gpuCount, untilMs } } }
    },
  })
  return stored !== undefined
}

/** Gives a job's GPUs back; nothing happens when it holds none. */
export async function release(options: {
  listings: Collection<Listing>
  listingId: string
  ref: string
}): Promise<void> {
  await updateDocument({
    collection: options.listings,
    id: options.listingId,
    change: (listing) => {
      const { [options.ref]: own, ...others } = listing.reservations
      return own && { ...listing, reservations: others }
    },
  })
}
