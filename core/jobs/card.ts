// The card: what people are shown of a decision, small enough to live in the job document.
import { z } from 'zod'
import { microUsd, microUsdPerGpuHour, microUsdPerJobHour } from '../codecs.ts'

const line = z.strictObject({ label: z.string(), usd: microUsd, source: z.string() })

export const choiceSchema = z.strictObject({
  offerId: z.string(),
  provider: z.string(),
  providerName: z.string(),
  /** Region and GPU in words. */
  gpu: z.string(),
  region: z.string(),
  model: z.string(),
  usdPerGpuHour: microUsdPerGpuHour,
  usdPerHour: microUsdPerJobHour,
  totalUsd: microUsd,
  minSeconds: z.int(),
  lines: z.array(line),
  volatility: z.string().optional(),
  ageMs: z.int(),
  /** Set when Necto cannot book it, so that only its price can be compared: why. */
  notBookable: z.string().optional(),
})
export type Choice = z.output<typeof choiceSchema>

/** One row of the comparison: the best of each provider, bookable or not; `gpu` is empty when it has none of the asked. */
export const comparisonRow = z.strictObject({
  providerName: z.string(),
  gpu: z.string(),
  region: z.string(),
  model: z.string(),
  usdPerGpuHour: microUsdPerGpuHour.optional(),
  /** How far its price moves either way, in basis points, where that is known. */
  volatilityBps: z.int().nonnegative().optional(),
  /** Worked out from a rate card: nobody offers at this price. */
  estimated: z.literal(true).optional(),
  /** Why it was not chosen, or that it was: in a word, and in full. */
  verdict: z.string(),
  why: z.string(),
})
export type ComparisonRow = z.output<typeof comparisonRow>

export const cardSchema = z.strictObject({
  /** Offers seen, those of the asked GPU, and those of them that fit. */
  offersTotal: z.int(),
  offersOfGpu: z.int(),
  offersFitting: z.int(),
  choice: choiceSchema.optional(),
  /** Others that fit, with what each lost by. */
  alternatives: z.array(z.strictObject({ choice: choiceSchema, why: z.string() })),
  comparison: z.array(comparisonRow),
  /** What would fit but cannot be booked, cheapest of each provider first, and why. */
  nearMisses: z.array(z.strictObject({ name: z.string(), usdPerGpuHour: microUsdPerGpuHour, why: z.string() })),
  /** Rejected offers of the asked GPU by their first reason, most frequent first. */
  histogram: z.array(z.strictObject({ reason: z.string(), count: z.int() })),
  /** What would have to give for something to fit, cheapest first. */
  relaxations: z.array(z.string()),
  /** What the secondary sort decided, when one was asked for. */
  sorted: z.string().optional(),
  /** What naive cheapest-sticker would have cost. */
  naive: z.string().optional(),
  /** Of token prices that shown offers rest on and that could not be renewed. */
  tokenNotes: z.array(z.string()).optional(),
})
export type Card = z.output<typeof cardSchema>
