// Volatility of a spot price, worked out by hand and against floating arithmetic.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { spotVolatility, volatilityLabel, WINDOW_MS } from './volatility.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')
const day = 86_400_000

describe('PRICE-02 volatility', () => {
  const points = (...list: [usd: number, agoMs: number][]) =>
    list.map(([usd, agoMs]) => ({ usdPerNodeHour: BigInt(usd) * 1_000_000n, atMs: nowMs - agoMs }))

  test('each price counts for as long as it held', () => {
    // Half the window at 1, half at 3: mean 2, deviation 1.
    expect(spotVolatility(points([1, WINDOW_MS], [3, WINDOW_MS / 2]), nowMs)?.bps).toBe(5_000)
    // A short burst weighs little: 13 days at 1, one day at 3.
    expect(spotVolatility(points([1, 14 * day], [3, day]), nowMs)?.bps).toBe(4_506)
  })

  test('the last change before the window is where it starts, earlier ones do not count', () => {
    const within = points([1, 40 * day], [100, 30 * day], [1, 20 * day], [3, WINDOW_MS / 2])
    expect(spotVolatility(within, nowMs)?.bps).toBe(5_000)
  })

  test('fewer than two points are unknown, two equal ones calm', () => {
    expect(spotVolatility([], nowMs)).toBeUndefined()
    expect(spotVolatility(points([1, day]), nowMs)).toBeUndefined()
    expect(spotVolatility(points([1, 30 * day], [9, -day]), nowMs)).toBeUndefined()
    expect(spotVolatility(points([1, 2 * day], [1, day]), nowMs)?.bps).toBe(0)
  })

  test('the same row twice is one point, of two prices at one instant the dearer stands', () => {
    expect(spotVolatility(points([1, day], [1, day]), nowMs)).toBeUndefined()
    const dearer = spotVolatility(points([1, WINDOW_MS], [3, WINDOW_MS / 2]), nowMs)
    for (const [first, second] of [
      [3, 2],
      [2, 3],
    ] as const) {
      const twice = points([first, WINDOW_MS / 2], [1, WINDOW_MS], [second, WINDOW_MS / 2], [1, WINDOW_MS])
      expect(spotVolatility(twice, nowMs)).toEqual(dearer)
    }
  })

  test.each([
    [undefined, 'unknown'],
    [0, 'calm'],
    [19_999, 'calm'],
    [20_000, 'moderate'],
    [79_999, 'moderate'],
    [80_000, 'volatile'],
  ])('%s millionths are %s', (millionths, label) => {
    expect(volatilityLabel(millionths)).toBe(label)
  })

  test('it is the deviation that floating arithmetic finds, at any scale and in any order', () => {
    const change = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 13 * day }))
    const changes = fc.uniqueArray(change, { minLength: 2, maxLength: 20, selector: ([, ago]) => ago })
    fc.assert(
      fc.property(changes, (list) => {
        const sorted = [...list].sort((a, b) => b[1] - a[1])
        const held = sorted.map(([usd, ago], i) => ({ usd, ms: ago - (sorted[i + 1]?.[1] ?? 0) }))
        const total = held.reduce((sum, { ms }) => sum + ms, 0)
        const mean = held.reduce((sum, { usd, ms }) => sum + (usd * ms) / total, 0)
        const variance = held.reduce((sum, { usd, ms }) => sum + ((usd - mean) ** 2 * ms) / total, 0)
        const bps = spotVolatility(points(...list), nowMs)?.bps ?? -1
        expect(Math.abs(bps - (Math.sqrt(variance) / mean) * 10_000)).toBeLessThan(1.01)
      }),
    )
  })
})
