// Rows of the spot price history: points in time at which a type's price changed in a zone.
import { z } from 'zod'
import type { MicroUsd } from '../../money.ts'
import { parseUsd } from '../../money.ts'
import type { DroppedRow } from '../dropped.ts'

/** From `atMs` on an instance of `type` cost this per hour in the zone. */
export interface SpotPoint {
  readonly type: string
  /** The zone's id, which is the same for every account ("use1-az1"); its name where AWS gives no id. */
  readonly zone: string
  readonly usdPerNodeHour: MicroUsd
  readonly atMs: number
}

const priceRow = z.object({
  InstanceType: z.string(),
  AvailabilityZone: z.string().optional(),
  AvailabilityZoneId: z.string().optional(),
  SpotPrice: z.string(),
  Timestamp: z.date(),
})

/** Unreadable rows and prices that are none are dropped. */
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
    const { InstanceType: type, SpotPrice, Timestamp } = parsed.data
    const usdPerNodeHour = parseUsd(SpotPrice, 'up')
    if (usdPerNodeHour) points.push({ type, zone: zone.toLowerCase(), usdPerNodeHour, atMs: Timestamp.getTime() })
    else dropped.push({ row: type, reason: 'a price that is none' })
  }
  return { points, dropped }
}

/** Per type the cheapest zone now: the last change at or before `nowMs` counts in each zone. */
export function cheapestZones(points: readonly SpotPoint[], nowMs: number): Map<string, SpotPoint> {
  const current = new Map<string, SpotPoint>()
  for (const point of points) {
    const key = `${point.type} ${point.zone}`
    const known = current.get(key)
    if (point.atMs <= nowMs && (!known || known.atMs < point.atMs)) current.set(key, point)
  }
  const cheapest = new Map<string, SpotPoint>()
  for (const point of current.values()) {
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
