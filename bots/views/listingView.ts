// A listing as its seller and the approving admin see it, with the Live badge.
import type { Listing } from '../../core/supply/listing.ts'
import { freeGpus } from '../../core/supply/listing.ts'
import type { Block, Button, Span, View } from '../chat/view.ts'
import { shortHex, usd } from './words.ts'

const runtimeWords: Record<Listing['runtimes'][number], string> = {
  container: 'container images',
  process: 'plain processes, no images',
}

/** LIVE, or what stands between the listing and its badge. */
export function badge(listing: Listing): string {
  switch (listing.state) {
    case 'submitted':
      return listing.provenAtMs === undefined ? '[waiting for your wallet]' : '[waiting for approval]'
    case 'approved':
      return '[approved, going on chain]'
    case 'rejected':
      return '[rejected]'
    case 'live':
      return listing.capacity === 'available' ? '[● LIVE]' : '[○ offline]'
  }
}

/** The card of one listing. */
export function listingBlocks(listing: Listing, nowMs: number): Block[] {
  return [
    { kind: 'heading', text: `${listing.name} ${badge(listing)}` },
    {
      kind: 'facts',
      rows: [
        { label: 'Listing', value: [{ text: listing.id, style: 'code' }] },
        { label: 'GPUs', value: [`${listing.gpu.id} ×${listing.gpuCount}, ${freeGpus(listing, nowMs)} free`] },
        { label: 'Where', value: [listing.location] },
        { label: 'Price', value: [`${usd(listing.usdPerGpuHour)} per GPU-hour, fixed`] },
        { label: 'Paid to', value: payoutSpans(listing) },
        {
          label: 'Runner',
          value: [
            { text: shortHex(listing.runner), style: 'code' },
            `, runs ${listing.runtimes.map((one) => runtimeWords[one]).join(' and ')}`,
          ],
        },
      ],
    },
  ]
}

const payoutSpans = ({ payout, provenAtMs }: Listing): Span[] =>
  payout
    ? [
        { text: payout, style: 'code' },
        ...(provenAtMs === undefined ? [', not linked yet'] : [', linked by signature']),
      ]
    : ['your wallet, not linked yet']

/** The seller's own message of the listing; it is edited as the state changes. */
export function sellerView(listing: Listing, nowMs: number, buttons: readonly Button[] = []): View {
  const next = {
    submitted:
      listing.provenAtMs === undefined
        ? 'It is stored and waits for your payout wallet. Admins are asked once that is linked.'
        : 'Admins are asked. You will be told here.',
    approved: 'Approved. The registry entry is on its way.',
    rejected: 'An admin did not approve it. Nothing was put on chain.',
    live:
      listing.capacity === 'available'
        ? 'Your GPUs are offered to everybody who asks now.'
        : 'Nobody is offered these GPUs now; jobs that run go on. /capacity available puts them up.',
  }[listing.state]
  // The facts were shown when it was submitted; an answer in between says only what changed.
  const facts =
    listing.state === 'approved' || listing.state === 'rejected'
      ? listingBlocks(listing, nowMs).slice(0, 1)
      : listingBlocks(listing, nowMs)
  return {
    blocks: [...facts, { kind: 'text', spans: [next] }],
    ...(buttons.length > 0 ? { buttons: [buttons] } : {}),
  }
}
