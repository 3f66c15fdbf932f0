// Money: the strict converter, its round trip, and which way each rounding goes.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatUsd, mulDivDown, mulDivUp, parseUsd, showUsd, usdFromNumber } from './money.ts'

const amount = fc.bigInt({ min: 0n, max: 999_999_999_999_999_999_999n })

describe('parseUsd', () => {
  test('reads back every amount that formatUsd writes', () => {
    fc.assert(
      fc.property(amount, (micro) => {
        expect(parseUsd(formatUsd(micro))).toBe(micro)
      }),
    )
  })

  test('reads back what people are shown', () => {
    fc.assert(
      fc.property(amount, (micro) => {
        expect(parseUsd(showUsd(micro))).toBe(micro)
      }),
    )
  })

  test.each(['', ' 1', '1 ', '+1', '-1', '1e3', '1,5', '1_000', '.5', '5.', '01', '00.1', '0x10', 'NaN', 'Infinity'])(
    'refuses %j',
    (text) => expect(parseUsd(text)).toBeUndefined(),
  )
  test.each(['1٣', '１', '1.0000000000000000001', '1000000000000000'])('refuses %j', (text) =>
    expect(parseUsd(text)).toBeUndefined(),
  )

  test('anything is an amount of plain digits or nothing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseUsd(text)
        expect(parsed === undefined || /^\d+(\.\d+)?$/.test(text)).toBe(true)
      }),
    )
  })

  test('more than six decimals: refused, up, or down, never off by more than one', () => {
    const digits = fc.stringMatching(/^[0-9]{7,18}$/)
    fc.assert(
      fc.property(fc.nat(), digits, (whole, fraction) => {
        const text = `${whole}.${fraction}`
        const down = parseUsd(text, 'down') ?? -1n
        const up = parseUsd(text, 'up') ?? -1n
        const hasRest = /[1-9]/.test(fraction.slice(6))
        expect(up - down).toBe(hasRest ? 1n : 0n)
        expect(parseUsd(text)).toBe(hasRest ? undefined : down)
      }),
    )
  })
})

test('formatUsd: six decimals always, sign before', () => {
  expect([0n, 1n, 1_000_000n, 2_500_000n, -1n, -12_345_678n].map(formatUsd)).toEqual([
    '0.000000',
    '0.000001',
    '1.000000',
    '2.500000',
    '-0.000001',
    '-12.345678',
  ])
})

test('showUsd: two decimals, more only where they carry something', () => {
  expect([0n, 2_500_000n, 1_334n, 1n, 10_000_000n, 1_230_000n].map(showUsd)).toEqual([
    '0.00',
    '2.50',
    '0.001334',
    '0.000001',
    '10.00',
    '1.23',
  ])
})

describe('usdFromNumber', () => {
  test('an outside figure as its sender wrote it, rounded up', () => {
    expect(usdFromNumber(0.1)).toBe(100_000n)
    expect(usdFromNumber(1.005)).toBe(1_005_000n)
    expect(usdFromNumber(0.1 + 0.2)).toBe(300_001n)
    expect(usdFromNumber(-0)).toBe(0n)
  })
  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, -1e-9, 1e21])('%s is no price', (value) =>
    expect(usdFromNumber(value)).toBeUndefined(),
  )
  test('never below the figure', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.000001, max: 1e6, noNaN: true }), (value) => {
        const micro = usdFromNumber(value)
        if (micro !== undefined) expect(Number(micro)).toBeGreaterThanOrEqual(Math.floor(value * 1e6))
      }),
    )
  })
})

test('up and down differ by one exactly when something is left over', () => {
  const some = fc.bigInt({ min: 0n, max: 2n ** 100n })
  fc.assert(
    fc.property(some, some, fc.bigInt({ min: 1n, max: 2n ** 64n }), (a, b, c) => {
      const [up, down] = [mulDivUp(a, b, c), mulDivDown(a, b, c)]
      expect(up - down).toBe((a * b) % c === 0n ? 0n : 1n)
      expect(down * c).toBeLessThanOrEqual(a * b)
      expect(up * c).toBeGreaterThanOrEqual(a * b)
    }),
  )
})
