// AWS Spot: one region's instance types and spot prices, turned into offers.
import { cannotStart } from '../../launch/cannotStart.ts'
import type { Offer } from '../../market/offer.ts'
import { perNodeHour } from '../../money.ts'
import { regionPath } from '../../region/region.ts'
import { type DroppedRow, dropWarnings, type ParsedOffers, unmappedWarnings } from '../dropped.ts'
import { EXPECTED, type GpuType, gpuTypes } from './gpuTypes.ts'
import { cheapestZones, type SpotPoint, spotPoints } from './spotPrices.ts'
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

/** What is known of one region: its types, and prices with their changes. */
interface RegionPrices {
  readonly region: string
  readonly types: readonly GpuType[]
  readonly points: readonly SpotPoint[]
  readonly history: readonly SpotPoint[]
}
interface Times {
  readonly nowMs: number
  readonly observedAtMs: number
}

/** The offers of one region's rows, with what was left out. */
export function awsSpotOffers(rows: RegionRows, times: Times): ParsedOffers<Offer[]> {
  const { types, dropped: droppedTypes } = gpuTypes(rows.types)
  const { points, dropped: droppedPrices } = spotPoints(rows.prices)
  const { points: history, dropped: droppedHistory } = spotPoints(rows.history)
  const offers = regionOffers({ region: rows.region, types, points, history }, times)
  return withWarnings(offers, [...droppedTypes, ...droppedPrices, ...droppedHistory])
}

/**
 * One offer per instance type that has a price: that of its cheapest zone, for the whole instance whatever number of
 * its GPUs a job uses. A type without a price is not offered just now, which is normal.
 */
export function regionOffers({ region, types, points, history }: RegionPrices, times: Times): Offer[] {
  const cheapest = cheapestZones(points, times.nowMs)
  const place = regionPath(region)
  return types.flatMap(({ type, gpu, rawGpu, gpus }): Offer[] => {
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
        bookable: { no: cannotStart('AWS Spot') },
        runtimes: ['container'],
        minSeconds: MIN_SECONDS,
        observedAtMs: times.observedAtMs,
      },
    ]
  })
}

/** People are told of what was left out, but for what is left out by design. */
export function withWarnings(offers: Offer[], dropped: readonly DroppedRow[]): ParsedOffers<Offer[]> {
  const expected: readonly string[] = Object.values(EXPECTED)
  const unexpected = dropped.filter(({ reason }) => !expected.includes(reason))
  return { offers, warnings: [...dropWarnings(unexpected), ...unmappedWarnings(offers)], dropped }
}
