// Tells a seller once when an admin has decided and when the listing is on chain.
import type { Collection, Stored } from '../../core/store/store.ts'
import type { Listing } from '../../core/supply/listing.ts'
import { placeSchema } from '../chat/inbound.ts'
import type { BotApp } from '../commands/app.ts'
import { sellerView } from '../views/listingView.ts'
import { type Notice, notifyOnce } from './notice.ts'

/** The work on one changed listing, for `workOn`. */
export function createListingFollower(options: { app: BotApp; notices: Collection<Notice> }) {
  const { app, notices } = options
  return async function followListing(doc: Stored<Listing>): Promise<undefined> {
    const { state } = doc.value
    if (state === 'submitted') return
    const nowMs = app.context.clock.now()
    await notifyOnce({
      notices,
      id: `${doc.id}:${state}`,
      nowMs,
      send: () => app.live.post(placeSchema.parse(doc.value.place), sellerView(doc.value, nowMs), { urgent: true }),
      onUnreachable: (reason) => app.context.log.info({ msg: 'seller not reached', listing: doc.id, reason }),
    })
  }
}
