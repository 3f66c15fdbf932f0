// Rows of the spot price history: points in time at which a type's price changed in a zone.
import { z } from 'zod'
import type { MicroUsd } from '../../money.ts'
import { parseUsd } from '../../money.ts'
import type { DroppedRow } from '../dropped.ts'
import { zoneRegion } from './zoneRegion.ts'

/** From `atMs` on an instance of `type` cost this per hour in the zone. */
export interface SpotPoint {
  readonly type: string
  /** The zone's id, which is the same for every account ("use1-az1"); its name where AWS gives no id. */
  readonly zone: string
  /** What the zone's name says; absent when it is of no form that AWS is known to use. */
  readonly region?: string
  readonly usdPerNodeHour: MicroUsd
  readonly atMs: number
}

const priceRow = z.object({
  InstanceType: z.string(),
  AvailabilityZone: z.string().optional(),
  AvailabilityZoneId: z.string().optional(),
  ProductDescription: z.string().optional(),
  SpotPrice: z.string(),
  // The SDK gives dates; in JSON they are text.
  Timestamp: z.union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))]),
})
// The second is the same, as it is called in accounts of before 2013.
const LINUX = ['Linux/UNIX', 'Linux/UNIX (Amazon VPC)']

/**
 * Prices of Linux instances. Rows of other systems, whose licence the price includes, are dropped, as are unreadable
 * rows and prices that are none.
 */
export function spotPoints(rows: readonly unknown[]): { points: SpotPoint[]; dropped: DroppedRow[] } {
  const points: SpotPoint[] = []
  const dropped: DroppedRow[] = []
  for (const [index, raw] of rows.entries()) {
    const parsed = priceRow.safeParse(raw)
    const zone = parsed.data?.AvailabilityZoneId ?? parsed.data?.AvailabilityZone
    if (!parsed.success || zone === undefined) {
      dropped.push({ row: `prices[${index}]`, reason: 'not readable' })
      continue
    }
    const { InstanceType: type, AvailabilityZone: name, AvailabilityZoneId: id, SpotPrice, Timestamp } = parsed.data
    const usdPerNodeHour = parseUsd(SpotPrice, 'up')
    if (!LINUX.includes(parsed.data.ProductDescription ?? 'Linux/UNIX')) {
      dropped.push({ row: type, reason: 'not the price of a Linux instance' })
    } else if (!usdPerNodeHour) dropped.push({ row: type, reason: 'a price that is none' })
    else {
      const region = zoneRegion({ name, id })
      const at = { zone: zone.toLowerCase(), ...(region === undefined ? {} : { region }) }
      points.push({ type, ...at, usdPerNodeHour, atMs: Timestamp.getTime() })
    }
  }
  return { points, dropped }
}

/** Per type and zone what it costs now: the last change at or before `nowMs`, of several at once the dearest. */
export function currentPrices(points: readonly SpotPoint[], nowMs: number): SpotPoint[] {
  const current = new Map<string, SpotPoint>()
  for (const point of points) {
    const key = `${point.type} ${point.zone}`
    const known = current.get(key)
    const isNewer =
      !known || known.atMs < point.atMs || (known.atMs === point.atMs && known.usdPerNodeHour < point.usdPerNodeHour)
    if (point.atMs <= nowMs && isNewer) current.set(key, point)
  }
  return [...current.values()]
}

/** Per type the cheapest zone now. */
export function cheapestZones(points: readonly SpotPoint[], nowMs: number): Map<string, SpotPoint> {
  const cheapest = new Map<string, SpotPoint>()
  for (const point of currentPrices(points, nowMs)) {
    const known = cheapest.get(point.type)
    const cheaper =
      !known ||
      point.usdPerNodeHour < known.usdPerNodeHour ||
      // Zones at one price: always the same one, whatever order AWS lists them in.
      (point.usdPerNodeHour === known.usdPerNodeHour && point.zone < known.zone)
    if (cheaper) cheapest.set(point.type, point)
  }
  return cheapest
}
