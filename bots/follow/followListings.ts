// Asks the admins about a listing once its wallet is proven, and tells its seller once what they decided and when it is on chain.
import type { Collection, Stored } from '../../core/store/store.ts'
import type { Listing } from '../../core/supply/listing.ts'
import { proveListing } from '../../core/supply/proveWallet.ts'
import { type Place, placeSchema } from '../chat/inbound.ts'
import type { Addressee } from '../chat/port.ts'
import type { View } from '../chat/view.ts'
import type { BotApp } from '../commands/app.ts'
import { listingBlocks, sellerView } from '../views/listingView.ts'
import { type Notice, notifyOnce } from './notice.ts'
import { tellAdmins } from './tellAdmins.ts'

const APPROVAL_DAYS_MS = 14 * 24 * 3_600_000

/** The work on one changed listing, for `workOn`. */
export function createListingFollower(options: { app: BotApp; notices: Collection<Notice> }) {
  const { app, notices } = options
  return async function followListing(doc: Stored<Listing>): Promise<number | undefined> {
    const { state, provenAtMs } = doc.value
    const nowMs = app.context.clock.now()
    if (state === 'submitted') {
      // Its wallet may have been linked between the seller's line and this listing.
      if (provenAtMs === undefined) return void (await proveListing({ ...app.context, listing: doc.value, nowMs }))
      return tellAdmins({
        app,
        notices,
        id: `${doc.id}:ask`,
        view: (admin, place) => approvalView({ app, listing: doc.value, admin, place }),
      })
    }
    await notifyOnce({
      notices,
      id: `${doc.id}:${state}`,
      nowMs,
      send: () => app.live.post(placeSchema.parse(doc.value.place), sellerView(doc.value, nowMs), { urgent: true }),
      onUnreachable: (reason) => app.context.log.info({ msg: 'seller not reached', listing: doc.id, reason }),
    })
    return undefined
  }
}

/** The card with both buttons; the first word of any admin counts. */
async function approvalView(options: { app: BotApp; listing: Listing; admin: Addressee; place: Place }): Promise<View> {
  const { app, listing, admin, place } = options
  const nowMs = app.context.clock.now()
  const token = (action: string) =>
    app.actions.issue({
      action,
      subject: listing.id,
      data: {},
      allowed: { kind: 'user', platform: admin.platform, userId: admin.userId },
      place,
      expiresAtMs: nowMs + APPROVAL_DAYS_MS,
    })
  return {
    blocks: [
      { kind: 'text', spans: [{ text: `${listing.seller.label} wants to sell`, style: 'bold' }] },
      ...listingBlocks(listing, nowMs),
    ],
    buttons: [
      [
        { label: 'Approve', token: await token('listing.approve'), look: 'primary' },
        { label: 'Reject', token: await token('listing.reject'), look: 'danger' },
      ],
    ],
  }
}
