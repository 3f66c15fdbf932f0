// Token prices: which one prices an offer, and whether it may be settled on (PRICE-03, PRICE-04, FEED-03, FEED-04).
import { z } from 'zod'
import { instantMs } from '../codecs.ts'
import { type Volatility, volatilitySchema } from '../market/offer.ts'
import { decimalText, scaleUp } from './decimal.ts'
import type { Policy } from './policy.ts'

/** What one source says a token is worth. Several sources of one token stand side by side, the preferred one first. */
export const tokenPriceSchema = z.strictObject({
  /** Symbol, upper case: AKT, RENDER, NOS, IO. */
  token: z.string(),
  usdPerToken: decimalText,
  /** Who says so: "coingecko". */
  source: z.string(),
  /** The source's own time of the price, not when it was fetched. */
  atMs: instantMs,
  /** A price feed read on chain: it verifies what other sources say and prices nothing itself. */
  onChain: z.literal(true).optional(),
  /** Over the 24 hours before it, where the source says it (PRICE-05). */
  volatility: volatilitySchema.optional(),
  /** The source could not be read: this is what it said last (FEED-03). */
  lastKnown: z.literal(true).optional(),
})
export type TokenPrice = z.output<typeof tokenPriceSchema>

/** USD prices of tokens carry this many decimals, on chain and in every quote. */
export const TOKEN_PRICE_DECIMALS = 8

/** verified: an on-chain feed agrees. unverified: no feed, but two sources agree. Anything else cannot be booked. */
export const tokenStanding = z.enum([
  'verified',
  'unverified',
  'price-too-old-to-book',
  'feed-stale',
  'feed-deviates',
  'single-source',
  'sources-disagree',
])
export type TokenStanding = z.output<typeof tokenStanding>

export type TokenPriceRefusal = 'no-token-price' | 'token-price-too-old' | 'token-price-in-future' | 'token-price-zero'

export interface UsableTokenPrice {
  /** USD × 10^8, rounded up. */
  price: bigint
  source: string
  atMs: number
  standing: TokenStanding
  volatility: Volatility | undefined
  /** Whether the source could not be read, so that this is what it said last. */
  lastKnown: boolean
}

/**
 * The first price of `token` that is neither too old nor from the future, with its standing; or why there is none. What
 * a source said last prices only where no source could be read.
 */
export function findTokenPrice(options: {
  token: string
  tokens: readonly TokenPrice[]
  policy: Policy
  nowMs: number
}): UsableTokenPrice | { refused: TokenPriceRefusal } {
  const { policy, nowMs } = options
  const listed = options.tokens.filter((entry) => entry.token === options.token)
  const sources = listed.filter((entry) => !entry.onChain)
  const [first] = sources
  if (!first) return { refused: 'no-token-price' }
  const fresh = sources.filter((entry) => isFresh(entry, policy.tokenPriceMaxAgeMs))
  const used = fresh.find((entry) => !entry.lastKnown) ?? fresh[0]
  if (!used) return { refused: first.atMs > nowMs ? 'token-price-in-future' : 'token-price-too-old' }
  const price = scale(used)
  if (price === 0n) return { refused: 'token-price-zero' }
  const { source, atMs, volatility, lastKnown = false } = used
  return { price, source, atMs, standing: standingOf(used), volatility, lastKnown }

  function isFresh(entry: TokenPrice, maxAgeMs: number): boolean {
    return entry.atMs <= nowMs + policy.clockSkewMs && nowMs - entry.atMs <= maxAgeMs
  }

  function standingOf(entry: TokenPrice): TokenStanding {
    if (!isFresh(entry, policy.tokenPriceBookMaxAgeMs)) return 'price-too-old-to-book'
    const feeds = listed.filter((other) => other.onChain)
    if (feeds.length > 0) {
      const fresh = feeds.filter((feed) => isFresh(feed, policy.feedMaxAgeMs))
      if (fresh.length === 0) return 'feed-stale'
      return fresh.every((feed) => agree(entry, feed)) ? 'verified' : 'feed-deviates'
    }
    const others = sources.filter(
      (other) => other.source !== entry.source && isFresh(other, policy.tokenPriceBookMaxAgeMs),
    )
    if (others.length === 0) return 'single-source'
    return others.every((other) => agree(entry, other)) ? 'unverified' : 'sources-disagree'
  }

  function agree(entry: TokenPrice, reference: TokenPrice): boolean {
    const [ours, theirs] = [scale(entry), scale(reference)]
    const difference = ours > theirs ? ours - theirs : theirs - ours
    // The same comparison as PriceGuard makes at funding.
    return difference * 10_000n <= theirs * BigInt(policy.tokenDeviationBps)
  }
}

/** A plain decimal of dollars with eight decimals: "0.51000000". */
export function formatTokenPrice(price: bigint): string {
  const digits = price.toString().padStart(TOKEN_PRICE_DECIMALS + 1, '0')
  return `${digits.slice(0, -TOKEN_PRICE_DECIMALS)}.${digits.slice(-TOKEN_PRICE_DECIMALS)}`
}

const scale = (entry: TokenPrice): bigint => scaleUp(entry.usdPerToken, TOKEN_PRICE_DECIMALS) ?? 0n
