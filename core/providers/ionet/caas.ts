// io.net's container service (CaaS): its replies on hardware, places and the price of an order, and the offer they make.
import { z } from 'zod'
import type { Gpu } from '../../gpu/gpu.ts'
import { parseGpu } from '../../gpu/parseGpu.ts'
import type { Ask } from '../../market/ask.ts'
import type { Offer } from '../../market/offer.ts'
import { mulDivUp, perGpuHour, usdFromNumber } from '../../money.ts'
import { regionPath } from '../../region/region.ts'
import type { DroppedRow } from '../dropped.ts'
import { known, listOfferId, NOT_RENTED } from './offers.ts'

const count = z.int().nonnegative()
const hardwareReply = z.object({ data: z.object({ hardware: z.array(z.unknown()) }) })
const hardwareRow = z.object({
  hardware_id: count,
  hardware_name: z.string().min(1),
  max_gpus_per_container: z.int().positive(),
})
const placesReply = z.object({ data: z.array(z.unknown()) })
const placeRow = z.object({ id: count, iso2: z.string(), name: z.string(), available_replicas: count })
/** Fees are inside the total. */
export const priceReply = z.object({
  data: z.object({
    replica_count: count,
    gpus_per_container: count,
    total_cost_usdc: z.number(),
    available_replica_count: z.array(count).nullish(),
  }),
})

/** Something that containers can be ordered on. */
export interface Hardware {
  readonly id: number
  readonly name: string
  readonly gpu: Gpu | undefined
  readonly maxGpus: number
}
/** A location with room for containers of the size that was asked for. */
export interface Place {
  readonly id: number
  readonly iso2: string
  readonly name: string
  readonly containers: number
}
/** Of the last hour: io.net ends the container when its hours are over, and by then its output must be handed in. */
const HAND_IN_SECONDS = 600
/** One container with all the GPUs, hired for whole hours. */
export interface Order {
  readonly gpus: number
  readonly hours: number
}

/** Where the service answers an account with a key. */
export function caasUrl(baseUrl: string, path: string, query: Record<string, string | number> = {}): string {
  const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
  return `${baseUrl.replace(/\/+$/, '')}/enterprise/v1/io-cloud/caas${path}${parameters.size > 0 ? `?${parameters}` : ''}`
}

/** A place's own price: a container is deployed to one location. */
export const priceQuery = (hardwareId: number, placeId: number, order: Order) => ({
  location_ids: JSON.stringify([placeId]),
  hardware_id: hardwareId,
  duration_hours: order.hours,
  gpus_per_container: order.gpus,
  replica_count: 1,
})

/** Of an ask as of the terms that come of it, whose longest time is all that such an order leaves for a job. */
export const orderOf = (of: Pick<Ask, 'gpuCount' | 'maxSeconds'>): Order => ({
  gpus: of.gpuCount,
  hours: Math.ceil((of.maxSeconds + HAND_IN_SECONDS) / 3600),
})

/** The reply of `GET /hardware/max-gpus-per-container`. Throws 'ionet.reply' when it is of another shape. */
export function hardwareOf(reply: unknown): { hardware: Hardware[]; dropped: DroppedRow[] } {
  const { read, dropped } = rowsOf(hardwareRow, known(hardwareReply, reply).data.hardware, {
    of: 'hardware',
    idOf: (row) => row.hardware_id,
  })
  const hardware = read.map((row) => {
    const { hardware_id: id, hardware_name: name, max_gpus_per_container: maxGpus } = row
    return { id, name, gpu: parseGpu({ name }), maxGpus }
  })
  return { hardware, dropped }
}

/** The reply of `GET /available-replicas`: places with room, the most first. Throws 'ionet.reply' likewise. */
export function placesOf(reply: unknown): { places: Place[]; dropped: DroppedRow[] } {
  const { read, dropped } = rowsOf(placeRow, known(placesReply, reply).data, { of: 'locations', idOf: ({ id }) => id })
  const places = read
    .map(({ id, iso2, name, available_replicas: containers }) => ({ id, iso2, name, containers }))
    .filter(({ containers }) => containers > 0)
    .sort((a, b) => b.containers - a.containers || a.id - b.id)
  return { places, dropped }
}

/**
 * The reply of `GET /price` as a firm offer of the order's container at one place, or why it is none. The price of one
 * GPU-hour is the total, fees included, shared over GPUs and hours, rounded up. All hours are paid ahead, so the least
 * that is billed is what a job may take of them, and the minutes for handing in are a fee on that.
 */
export function firmOffer(
  reply: unknown,
  of: { hardware: Hardware; place: Place; order: Order; observedAtMs: number },
): Offer | { reason: string } {
  const { hardware, place, order } = of
  const { data } = known(priceReply, reply)
  if (data.replica_count !== 1 || data.gpus_per_container !== order.gpus) return { reason: 'a price of another order' }
  const total = usdFromNumber(data.total_cost_usdc)
  if (total === undefined || total === 0n) return { reason: 'a price that is none' }
  const minSeconds = order.hours * 3600 - HAND_IN_SECONDS
  return {
    id: `${listOfferId(hardware.id)}/${place.id}`,
    provider: 'ionet',
    ...(hardware.gpu ? { gpu: hardware.gpu } : {}),
    rawGpu: hardware.name,
    gpusPerNode: hardware.maxGpus,
    price: {
      model: 'fixed',
      unit: { per: 'gpu', usdPerHour: perGpuHour(mulDivUp(total, 1n, BigInt(order.gpus * order.hours))) },
    },
    fees: [
      {
        label: `${HAND_IN_SECONDS / 60} minutes of the ${order.hours} h paid ahead, to hand in the output`,
        bps: Math.ceil((HAND_IN_SECONDS * 10_000) / minSeconds),
      },
    ],
    // A name that contradicts its country leaves the place unknown.
    region: regionPath(`${place.name}, ${place.iso2}`),
    freeGpus: place.containers * order.gpus,
    bookable: { no: NOT_RENTED },
    runtimes: ['container'],
    minSeconds,
    observedAtMs: of.observedAtMs,
  }
}

/** Rows that can be read, each id once. */
function rowsOf<Row extends z.ZodType>(
  schema: Row,
  rows: readonly unknown[],
  { of, idOf }: { of: string; idOf: (row: z.output<Row>) => number },
): { read: z.output<Row>[]; dropped: DroppedRow[] } {
  const read = new Map<number, z.output<Row>>()
  const dropped: DroppedRow[] = []
  for (const [index, raw] of rows.entries()) {
    const parsed = schema.safeParse(raw)
    const row = `${of}[${index}]`
    if (!parsed.success) dropped.push({ row, reason: 'not readable' })
    else if (read.has(idOf(parsed.data))) dropped.push({ row, reason: 'listed twice' })
    else read.set(idOf(parsed.data), parsed.data)
  }
  return { read: [...read.values()], dropped }
}
