// How every spot price of a recorded history moved: a table per instance type and zone.
import { formatUsd } from '../../money.ts'
import type { RecordedReply, VolatilityRow } from '../module.ts'
import { recordedRows } from './recordedRows.ts'
import { currentPrices, spotPoints } from './spotPrices.ts'
import { changesIn, pointsInWindow, priceSpread, volatilityLabel } from './volatility.ts'

/**
 * Over the 14 days that end at `atMs`, by type and zone; later rows are as if they were not there. Only prices of Linux
 * instances count: other systems' hold the price of a licence. Instance types in the files are passed over.
 * Throws NectoError 'aws-spot.reply' that names the file when one is no reply of EC2.
 */
export function volatilityTable(replies: readonly RecordedReply[], atMs: number): VolatilityRow[] {
  const { points } = spotPoints(recordedRows(replies).prices)
  const series = Map.groupBy(points, ({ type, zone }) => `${type} ${zone}`)
  return currentPrices(points, atMs)
    .map(({ type, zone, usdPerNodeHour }) => {
      const used = pointsInWindow(series.get(`${type} ${zone}`) ?? [], atMs)
      const spread = priceSpread(used, atMs)
      return {
        type,
        zone,
        currentUsdPerHour: formatUsd(usdPerNodeHour),
        ...(spread && {
          meanUsdPerHour: formatUsd(spread.meanUsdPerNodeHour),
          cv: ratio(spread.cvMillionths),
          rangeOverMean: ratio(spread.rangeMillionths),
        }),
        changes: changesIn(used, atMs),
        label: volatilityLabel(spread?.cvMillionths),
      }
    })
    .sort((a, b) => (a.type === b.type ? compare(a.zone, b.zone) : compare(a.type, b.type)))
}

const ratio = (millionths: number) => (millionths / 1_000_000).toFixed(6)
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
