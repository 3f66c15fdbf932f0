// AWS Spot: one region's instance types and spot prices, turned into offers.
import type { Offer } from '../../market/offer.ts'
import { perNodeHour } from '../../money.ts'
import { regionPath } from '../../region/region.ts'
import { dropWarnings, type ParsedOffers, unmappedWarnings } from '../dropped.ts'
import { EXPECTED, gpuTypes } from './gpuTypes.ts'
import { cheapestZones, spotPoints } from './spotPrices.ts'
import { spotVolatility } from './volatility.ts'

/** Rows as the SDK gives them. */
export interface RegionRows {
  readonly region: string
  readonly types: readonly unknown[]
  /** Effective now. */
  readonly prices: readonly unknown[]
  /** Changes of the last days, for the types whose volatility is wanted. */
  readonly history: readonly unknown[]
}

// Linux instances are billed by the second, at least a minute.
const MIN_SECONDS = 60

/**
 * One offer per instance type that has a price: that of its cheapest zone, for the whole instance whatever number of
 * its GPUs a job uses. A type without a price is not offered just now, which is normal.
 */
export function awsSpotOffers(rows: RegionRows, times: { nowMs: number; observedAtMs: number }): ParsedOffers<Offer[]> {
  const { region } = rows
  const { types, dropped: droppedTypes } = gpuTypes(rows.types)
  const { points, dropped: droppedPrices } = spotPoints(rows.prices)
  const { points: history, dropped: droppedHistory } = spotPoints(rows.history)
  const cheapest = cheapestZones(points, times.nowMs)
  const place = regionPath(region)
  const offers = types.flatMap(({ type, gpu, rawGpu, gpus }): Offer[] => {
    const point = cheapest.get(type)
    if (!point) return []
    const inZone = history.filter((change) => change.type === type && change.zone === point.zone)
    const volatility = spotVolatility(inZone, times.nowMs)
    const price = { per: 'node' as const, usdPerHour: perNodeHour(point.usdPerNodeHour), gpus }
    return [
      {
        id: `aws-spot:${region}/${type}`,
        provider: 'aws-spot',
        ...(gpu ? { gpu } : {}),
        rawGpu,
        gpusPerNode: gpus,
        price: { model: 'spot', unit: price, ...(volatility ? { volatility } : {}) },
        region: [...(place.length > 0 ? place : [region]), point.zone],
        bookable: { no: 'Necto cannot start jobs on AWS yet' },
        runtimes: ['container'],
        minSeconds: MIN_SECONDS,
        observedAtMs: times.observedAtMs,
      },
    ]
  })
  const dropped = [...droppedTypes, ...droppedPrices, ...droppedHistory]
  const expected: readonly string[] = Object.values(EXPECTED)
  const unexpected = dropped.filter(({ reason }) => !expected.includes(reason))
  return { offers, warnings: [...dropWarnings(unexpected), ...unmappedWarnings(offers)], dropped }
}
