// An offer: one thing a provider would rent out, normalised, with its unit kept beside its price.
import { z } from 'zod'
import { instantMs, microUsdPerGpuHour, microUsdPerNodeHour } from '../codecs.ts'
import { gpuSchema } from '../gpu/gpu.ts'
import { runtime } from './ask.ts'

/** A price is of one GPU or of one whole node: the classic bug of this field is reading the second as the first. */
export const unitPrice = z.discriminatedUnion('per', [
  z.strictObject({ per: z.literal('gpu'), usdPerHour: microUsdPerGpuHour }),
  z.strictObject({ per: z.literal('node'), usdPerHour: microUsdPerNodeHour, gpus: z.int().positive() }),
])

/** Basis points of spread over the mean, and over what it was measured. */
export const volatilitySchema = z.strictObject({ bps: z.int().nonnegative(), basis: z.string() })
export type Volatility = z.output<typeof volatilitySchema>

export const offerPrice = z.discriminatedUnion('model', [
  z.strictObject({ model: z.literal('fixed'), unit: unitPrice }),
  z.strictObject({ model: z.literal('spot'), unit: unitPrice, volatility: volatilitySchema.optional() }),
  z.strictObject({ model: z.literal('auction'), unit: unitPrice, volatility: volatilitySchema.optional() }),
  z.strictObject({ model: z.literal('dynamic'), unit: unitPrice, floor: unitPrice, ceiling: unitPrice }),
  z.strictObject({
    model: z.literal('token'),
    /** CoinGecko-independent symbol, upper case: AKT, RENDER, NOS, IO. */
    token: z.string(),
    /** Token amount per hour as a plain decimal string, and what it buys. */
    tokensPerHour: z.string(),
    per: z.literal(['gpu', 'node']),
    gpus: z.int().positive(),
  }),
])
export type OfferPrice = z.output<typeof offerPrice>

const measured = z.strictObject({ value: z.number().nonnegative(), how: z.string() })

export const offerSchema = z.strictObject({
  /** `<provider>:<stable key of the provider>`: the last tie-break of the ranking. */
  id: z.string(),
  provider: z.string(),
  /** The on-chain registry id of who is paid, for offers that can be booked. */
  payee: z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{64}$/)]).optional(),
  /** Absent when the provider's name for it is not in data/gpus.json: shown, counted, never routed to. */
  gpu: gpuSchema.optional(),
  /** The provider's own words for the GPU, for support. */
  rawGpu: z.string(),
  gpusPerNode: z.int().positive(),
  price: offerPrice,
  /** Lower-case codes, most general first: continent, country, provider region. Empty = unknown. */
  region: z.array(z.string()),
  /** What can be rented now, in GPUs; absent = the provider does not say. */
  freeGpus: z.int().nonnegative().optional(),
  /** Per cent over the time named in `how`. */
  uptimePercent: measured.optional(),
  latencyMs: measured.optional(),
  /** Whether Necto can start a job here; when not, why not. */
  bookable: z.union([z.literal(true), z.strictObject({ no: z.string() })]),
  runtimes: z.array(runtime),
  /** Charged on top of the price, in basis points of it. */
  fees: z.array(z.strictObject({ label: z.string(), bps: z.int().positive() })).optional(),
  /** Set when the price is worked out from a rate card that nobody offers at: shown, never chosen. Says which card. */
  estimated: z.string().optional(),
  /** Billed at least this long. */
  minSeconds: z.int().nonnegative(),
  observedAtMs: instantMs,
})
export type Offer = z.output<typeof offerSchema>
