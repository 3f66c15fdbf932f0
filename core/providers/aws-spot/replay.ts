// Recorded replies of EC2 turned into offers, as if they had been read at one instant.
import { z } from 'zod'
import type { Offer } from '../../market/offer.ts'
import type { DroppedRow, ParsedOffers } from '../dropped.ts'
import type { RecordedReply } from '../module.ts'
import { gpuTypes } from './gpuTypes.ts'
import { regionOffers, withWarnings } from './offers.ts'
import { recordedRows } from './recordedRows.ts'
import { currentPrices, spotPoints } from './spotPrices.ts'

/**
 * Types come from some files, prices from others. A file of types says of no region, so each counts in every region
 * that has a price of it; a price's region is that of its zone. Types without a price are dropped, and prices whose
 * type no file describes too: what an instance holds is read, never guessed from its name.
 * Throws NectoError 'aws-spot.reply' that names the file when one is no such reply.
 */
export function replayAwsSpot(replies: readonly RecordedReply[], atMs: number): ParsedOffers<Offer[]> {
  const rows = recordedRows(replies)
  const described = describedTypes(rows.types)
  const { types, dropped: droppedTypes } = gpuTypes([...described.values()])
  const { points, dropped: droppedPrices } = spotPoints(rows.prices)
  const dropped: DroppedRow[] = [...droppedTypes, ...droppedPrices]
  const placed = points.flatMap((point) => {
    const { type, zone, region } = point
    if (described.has(type) && region !== undefined) return [{ ...point, region }]
    const reason = described.has(type) ? 'a zone of no known region' : 'instance type not described in the files'
    dropped.push({ row: `${type} in ${zone}`, reason })
    return []
  })
  const offers = [...Map.groupBy(placed, ({ region }) => region)].flatMap(([region, inRegion]) => {
    const prices = { region, types, points: inRegion, history: inRegion }
    return regionOffers(prices, { nowMs: atMs, observedAtMs: atMs })
  })
  const priced = new Set(currentPrices(placed, atMs).map(({ type }) => type))
  const unpriced = types.filter(({ type }) => !priced.has(type))
  dropped.push(...unpriced.map(({ type }) => ({ row: type, reason: 'no spot price in the files' })))
  return withWarnings(offers, dropped)
}

const named = z.object({ InstanceType: z.string() })

/** Once each, since every region's list names the same types; rows without a name stand for themselves. */
function describedTypes(rows: readonly unknown[]): Map<string, unknown> {
  const described = new Map<string, unknown>()
  for (const [index, row] of rows.entries()) {
    const name = named.safeParse(row).data?.InstanceType ?? `types[${index}]`
    if (!described.has(name)) described.set(name, row)
  }
  return described
}
