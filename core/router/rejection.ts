// Why an offer does not serve an ask: stable codes, each with the figures that decided it.
import { z } from 'zod'
import { microUsdPerGpuHour } from '../codecs.ts'
import { gpuInterface } from '../gpu/gpu.ts'
import { priceModel, runtime } from '../market/ask.ts'
import { unpricedReason } from '../pricing/quote.ts'

export const rejectionSchema = z.discriminatedUnion('code', [
  z.strictObject({ code: z.literal('gpu-unmapped'), rawGpu: z.string() }),
  z.strictObject({ code: z.literal('gpu-mismatch'), offered: z.string() }),
  z.strictObject({ code: z.literal('interface-unknown'), wanted: gpuInterface }),
  z.strictObject({ code: z.literal('memory-too-small'), memoryGib: z.int(), wantedGib: z.int() }),
  z.strictObject({ code: z.literal('not-on-one-node'), gpusPerNode: z.int(), wanted: z.int() }),
  z.strictObject({ code: z.literal('no-free-capacity'), freeGpus: z.int(), wanted: z.int() }),
  z.strictObject({ code: z.literal('region-mismatch'), region: z.array(z.string()) }),
  z.strictObject({ code: z.literal('region-unknown'), region: z.array(z.string()) }),
  z.strictObject({ code: z.literal('over-price-cap'), price: microUsdPerGpuHour, cap: microUsdPerGpuHour }),
  z.strictObject({ code: z.literal('model-excluded'), model: priceModel }),
  z.strictObject({ code: z.literal('provider-excluded'), provider: z.string() }),
  z.strictObject({ code: z.literal('provider-not-allowed'), provider: z.string() }),
  z.strictObject({ code: z.literal('runtime-unsupported'), wanted: runtime }),
  z.strictObject({ code: z.literal('uptime-too-low'), percent: z.number(), wantedPercent: z.number() }),
  z.strictObject({ code: z.literal('uptime-unknown'), wantedPercent: z.number() }),
  z.strictObject({ code: z.literal('older-than-asked'), ageMs: z.int(), limitMs: z.int() }),
  z.strictObject({ code: z.literal('estimated'), card: z.string() }),
  z.strictObject({ code: z.literal('unpriced'), why: unpricedReason }),
  z.strictObject({ code: z.literal('offer-too-old'), ageMs: z.int(), limitMs: z.int() }),
  /** Always last: an offer with only this would fit but cannot be booked through Necto. */
  z.strictObject({ code: z.literal('not-bookable'), why: z.string() }),
])
export type Rejection = z.output<typeof rejectionSchema>
export type RejectionCode = Rejection['code']

/** What became of one offer; it fits when `rejections` is empty. */
export const verdictSchema = z.strictObject({ offerId: z.string(), rejections: z.array(rejectionSchema) })
export type Verdict = z.output<typeof verdictSchema>
