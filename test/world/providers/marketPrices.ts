// The stand-in market: what everything costs at a given time, from the seed alone, unless a test pins a price.
import { type AkashModel, EC2_REGIONS, EC2_TYPES } from './catalog.ts'
import { noise, walk } from './priceWalk.ts'
import type { PricePoint } from './standIn.ts'
import { tokenPoint } from './tokenWalk.ts'

export interface MarketPrices {
  /** What each provider bid for one GPU-hour when the Console last looked, cheapest first; empty when nobody did. */
  akashBids(model: AkashModel, nowMs: number): number[]
  /** What they bid now: the published ones are a quarter of an hour behind. */
  akashLiveBids(model: AkashModel, nowMs: number): number[]
  akashFree(model: AkashModel, nowMs: number): number
  aktUsd(nowMs: number): number
  /** Changes of a type's price in a zone, oldest first: the one in effect at `fromMs`, and all until `toMs`. */
  ec2Points(where: { region: string; zone: string; type: string }, fromMs: number, toMs: number): PricePoint[]
}

export const akashSeries = ({ model, ram, interface: board }: AkashModel) => `akash/${model}/${ram}/${board}`
export const ec2Series = (region: string, type: string) => `ec2/${region}/${type}`

const AKASH_STEP_MS = 60_000
const AKASH_LATE_STEPS = 15
const EC2_STEP_MS = 3 * 3_600_000

/**
 * `originMs` is when the walk begins: with it at a world's start, the same seed gives the same prices on any day. A
 * pinned series stands from its instant on; for EC2 in all the region's zones.
 */
export function createMarketPrices(options: {
  seed: string
  originMs?: number
  pinned?: (series: string) => PricePoint | undefined
}): MarketPrices {
  const { seed, originMs = 0, pinned: pinOf = () => undefined } = options

  function walked(series: string, step: number, amplitude: number): number {
    return walk({ seed, series, step, amplitude })
  }

  function pointAt(where: { region: string; zone: string; type: string }, step: number): PricePoint {
    const series = `${ec2Series(where.region, where.type)}/${where.zone}`
    const usual = EC2_TYPES.find(({ type }) => type === where.type)?.usd ?? 0
    const factor = EC2_REGIONS.find(({ region }) => region === where.region)?.factor ?? 1
    const zoneFactor = 1 + 0.15 * noise(seed, series)
    const usd = usual * factor * zoneFactor * walked(series, step, 0.08)
    // Every zone changes at its own moment of the step.
    const atMs = originMs + Math.floor((step + noise(seed, series, 'phase')) * EC2_STEP_MS)
    return { usd: Number(usd.toFixed(4)), atMs: atMs - (atMs % 1000) }
  }

  function akashBidsAt(model: AkashModel, step: number): number[] {
    const series = akashSeries(model)
    const level = pinOf(series)?.usd ?? model.usd * walked(series, step, 0.06)
    const bids = Array.from({ length: model.bidders }, (_, bidder) => {
      const above = bidder === 0 ? 0 : 0.05 + 0.4 * noise(seed, series, 'bidder', bidder)
      return Number((level * (1 + above)).toFixed(2))
    })
    return bids.sort((a, b) => a - b)
  }
  const akashStep = (nowMs: number) => Math.floor((nowMs - originMs) / AKASH_STEP_MS)

  return {
    akashBids: (model, nowMs) => akashBidsAt(model, akashStep(nowMs)),
    akashLiveBids: (model, nowMs) => akashBidsAt(model, akashStep(nowMs) + AKASH_LATE_STEPS),
    akashFree(model, nowMs) {
      if (model.taken) return 0
      const share = walked(`${akashSeries(model)}/free`, akashStep(nowMs), 0.8) / 2
      return Math.max(1, Math.floor(model.total * share))
    },
    aktUsd: (nowMs) => tokenPoint({ seed, originMs, pinned: pinOf }, 'AKT', nowMs).usd,
    ec2Points(where, fromMs, toMs) {
      if (EC2_TYPES.find(({ type }) => type === where.type)?.unpriced) return []
      const pin = pinOf(ec2Series(where.region, where.type))
      const points: PricePoint[] = []
      const last = Math.floor((toMs - originMs) / EC2_STEP_MS)
      for (let step = Math.floor((fromMs - originMs) / EC2_STEP_MS) - 1; step <= last; step++)
        points.push(pointAt(where, step))
      const known = pin ? [...points.filter(({ atMs }) => atMs < pin.atMs), pin] : points
      const inEffect = known.findLastIndex(({ atMs }) => atMs <= fromMs)
      return known.slice(Math.max(inEffect, 0)).filter(({ atMs }) => atMs <= toMs)
    },
  }
}
