// Akash: the Console's table of GPU prices, turned into offers.
import { z } from 'zod'
import { NectoError } from '../../errors.ts'
import { parseGpu } from '../../gpu/parseGpu.ts'
import type { Offer, Volatility } from '../../market/offer.ts'
import { perGpuHour, usdFromNumber } from '../../money.ts'
import { type DroppedRow, dropWarnings, type ParsedOffers, unmappedWarnings } from '../dropped.ts'

const count = z.int().nonnegative()
const envelope = z.object({ models: z.array(z.unknown()) })
const modelRow = z.object({
  vendor: z.string(),
  model: z.string().min(1),
  ram: z.string(),
  interface: z.string(),
  availability: z.object({ total: count, available: count }),
  providerAvailability: z.object({ total: count }).optional(),
  price: z.object({ currency: z.literal('USD'), min: z.number(), max: z.number(), med: z.number() }).nullable(),
})
type ModelRow = z.output<typeof modelRow>

// The largest node that data-centre boards are built into. Akash does not say how its GPUs are spread over nodes; an
// order for more than one node holds simply gets no bid.
const MAX_GPUS_PER_NODE = 8
// Leases are paid per block of about six seconds.
const BLOCK_SECONDS = 6

/**
 * The reply of `GET /v1/gpu-prices`. The price is `min`, the cheapest provider's bid for one GPU: an auction, firm only
 * once a provider bids on the order. Rows without a price are left out; rows with nothing free stay, with freeGpus 0.
 * Throws NectoError 'akash.reply' when the reply is not of that shape.
 */
export function akashOffers(reply: unknown, observedAtMs: number): ParsedOffers<Offer[]> {
  const parsed = envelope.safeParse(reply)
  if (!parsed.success) {
    const details = z.prettifyError(parsed.error)
    throw new NectoError('akash.reply', 'Akash answered in a form Necto does not know.', { retry: 'later', details })
  }
  const offers = new Map<string, Offer>()
  const dropped: DroppedRow[] = []
  for (const [index, raw] of parsed.data.models.entries()) {
    const offer = rowOffer(raw, observedAtMs)
    if ('reason' in offer) dropped.push({ row: `models[${index}]`, reason: offer.reason })
    else if (offers.has(offer.id)) dropped.push({ row: offer.id, reason: 'listed twice' })
    else offers.set(offer.id, offer)
  }
  const all = [...offers.values()]
  return { offers: all, warnings: [...dropWarnings(dropped), ...unmappedWarnings(all)], dropped }
}

function rowOffer(raw: unknown, observedAtMs: number): Offer | { reason: string } {
  const parsed = modelRow.safeParse(raw)
  if (!parsed.success) return { reason: 'not readable' }
  const row = parsed.data
  if (!row.price) return { reason: 'no price' }
  const usd = usdFromNumber(row.price.min)
  if (usd === undefined || usd === 0n) return { reason: 'a price that is none' }
  const memoryGib = /^(\d+(?:\.\d+)?)Gi$/.exec(row.ram)?.[1]
  const gpu = parseGpu({
    name: row.model,
    interface: row.interface,
    ...(memoryGib === undefined ? {} : { memoryGib: Number(memoryGib) }),
  })
  const volatility = bidSpread(row)
  return {
    id: `akash:${[row.vendor, row.model, row.ram, row.interface].join('/').toLowerCase()}`,
    provider: 'akash',
    ...(gpu ? { gpu } : {}),
    rawGpu: [row.model, row.ram, row.interface].filter(Boolean).join(' '),
    gpusPerNode: Math.max(1, Math.min(MAX_GPUS_PER_NODE, row.availability.total)),
    price: {
      model: 'auction',
      unit: { per: 'gpu', usdPerHour: perGpuHour(usd) },
      ...(volatility ? { volatility } : {}),
    },
    region: [],
    freeGpus: row.availability.available,
    bookable: { no: 'Necto cannot start jobs on Akash yet' },
    runtimes: ['container'],
    minSeconds: BLOCK_SECONDS,
    observedAtMs,
  }
}

/** How far bids lie apart, over the median; unknown, not calm, when a single provider bids. */
function bidSpread({ price, providerAvailability }: ModelRow): Volatility | undefined {
  if (!price || providerAvailability?.total === 1) return undefined
  const [min, max, med] = [price.min, price.max, price.med].map(usdFromNumber)
  if (min === undefined || max === undefined || !med || max < min) return undefined
  return { bps: Number(((max - min) * 10_000n) / med), basis: 'spread of single-GPU bids over their median' }
}
