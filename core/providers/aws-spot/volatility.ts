// How much a spot price moved: a spread weighted by how long each price held, because rows are changes, not samples.
import type { Volatility } from '../../market/offer.ts'

const WINDOW_DAYS = 14
/** How far back the history is read. */
export const WINDOW_MS = WINDOW_DAYS * 86_400_000

/**
 * Standard deviation over mean, both weighted by time, in basis points, over the 14 days before `nowMs`. The last
 * change before the window gives the price at its start. Undefined with fewer than two points: unknown, not calm.
 */
export function spotVolatility(
  points: readonly { readonly usdPerNodeHour: bigint; readonly atMs: number }[],
  nowMs: number,
): Volatility | undefined {
  const startMs = nowMs - WINDOW_MS
  const past = points.filter(({ atMs }) => atMs < nowMs).sort((a, b) => a.atMs - b.atMs)
  const seed = past.findLastIndex(({ atMs }) => atMs <= startMs)
  const used = past.slice(Math.max(seed, 0))
  if (used.length < 2) return undefined
  const segments = used.map(({ usdPerNodeHour, atMs }, index) => ({
    price: usdPerNodeHour,
    heldMs: BigInt((used[index + 1]?.atMs ?? nowMs) - Math.max(atMs, startMs)),
  }))
  const total = segments.reduce((sum, { heldMs }) => sum + heldMs, 0n)
  const weighted = segments.reduce((sum, { price, heldMs }) => sum + price * heldMs, 0n)
  if (weighted === 0n) return undefined
  // With mean = weighted / total the variance over the squared mean is Σ held (price·total − weighted)² / (total·weighted²).
  const spread = segments.reduce((sum, { price, heldMs }) => sum + heldMs * (price * total - weighted) ** 2n, 0n)
  const bps = squareRoot((spread * 10_000n ** 2n) / (total * weighted ** 2n))
  return { bps: Number(bps), basis: `time-weighted deviation over the mean, ${WINDOW_DAYS} days` }
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
