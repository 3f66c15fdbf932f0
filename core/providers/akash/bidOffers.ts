// Open bids of Akash's chain to offers: one per GPU kind and currency, with the spread of the bidders.
import { cannotStart } from '../../launch/cannotStart.ts'
import type { Offer, OfferPrice, Volatility } from '../../market/offer.ts'
import { perGpuHour } from '../../money.ts'
import type { DroppedRow } from '../dropped.ts'
import { AKT_DECIMALS, type GpuBid, gpuBid, kindKey } from './bid.ts'
import { BLOCK_SECONDS } from './blocks.ts'
import { namedGpu } from './gpuName.ts'
import type { AkashOffers } from './joinOffers.ts'

/**
 * Bids older than ten minutes are left out: a provider takes an unanswered bid back after five (the default of its
 * `bid-timeout`), so one that stands twice as long is forgotten, and such bids stay open for years.
 */
export const MAX_BID_AGE_BLOCKS = 600 / BLOCK_SECONDS

/**
 * Rows of a bid list, as they stood at `height`. An offer's price is the cheapest bid for one GPU-hour: each bid, with
 * the CPU, memory and disk that its order wants, is shared over all its GPUs. Bids in dollars are auctions, those in
 * AKT are priced in the token. They were made on somebody else's order: what providers ask now, not what is free.
 */
export function bidOffers(rows: readonly unknown[], now: { height: number; observedAtMs: number }): AkashOffers {
  const dropped: DroppedRow[] = []
  const groups = new Map<string, GpuBid[]>()
  for (const [index, raw] of rows.entries()) {
    const bid = gpuBid(raw, now.height - MAX_BID_AGE_BLOCKS)
    if ('reason' in bid) {
      dropped.push({ row: `bids[${index}]`, reason: bid.reason })
      continue
    }
    const key = `${kindKey(bid.kind)}/${bid.currency}`
    groups.set(key, [...(groups.get(key) ?? []), bid])
  }
  const offers = [...groups].flatMap(([key, bids]) => groupOffer({ key, bids, observedAtMs: now.observedAtMs }) ?? [])
  return { offers, dropped }
}

function groupOffer(group: { key: string; bids: readonly GpuBid[]; observedAtMs: number }): Offer | undefined {
  const prices = [...cheapestByProvider(group.bids).values()].sort((a, b) => (a < b ? -1 : 1))
  const [first] = group.bids
  const [cheapest] = prices
  if (!first || cheapest === undefined) return undefined
  return {
    id: `akash:bid/${group.key}`,
    provider: 'akash',
    ...namedGpu(first.kind),
    gpusPerNode: Math.max(...group.bids.map(({ gpusPerNode }) => gpusPerNode)),
    price: first.currency === 'akt' ? aktPrice(cheapest) : auctionPrice(cheapest, bidSpread(prices)),
    region: [],
    bookable: { no: `it was bid on somebody else's order, and ${cannotStart('Akash', 'AKASH_CONSOLE_API_KEY')}` },
    runtimes: ['container'],
    minSeconds: BLOCK_SECONDS,
    observedAtMs: group.observedAtMs,
  }
}

function cheapestByProvider(bids: readonly GpuBid[]): Map<string, bigint> {
  const cheapest = new Map<string, bigint>()
  for (const { provider, perGpuHour: price } of bids) {
    const known = cheapest.get(provider)
    if (known === undefined || price < known) cheapest.set(provider, price)
  }
  return cheapest
}

const auctionPrice = (microUsd: bigint, volatility: Volatility | undefined): OfferPrice => ({
  model: 'auction',
  unit: { per: 'gpu', usdPerHour: perGpuHour(microUsd) },
  ...(volatility ? { volatility } : {}),
})

function aktPrice(scaled: bigint): OfferPrice {
  const digits = scaled.toString().padStart(AKT_DECIMALS + 1, '0')
  const [whole, fraction] = [digits.slice(0, -AKT_DECIMALS), digits.slice(-AKT_DECIMALS).replace(/0+$/, '')]
  return { model: 'token', token: 'AKT', tokensPerHour: fraction ? `${whole}.${fraction}` : whole, per: 'gpu', gpus: 1 }
}

/** How far providers lie apart, over their median; unknown, not calm, when a single one bids. */
function bidSpread(sorted: readonly bigint[]): Volatility | undefined {
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (sorted.length < 2 || min === undefined || max === undefined) return undefined
  // Of an even number the median lies between the middle two; doubled, it needs no rounding.
  const half = Math.floor(sorted.length / 2)
  const twiceMedian = (sorted[half] ?? max) + (sorted[sorted.length % 2 === 1 ? half : half - 1] ?? max)
  if (twiceMedian === 0n) return undefined
  return {
    bps: Number(((max - min) * 20_000n) / twiceMedian),
    basis: `spread of ${sorted.length} providers' open bids over their median`,
  }
}
