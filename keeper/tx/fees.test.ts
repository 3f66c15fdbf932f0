// Bids: never above the cap, and every higher one acceptable to a node.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bumpedFees, firstFees } from './fees.ts'

const wei = fc.bigInt({ min: 0n, max: 10n ** 13n })

describe('fees', () => {
  test('the first bid covers a doubled base fee, or the cap', () => {
    expect(firstFees({ baseFee: 10n, tip: 3n, capWei: 100n })).toEqual({ maxFeePerGas: 23n, maxPriorityFeePerGas: 3n })
    expect(firstFees({ baseFee: 10n, tip: 30n, capWei: 20n })).toEqual({ maxFeePerGas: 20n, maxPriorityFeePerGas: 20n })
    expect(firstFees({ baseFee: 21n, tip: 0n, capWei: 20n })).toBeUndefined()
  })

  test('a higher bid is 10 % or more above on both figures, tip within fee, fee within cap', () => {
    fc.assert(
      fc.property(wei, wei, wei, fc.option(fc.tuple(wei, wei)), (fee, tip, capWei, suggestion) => {
        fc.pre(tip <= fee)
        const last = { maxFeePerGas: fee, maxPriorityFeePerGas: tip }
        const suggested = suggestion ? { maxFeePerGas: suggestion[0], maxPriorityFeePerGas: suggestion[1] } : undefined
        const next = bumpedFees({ last, suggested, capWei })
        if (!next) {
          expect(capWei * 10n).toBeLessThan(fee * 11n + 10n)
          return
        }
        expect(next.maxFeePerGas).toBeLessThanOrEqual(capWei)
        expect(next.maxPriorityFeePerGas).toBeLessThanOrEqual(next.maxFeePerGas)
        expect(next.maxFeePerGas * 10n).toBeGreaterThanOrEqual(last.maxFeePerGas * 11n)
        expect(next.maxPriorityFeePerGas * 10n).toBeGreaterThanOrEqual(last.maxPriorityFeePerGas * 11n)
      }),
    )
  })
})
