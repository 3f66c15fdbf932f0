// The price walk: reproducible, bounded and without jumps.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AKASH_MODELS, EC2_TYPES } from './catalog.ts'
import { createMarketPrices, ec2Series } from './marketPrices.ts'
import { noise, walk } from './priceWalk.ts'
import type { PricePoint } from './standIn.ts'

const step = fc.integer({ min: 0, max: 50_000_000 })

test('the same seed, series and step give the same price, other seeds another', () => {
  const at = (seed: string) => walk({ seed, series: 'akash/h100', step: 29_000_000, amplitude: 0.1 })
  expect(at('a')).toBe(at('a'))
  expect(at('a')).not.toBe(at('b'))
})

test('a walk stays within its amplitude and near its neighbour', () => {
  fc.assert(
    fc.property(step, fc.string(), (at, series) => {
      const [now, next] = [at, at + 1].map((n) => walk({ seed: 's', series, step: n, amplitude: 0.1 }))
      expect(Math.abs((now ?? 0) - 1)).toBeLessThanOrEqual(0.1)
      expect(Math.abs((now ?? 0) - (next ?? 0))).toBeLessThan(0.035)
    }),
  )
})

test('noise is spread over its whole range', () => {
  const values = Array.from({ length: 2_000 }, (_, n) => noise('seed', n))
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = values.filter((value) => Math.floor(value * 10) === tenth).length
    expect(share).toBeGreaterThan(120)
    expect(share).toBeLessThan(280)
  }
})

test('EC2 changes are the same whichever window they are read through', () => {
  const market = createMarketPrices({ seed: 's' })
  const where = { region: 'us-east-1', zone: 'use1-az1', type: 'p5.48xlarge' }
  const start = Date.parse('2026-11-01T00:00:00Z')
  const whole = market.ec2Points(where, start, start + 20 * 86_400_000)
  expect(whole.length).toBeGreaterThan(100)
  const hour = fc.integer({ min: 0, max: 479 })
  fc.assert(
    fc.property(hour, hour, (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)].map((hours) => start + hours * 3_600_000)
      const part = market.ec2Points(where, from ?? 0, to ?? 0)
      // The first is the one in effect at the start, so there is always a price.
      expect(part[0]?.atMs).toBeLessThanOrEqual(from ?? 0)
      expect(whole).toEqual(expect.arrayContaining(part.slice(1)))
    }),
  )
})

test('levels are real ones, for any seed and time', () => {
  const h100 = AKASH_MODELS.find(({ model, interface: board }) => model === 'h100' && board === 'SXM5')
  if (!h100) throw new Error('no H100 in the catalogue')
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }), (seed, nowMs) => {
      const market = createMarketPrices({ seed })
      const bids = market.akashBids(h100, nowMs)
      expect(bids).toHaveLength(4)
      expect(bids[0]).toBeGreaterThan(1.5)
      expect(bids[0]).toBeLessThan(2.4)
      const free = market.akashFree(h100, nowMs)
      expect(free).toBeGreaterThan(0)
      expect(free).toBeLessThanOrEqual(h100.total)
      const [node] = market.ec2Points({ region: 'us-east-1', zone: 'use1-az1', type: 'p5.48xlarge' }, nowMs, nowMs)
      expect((node?.usd ?? 0) / 8).toBeGreaterThan(2)
      expect((node?.usd ?? 0) / 8).toBeLessThan(3.3)
    }),
  )
})

test('a pinned price holds from its moment on and leaves the past alone', () => {
  const pins = new Map<string, PricePoint>()
  const market = createMarketPrices({ seed: 's', pinned: (series) => pins.get(series) })
  const where = { region: 'us-east-1', zone: 'use1-az1', type: 'p5.48xlarge' }
  const nowMs = Date.parse('2026-11-22T12:00:00Z')
  const before = market.ec2Points(where, nowMs - 86_400_000, nowMs)
  pins.set(ec2Series('us-east-1', 'p5.48xlarge'), { usd: 8, atMs: nowMs })
  expect(market.ec2Points(where, nowMs - 86_400_000, nowMs)).toEqual([...before, { usd: 8, atMs: nowMs }])
  expect(market.ec2Points(where, nowMs + 1, nowMs + 86_400_000)).toEqual([{ usd: 8, atMs: nowMs }])
  expect(EC2_TYPES.length).toBeGreaterThanOrEqual(12)
})
