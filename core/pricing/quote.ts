// The quote: what an offer really costs for one ask, with the arithmetic kept.
import { z } from 'zod'
import { integerText, microUsd, microUsdPerGpuHour, microUsdPerJobHour } from '../codecs.ts'
import { volatilitySchema } from '../market/offer.ts'
import { tokenStanding } from './tokenPrice.ts'

/** One step of the arithmetic, in the order it was done. */
export const quoteLine = z.strictObject({ label: z.string(), usd: microUsd, source: z.string() })
export type QuoteLine = z.output<typeof quoteLine>

export const quoteSchema = z.strictObject({
  offerId: z.string(),
  /** The sticker: the listed price shared over every GPU it buys, for comparison only. */
  listedUsdPerGpuHour: microUsdPerGpuHour,
  /** What one useful GPU-hour of this job costs: whole nodes and minimum billing included. Offers are ranked by it. */
  usdPerGpuHour: microUsdPerGpuHour,
  /** What the escrow's terms carry: everything the job occupies, for one hour. */
  usdPerHour: microUsdPerJobHour,
  gpuCount: z.int().positive(),
  /** What the deposit covers: the ask's time, or the minimum billing where that is longer, since it is paid for anyway. */
  maxSeconds: z.int().positive(),
  minSeconds: z.int().nonnegative(),
  /** The deposit: usdPerHour for maxSeconds, rounded up. */
  totalUsd: microUsd,
  lines: z.array(quoteLine),
  /** Absent when nobody measured it. */
  volatility: volatilitySchema.optional(),
  /** The token price the quote rests on. */
  token: z
    .strictObject({
      token: z.string(),
      /** USD × 10^8. */
      price: integerText,
      source: z.string(),
      standing: tokenStanding,
      /** The source could not be read when it was quoted: this is what it said last (FEED-03). */
      lastKnown: z.literal(true).optional(),
    })
    .optional(),
})
export type Quote = z.output<typeof quoteSchema>

export const unpricedReason = z.enum([
  'no-token-price',
  'token-price-too-old',
  'token-price-in-future',
  'token-price-zero',
  'not-on-one-node',
  'price-zero',
  'price-out-of-range',
])

export type UnpricedReason = z.output<typeof unpricedReason>

/** An offer that could not be priced: unknown is unknown, never zero. */
export const unpricedSchema = z.strictObject({ offerId: z.string(), unpriced: unpricedReason })
export type Unpriced = z.output<typeof unpricedSchema>

// The one without codecs first: writing an unpriced offer as a quote would run them on what is not there.
export const pricedSchema = z.union([unpricedSchema, quoteSchema])
export type Priced = z.output<typeof pricedSchema>

export const isQuote = (priced: Priced): priced is Quote => !('unpriced' in priced)
