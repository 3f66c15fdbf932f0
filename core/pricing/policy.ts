// The policy: every limit that pricing and routing obey, sealed into each record so that a replay uses the same.
import { z } from 'zod'

const bps = z.int().min(0).max(10_000)
const spanMs = z.int().nonnegative()

export const policySchema = z.strictObject({
  /** Offers observed longer ago are not routed to. */
  offerMaxAgeMs: spanMs,
  /** How far ahead of our clock a source's own timestamp may be. */
  clockSkewMs: spanMs,
  /** Token prices older than this price nothing (PRICE-04). */
  tokenPriceMaxAgeMs: spanMs,
  /** Token prices older than this are shown but cannot be booked (FEED-03). */
  tokenPriceBookMaxAgeMs: spanMs,
  /** On-chain feeds older than this verify nothing; their heartbeat is a day. */
  feedMaxAgeMs: spanMs,
  /** Two sources of one token's price agree up to this difference (FEED-04). */
  tokenDeviationBps: bps,
  /** With a secondary sort: how close to the cheapest an offer must be to be sorted by it, unless the ask says. */
  withinBps: bps,
  /** How long a sealed quote may be funded. */
  quoteValidMs: spanMs,
  /** Necto's fee, taken out of what the provider is paid. */
  feeBps: bps,
})
export type Policy = z.output<typeof policySchema>

export const defaultPolicy: Policy = {
  offerMaxAgeMs: 30 * 60_000,
  clockSkewMs: 60_000,
  tokenPriceMaxAgeMs: 6 * 3_600_000,
  tokenPriceBookMaxAgeMs: 15 * 60_000,
  feedMaxAgeMs: 25 * 3_600_000,
  tokenDeviationBps: 200,
  withinBps: 200,
  quoteValidMs: 10 * 60_000,
  feeBps: 250,
}
