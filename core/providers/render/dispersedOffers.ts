// Offers of Dispersed, Render's compute network: pages of its list, turned into offers.
import { z } from 'zod'
import { NectoError } from '../../errors.ts'
import { parseGpu } from '../../gpu/parseGpu.ts'
import { cannotStart } from '../../launch/cannotStart.ts'
import type { Offer } from '../../market/offer.ts'
import { type MicroUsd, perNodeHour, usdFromNumber } from '../../money.ts'
import { regionPath } from '../../region/region.ts'
import { type DroppedRow, dropWarnings, type ParsedOffers, unmappedWarnings } from '../dropped.ts'

const envelope = z.object({ data: z.array(z.unknown()), total: z.int().nonnegative() })
const identified = z.object({ offer_id: z.unknown() }).refine((row) => row.offer_id !== undefined)

const gpuModel = z.object({
  name: z.string().min(1),
  count: z.int().positive().nullish(),
  min_vram_gib: z.number().nonnegative().nullish(),
  gpu_registry_uuid: z.string().nullish(),
})
const offerRow = z.object({
  offer_id: z.string().min(1),
  hardware_summary: z.object({
    gpu_count: z.int().nonnegative(),
    gpu_model_label: z.string().nullish(),
    gpu_models: z.array(gpuModel).nullish(),
    min_gpu_vram_gib: z.number().nonnegative().nullish(),
    gpu_registry_uuid: z.string().nullish(),
  }),
  pricing: z.object({ hourly_rate_usd: z.number().nullish(), quoted_at: z.iso.datetime({ offset: true }).nullish() }),
  region_code: z.string().nullish(),
})
type OfferRow = z.output<typeof offerRow>

const NOT_RENTED = cannotStart('Dispersed', 'DISPERSED_PUBLIC_KEY', 'DISPERSED_SECRET_KEY')
// Dispersed rents out plain processors too, which nobody need be warned of.
const NO_GPU = 'no GPU'

/** One page of the list: its rows unread, and how many offers there are on all pages. */
export interface DispersedPage {
  readonly rows: readonly unknown[]
  readonly total: number
}

/**
 * The reply of `GET /v1/compute/offers`. Throws NectoError 'render.reply' when it is not of that shape; Dispersed's other
 * lists have the same frame, so one with rows of which none has an offer_id is refused too.
 */
export function dispersedPage(reply: unknown): DispersedPage {
  const parsed = envelope.safeParse(reply)
  if (!parsed.success) throw notOffers(z.prettifyError(parsed.error))
  const { data, total } = parsed.data
  if (data.length > 0 && !data.some((row) => identified.safeParse(row).success))
    throw notOffers('no offer_id in any row')
  return { rows: data, total }
}

const notOffers = (details: string) =>
  new NectoError('render.reply', 'Dispersed answered in a form Necto does not know.', { retry: 'later', details })

/**
 * Rows as offers at the whole node's price: a job of one GPU on a node of six is charged for six. A node with several
 * kinds of GPU stays unmapped. Nothing is said about parts of a node being free, so an offered node is free as a whole.
 */
export function dispersedOffers(
  pages: readonly { readonly rows: readonly unknown[]; readonly observedAtMs: number }[],
): ParsedOffers<Offer[]> {
  const offers = new Map<string, Offer>()
  const dropped: DroppedRow[] = []
  for (const { rows, observedAtMs } of pages) {
    for (const raw of rows) {
      const offer = rowOffer(raw, observedAtMs)
      const row = 'reason' in offer ? `offers[${offers.size + dropped.length}]` : offer.id
      if ('reason' in offer) dropped.push({ row, reason: offer.reason })
      // Offers move between pages while they are turned.
      else if (offers.has(offer.id)) dropped.push({ row, reason: 'listed twice' })
      else offers.set(offer.id, offer)
    }
  }
  const all = [...offers.values()]
  const unexpected = dropped.filter(({ reason }) => reason !== NO_GPU)
  return { offers: all, warnings: [...dropWarnings(unexpected), ...unmappedWarnings(all)], dropped }
}

/** What a job may be given, as an order names it. */
export interface DispersedNode {
  readonly offerId: string
  /** Of its GPUs in Dispersed's registry. */
  readonly gpuUuids: readonly string[]
  readonly gpus: number
  readonly region: string | undefined
  /** Undefined: there is no price, or none that is one. */
  readonly usdPerHour: MicroUsd | undefined
}

/** The nodes of rows that can be read, whatever Necto makes of their GPUs and prices. */
export function dispersedNodes(rows: readonly unknown[]): DispersedNode[] {
  return rows.flatMap((raw) => {
    const row = offerRow.safeParse(raw).data
    if (!row) return []
    const { hardware_summary: hardware, pricing } = row
    const uuids = [hardware, ...(hardware.gpu_models ?? [])].map((one) => one.gpu_registry_uuid)
    const usd = pricing.hourly_rate_usd == null ? undefined : usdFromNumber(pricing.hourly_rate_usd)
    return {
      offerId: row.offer_id,
      gpuUuids: [...new Set(uuids.filter((uuid) => uuid != null))],
      gpus: hardware.gpu_count,
      region: row.region_code ?? undefined,
      usdPerHour: usd === 0n ? undefined : usd,
    }
  })
}

/** The offer id of Dispersed's own, as Necto shows it. */
export const dispersedOfferId = (offerId: string) => `render:dispersed/${offerId}`

function rowOffer(raw: unknown, readAtMs: number): Offer | { reason: string } {
  const parsed = offerRow.safeParse(raw)
  if (!parsed.success) return { reason: 'not readable' }
  const { offer_id, hardware_summary: hardware, pricing, region_code } = parsed.data
  const gpus = hardware.gpu_count
  if (gpus === 0) return { reason: NO_GPU }
  const models = hardware.gpu_models ?? []
  const counts = models.map(({ count }) => count)
  if (counts.length > 0 && counts.every((count) => count != null) && sum(counts) !== gpus) {
    return { reason: 'numbers of GPUs that contradict each other' }
  }
  if (pricing.hourly_rate_usd == null) return { reason: 'no price' }
  const usd = usdFromNumber(pricing.hourly_rate_usd)
  if (usd === undefined || usd === 0n) return { reason: 'a price that is none' }
  const gpu = nodeGpu(hardware)
  const place = regionPath(region_code ?? '')
  const quotedAtMs = pricing.quoted_at == null ? readAtMs : Date.parse(pricing.quoted_at)
  return {
    id: dispersedOfferId(offer_id),
    provider: 'render',
    ...(gpu ? { gpu } : {}),
    rawGpu: nodeName(hardware),
    gpusPerNode: gpus,
    price: { model: 'fixed', unit: { per: 'node', usdPerHour: perNodeHour(usd), gpus } },
    region: place.length > 0 || !region_code ? place : [region_code.toLowerCase()],
    freeGpus: gpus,
    bookable: { no: NOT_RENTED },
    runtimes: ['container'],
    // Billed for the time of execution.
    minSeconds: 0,
    // A clock ahead of ours would keep an offer fresh for ever.
    observedAtMs: Math.min(quotedAtMs, readAtMs),
  }
}

const sum = (counts: readonly (number | null | undefined)[]) =>
  counts.reduce<number>((total, count) => total + (count ?? 0), 0)

/** The GPU of which all on the node are; undefined when there are several kinds, or Necto does not know it. */
function nodeGpu({ gpu_models, gpu_model_label, min_gpu_vram_gib }: OfferRow['hardware_summary']) {
  const kinds = gpu_models?.length
    ? gpu_models.map(({ name, min_vram_gib }) => ({ name, memoryGib: min_vram_gib || undefined }))
    : [{ name: gpu_model_label ?? '', memoryGib: min_gpu_vram_gib || undefined }]
  const [first, ...others] = kinds.map((kind) => parseGpu(kind))
  return others.every((other) => other?.id === first?.id) ? first : undefined
}

/** "6x RTX 5090", "1x RTX 4090 + 1x RTX 3090", or Dispersed's own label. */
function nodeName({ gpu_count, gpu_models, gpu_model_label }: OfferRow['hardware_summary']): string {
  if (!gpu_models?.length) return `${gpu_count}x ${gpu_model_label || 'GPU without a name'}`
  const [only, ...others] = gpu_models
  if (only && others.length === 0) return `${gpu_count}x ${only.name}`
  return gpu_models.map(({ name, count }) => (count == null ? name : `${count}x ${name}`)).join(' + ')
}
