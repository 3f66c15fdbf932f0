// io.net: its keyless price lists, the market snapshot and the cluster catalogue, turned into offers.
import { z } from 'zod'
import { NectoError } from '../../errors.ts'
import { parseGpu } from '../../gpu/parseGpu.ts'
import { cannotStart } from '../../launch/cannotStart.ts'
import type { Offer } from '../../market/offer.ts'
import { perGpuHour, usdFromNumber } from '../../money.ts'
import { type DroppedRow, dropWarnings, type ParsedOffers, unmappedWarnings } from '../dropped.ts'

/** A row of a list, with its place in the reply. */
export interface ListRow {
  readonly at: string
  readonly raw: unknown
}

const count = z.int().nonnegative()
// The documented schema does not require a status; where there is one, a 200 with any other is a failure.
const status = z.literal('succeeded').optional()
const snapshot = z.object({ status, data: z.array(z.unknown()) })
const catalogue = z.object({
  status,
  data: z.object({ hardwares: z.object({ gpu: z.record(z.string(), z.array(z.unknown())) }) }),
})
// The documented example and what clients recorded differ in their fields, so most may be missing.
const listRow = z.object({
  id: count,
  hardware_name: z.string().min(1),
  brand_name: z.string().nullish(),
  type: z.string().nullish(),
  /** USD per hour of one card in a Ray cluster, and in a container. */
  price: z.number().nullish(),
  caas_price: z.number().nullish(),
  total: count.nullish(),
  /** Two names of one figure: the snapshot's example says both, the catalogue only `available`. */
  idle: count.nullish(),
  available: count.nullish(),
})

// Containers take one to eight GPUs (the API's own limit); how GPUs are spread over nodes the lists do not say.
const MAX_GPUS_PER_NODE = 8
// Hired and paid ahead by the hour, at least one.
const MIN_SECONDS = 3600

export const NOT_RENTED = cannotStart('io.net', 'IONET_API_KEY')

/** The rows of `GET /v1/io-explorer/network/market-snapshot`. Throws 'ionet.reply' when the reply is of another shape. */
export function snapshotRows(reply: unknown): ListRow[] {
  return known(snapshot, reply).data.map((raw, index) => ({ at: `data[${index}]`, raw }))
}

/**
 * The GPU rows of `GET /v1/io-cloud/clusters/create-cluster-data`, which lists them by brand. Of io.net's other keyless
 * routes `hardware_pricing` is documented without a shape, `hardware-supply` and `inventory-data` carry no price.
 * Throws 'ionet.reply' when the reply is of another shape.
 */
export function catalogueRows(reply: unknown): ListRow[] {
  return Object.entries(known(catalogue, reply).data.hardwares.gpu).flatMap(([brand, rows]) =>
    rows.map((raw, index) => ({ at: `gpu.${brand}[${index}]`, raw })),
  )
}

/**
 * Offers of one GPU-hour at its list price: that of a container, else that of a Ray cluster, which is often lower and is
 * warned of. Rows without a price are left out; with nothing idle they stay, with freeGpus 0. CPUs and brands without
 * GPUs for containers are passed over.
 */
export function listOffers(rows: readonly ListRow[], observedAtMs: number): ParsedOffers<Offer[]> {
  const offers = new Map<string, Offer>()
  const clusterPriced: string[] = []
  const dropped: DroppedRow[] = []
  for (const { at, raw } of rows) {
    const found = rowOffer(raw, observedAtMs)
    if (!found) continue
    if ('reason' in found) dropped.push({ row: at, reason: found.reason })
    else if (offers.has(found.offer.id)) dropped.push({ row: found.offer.id, reason: 'listed twice' })
    else {
      offers.set(found.offer.id, found.offer)
      if (found.isClusterPrice) clusterPriced.push(found.offer.rawGpu)
    }
  }
  const all = [...offers.values()]
  const warnings = [...dropWarnings(dropped), ...unmappedWarnings(all), ...clusterPriceWarnings(clusterPriced)]
  return { offers: all, warnings, dropped }
}

/** The offer id of a hardware id, which lists and the container service share. */
export const listOfferId = (hardwareId: number) => `ionet:${hardwareId}`

/** The reply as the schema has it; throws 'ionet.reply' when it is of another shape. */
export function known<Schema extends z.ZodType>(schema: Schema, reply: unknown): z.output<Schema> {
  const parsed = schema.safeParse(reply)
  if (parsed.success) return parsed.data
  const details = z.prettifyError(parsed.error)
  throw new NectoError('ionet.reply', 'io.net answered in a form Necto does not know.', { retry: 'later', details })
}

function rowOffer(
  raw: unknown,
  observedAtMs: number,
): { offer: Offer; isClusterPrice: boolean } | { reason: string } | undefined {
  const parsed = listRow.safeParse(raw)
  if (!parsed.success) return { reason: 'not readable' }
  const row = parsed.data
  if (row.type && row.type.toUpperCase() !== 'GPU') return undefined
  if (row.brand_name && !/^(NVIDIA|AMD)$/i.test(row.brand_name.trim())) return undefined
  const listed = row.caas_price ?? row.price
  if (listed === null || listed === undefined) return { reason: 'no price' }
  const usd = usdFromNumber(listed)
  if (usd === undefined || usd === 0n) return { reason: 'a price that is none' }
  const gpu = parseGpu({ name: row.hardware_name })
  const freeGpus = row.idle ?? row.available
  const offer: Offer = {
    id: listOfferId(row.id),
    provider: 'ionet',
    ...(gpu ? { gpu } : {}),
    rawGpu: row.hardware_name,
    gpusPerNode: Math.max(1, Math.min(MAX_GPUS_PER_NODE, row.total ?? MAX_GPUS_PER_NODE)),
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(usd) } },
    region: [],
    ...(typeof freeGpus === 'number' ? { freeGpus } : {}),
    bookable: { no: NOT_RENTED },
    runtimes: ['container'],
    minSeconds: MIN_SECONDS,
    observedAtMs,
  }
  return { offer, isClusterPrice: typeof row.caas_price !== 'number' }
}

function clusterPriceWarnings(names: readonly string[]): string[] {
  if (names.length === 0) return []
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '')
  const prices = names.length === 1 ? '1 price is' : `${names.length} prices are`
  return [`${prices} of Ray clusters, containers may cost more: ${shown}`]
}
