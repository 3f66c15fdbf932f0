// How much a spot price moved: figures weighted by how long each price held, because rows are changes, not samples.
import type { Volatility } from '../../market/offer.ts'
import type { MicroUsd } from '../../money.ts'

const WINDOW_DAYS = 14
/** How far back the history is read. */
export const WINDOW_MS = WINDOW_DAYS * 86_400_000

/** A price per hour of the whole instance, from an instant on. */
interface Point {
  readonly usdPerNodeHour: MicroUsd
  readonly atMs: number
}

export interface PriceSpread {
  /** Weighted by time, to the nearest micro-dollar. */
  readonly meanUsdPerNodeHour: MicroUsd
  /** Standard deviation over mean, and highest less lowest over mean: millionths, rounded down. */
  readonly cvMillionths: number
  readonly rangeMillionths: number
}

/**
 * The prices that held in the 14 days before `nowMs`, oldest first. The last row at or before their start comes first:
 * it gives the price they begin with. Of several rows of one instant the dearest stands.
 */
export function pointsInWindow(points: readonly Point[], nowMs: number): Point[] {
  const dearestFirst = (a: Point, b: Point) => (a.usdPerNodeHour < b.usdPerNodeHour ? 1 : -1)
  const past = points
    .filter(({ atMs }) => atMs <= nowMs)
    .sort((a, b) => a.atMs - b.atMs || dearestFirst(a, b))
    .filter((point, index, sorted) => point.atMs !== sorted[index - 1]?.atMs)
  const seed = past.findLastIndex(({ atMs }) => atMs <= nowMs - WINDOW_MS)
  return past.slice(Math.max(seed, 0))
}

/** How often AWS set the price in the window, also to what it was: the rows inside it. */
export const changesIn = (used: readonly Point[], nowMs: number): number =>
  used.filter(({ atMs }) => atMs > nowMs - WINDOW_MS).length

/** Of what `pointsInWindow` gives. Undefined with fewer than two points: unknown, not calm. */
export function priceSpread(used: readonly Point[], nowMs: number): PriceSpread | undefined {
  if (used.length < 2) return undefined
  const startMs = nowMs - WINDOW_MS
  const segments = used.map(({ usdPerNodeHour, atMs }, index) => ({
    price: usdPerNodeHour,
    heldMs: BigInt((used[index + 1]?.atMs ?? nowMs) - Math.max(atMs, startMs)),
  }))
  const total = segments.reduce((sum, { heldMs }) => sum + heldMs, 0n)
  const weighted = segments.reduce((sum, { price, heldMs }) => sum + price * heldMs, 0n)
  if (weighted === 0n) return undefined
  // With mean = weighted / total the variance over the squared mean is Σ held (price·total − weighted)² / (total·weighted²).
  const spread = segments.reduce((sum, { price, heldMs }) => sum + heldMs * (price * total - weighted) ** 2n, 0n)
  const prices = segments.map(({ price }) => price).sort((a, b) => (a < b ? -1 : 1))
  const range = (prices.at(-1) ?? 0n) - (prices[0] ?? 0n)
  return {
    meanUsdPerNodeHour: (2n * weighted + total) / (2n * total),
    cvMillionths: Number(squareRoot((spread * 1_000_000n ** 2n) / (total * weighted ** 2n))),
    rangeMillionths: Number((range * 1_000_000n * total) / weighted),
  }
}

/** What an offer carries: the deviation over the mean, in basis points, rounded down. */
export function spotVolatility(points: readonly Point[], nowMs: number): Volatility | undefined {
  const spread = priceSpread(pointsInWindow(points, nowMs), nowMs)
  return (
    spread && {
      bps: Math.floor(spread.cvMillionths / 100),
      basis: `time-weighted deviation over the mean, ${WINDOW_DAYS} days`,
    }
  )
}

/** Necto's words for a deviation over the mean, not AWS's: under 2 % calm, under 8 % moderate. */
export function volatilityLabel(cvMillionths: number | undefined): 'calm' | 'moderate' | 'volatile' | 'unknown' {
  if (cvMillionths === undefined) return 'unknown'
  if (cvMillionths < 20_000) return 'calm'
  return cvMillionths < 80_000 ? 'moderate' : 'volatile'
}

/** The whole part of the square root (Newton's method). */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2))
  for (;;) {
    const next = (root + value / root) / 2n
    if (next >= root) return root
    root = next
  }
}
