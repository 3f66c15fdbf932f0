// What a job costs: never above the deposit, never lost to rounding.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyTerms } from '../../test/world/terms.ts'
import { perJobHour } from '../money.ts'
import { depositOf, feeOf, owedOf, splitOf } from './metering.ts'

const used = fc.double({ min: 0, max: 1, noNaN: true })

describe('metering', () => {
  test('2 USD/h for an hour with 2.5 % fee: 1.95 to the provider, 0.05 fee, the rest of 10 USD back', () => {
    const terms = { pricePerHour: perJobHour(2_000_000n), minSeconds: 0, maxSeconds: 18_000, feeBps: 250 }
    expect(depositOf(terms)).toBe(10_000_000n)
    expect(splitOf(terms, 3600)).toEqual({
      toProviderMicroUsd: 1_950_000n,
      feeMicroUsd: 50_000n,
      refundMicroUsd: 8_000_000n,
    })
  })

  test('the minimum is billed once anything ran, and not before', () => {
    const terms = { pricePerHour: perJobHour(3_600_000n), minSeconds: 60 }
    expect([0, 1, 60, 61].map((seconds) => owedOf(terms, seconds))).toEqual([0n, 60_000n, 60_000n, 61_000n])
  })

  test('a deposit is rounded up, what is owed down', () => {
    const terms = { pricePerHour: perJobHour(1n), minSeconds: 0, maxSeconds: 3599 }
    expect(depositOf(terms)).toBe(1n)
    expect(owedOf(terms, 3599)).toBe(0n)
  })

  test('whatever the terms: the split is the deposit, no part negative, and owed never falls', () => {
    fc.assert(
      fc.property(anyTerms, used, used, (terms, a, b) => {
        const [less, more] = [a, b].sort((x, y) => x - y).map((share) => Math.floor(share * terms.maxSeconds))
        const split = splitOf(terms, more ?? 0)
        expect(split.toProviderMicroUsd + split.feeMicroUsd + split.refundMicroUsd).toBe(depositOf(terms))
        expect(Object.values(split).every((part) => part >= 0n)).toBe(true)
        expect(owedOf(terms, less ?? 0) <= owedOf(terms, more ?? 0)).toBe(true)
        expect(feeOf(owedOf(terms, more ?? 0), terms.feeBps) * 10n <= owedOf(terms, more ?? 0)).toBe(true)
      }),
    )
  })
})
