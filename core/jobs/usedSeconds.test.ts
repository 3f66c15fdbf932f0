// What is paid for: never above any bound, never falling while a bound rises, whole and never negative.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { usedSeconds } from './usedSeconds.ts'

const startedAtSeconds = 1_800_000_000
const base = {
  receiptSeconds: 100,
  acceptedAtMs: startedAtSeconds * 1000,
  lastSeenAtMs: startedAtSeconds * 1000 + 100_000,
  startedAtSeconds,
  chainNowSeconds: startedAtSeconds + 200,
  maxSeconds: 3600,
}

test.each<[string, Partial<Parameters<typeof usedSeconds>[0]>, number]>([
  ['the receipt, when it is the least', {}, 100],
  ['the span the keeper saw', { receiptSeconds: 500 }, 100],
  ['the span, rounded up', { receiptSeconds: 500, lastSeenAtMs: base.acceptedAtMs + 99_001 }, 100],
  ['the wall clock', { chainNowSeconds: startedAtSeconds + 60 }, 60],
  ['the deposit’s seconds', { maxSeconds: 50 }, 50],
  ['what was seen of a silent runner', { receiptSeconds: undefined }, 100],
  ['nothing for a job never taken', { acceptedAtMs: undefined, lastSeenAtMs: undefined }, 0],
  ['nothing when the clock went back', { lastSeenAtMs: base.acceptedAtMs - 5000 }, 0],
  ['nothing when the chain is before the start', { chainNowSeconds: startedAtSeconds - 9 }, 0],
  ['nothing that the receipt does not claim', { receiptSeconds: 0 }, 0],
])('pays %s', (_, change, seconds) => {
  expect(usedSeconds({ ...base, ...change })).toBe(seconds)
})

const instant = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 })
const input = fc.record({
  receiptSeconds: fc.option(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { nil: undefined }),
  acceptedAtMs: instant,
  lastSeenAtMs: instant,
  startedAtSeconds: instant.map((ms) => Math.floor(ms / 1000)),
  chainNowSeconds: instant.map((ms) => Math.floor(ms / 1000)),
  maxSeconds: fc.integer({ min: 1, max: 31_536_000 }),
})

test('CHAIN-04: whole, not negative, and never above any of its bounds', () => {
  fc.assert(
    fc.property(input, (of) => {
      const used = usedSeconds(of)
      expect(Number.isSafeInteger(used)).toBe(true)
      expect(used).toBeGreaterThanOrEqual(0)
      expect(used).toBeLessThanOrEqual(of.maxSeconds)
      if (of.receiptSeconds !== undefined) expect(used).toBeLessThanOrEqual(of.receiptSeconds)
      expect(used).toBeLessThanOrEqual(Math.max(0, of.chainNowSeconds - of.startedAtSeconds))
      expect(used * 1000).toBeLessThan(Math.max(1, of.lastSeenAtMs - of.acceptedAtMs + 1000))
    }),
  )
})

test('more of anything never pays less', () => {
  const bound = fc.constantFrom('receiptSeconds', 'lastSeenAtMs', 'chainNowSeconds', 'maxSeconds')
  fc.assert(
    fc.property(input, bound, fc.nat({ max: 1_000_000 }), (of, name, more) => {
      const value = of[name]
      if (value === undefined) return
      expect(usedSeconds({ ...of, [name]: value + more })).toBeGreaterThanOrEqual(usedSeconds(of))
    }),
  )
})
