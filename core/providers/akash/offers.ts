// Akash: the Console's table of published GPU prices, turned into fixed offers.
import { z } from 'zod'
import { NectoError } from '../../errors.ts'
import { cannotStart } from '../../launch/cannotStart.ts'
import type { Offer } from '../../market/offer.ts'
import { perGpuHour, usdFromNumber } from '../../money.ts'
import type { DroppedRow } from '../dropped.ts'
import { BLOCK_SECONDS } from './blocks.ts'
import { namedGpu } from './gpuName.ts'
import type { AkashOffers } from './joinOffers.ts'

const count = z.int().nonnegative()
const envelope = z.object({ models: z.array(z.unknown()) })
const modelRow = z.object({
  vendor: z.string(),
  model: z.string().min(1),
  ram: z.string(),
  interface: z.string(),
  availability: z.object({ total: count, available: count }),
  price: z.object({ currency: z.literal('USD'), min: z.number() }).nullable(),
})

// The largest node that data-centre boards are built into. Akash does not say how its GPUs are spread over nodes; an
// order for more than one node holds simply gets no bid.
const MAX_GPUS_PER_NODE = 8

/**
 * The reply of `GET /v1/gpu-prices`. The price is `min`, the cheapest provider's rate for one GPU: Akash publishes it
 * as of the last bids it saw, at most weeks old, so it stands still and says nothing of how prices move. Rows without
 * a price are left out; rows with nothing free stay, with freeGpus 0.
 * Throws NectoError 'akash.reply' when the reply is not of that shape.
 */
export function publishedOffers(reply: unknown, observedAtMs: number): AkashOffers {
  const parsed = envelope.safeParse(reply)
  if (!parsed.success) throw notAkash(z.prettifyError(parsed.error))
  const offers = new Map<string, Offer>()
  const dropped: DroppedRow[] = []
  for (const [index, raw] of parsed.data.models.entries()) {
    const offer = rowOffer(raw, observedAtMs)
    if ('reason' in offer) dropped.push({ row: `models[${index}]`, reason: offer.reason })
    else if (offers.has(offer.id)) dropped.push({ row: offer.id, reason: 'listed twice' })
    else offers.set(offer.id, offer)
  }
  return { offers: [...offers.values()], dropped }
}

/** A reply that is none of Akash's. */
export const notAkash = (details: string) =>
  new NectoError('akash.reply', 'Akash answered in a form Necto does not know.', { retry: 'later', details })

function rowOffer(raw: unknown, observedAtMs: number): Offer | { reason: string } {
  const parsed = modelRow.safeParse(raw)
  if (!parsed.success) return { reason: 'not readable' }
  const row = parsed.data
  if (!row.price) return { reason: 'no price' }
  const usd = usdFromNumber(row.price.min)
  if (usd === undefined || usd === 0n) return { reason: 'a price that is none' }
  return {
    id: `akash:${[row.vendor, row.model, row.ram, row.interface].join('/').toLowerCase()}`,
    provider: 'akash',
    ...namedGpu(row),
    gpusPerNode: Math.max(1, Math.min(MAX_GPUS_PER_NODE, row.availability.total)),
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(usd) } },
    region: [],
    freeGpus: row.availability.available,
    bookable: { no: cannotStart('Akash', 'AKASH_CONSOLE_API_KEY') },
    runtimes: ['container'],
    minSeconds: BLOCK_SECONDS,
    observedAtMs,
  }
}
