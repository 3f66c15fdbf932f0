// Plain decimals: what is one, what floats of outside replies become, and rounding up.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimalFromNumber, decimalText, scaleUp } from './decimal.ts'

describe('PRICE-03 a number of a reply as a decimal', () => {
  test.each([
    [0.543761, '0.543761'],
    [1e-7, '0.0000001'],
    [1.2345e-10, '0.00000000012345'],
    [3, '3'],
    [1500, '1500'],
    [12.5, '12.5'],
    [1e14, '100000000000000'],
    [0, '0'],
    [0.1 + 0.2, '0.30000000000000004'],
  ])('%d is %s', (value, text) => expect(decimalFromNumber(value)).toBe(text))

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, -1e-9, 1e15, 1e21, 5e-324])('%d is none', (value) =>
    expect(decimalFromNumber(value)).toBeUndefined(),
  )

  test('always reads back as the same float, never with an exponent', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 9e14, noNaN: true }), (value) => {
        const text = decimalFromNumber(value)
        expect(decimalText.parse(text)).toBe(text)
        expect(Number(text)).toBe(value)
      }),
    )
  })
})

test('more decimals than kept are rounded up', () => {
  expect(scaleUp('0.123456781', 8)).toBe(12_345_679n)
  expect(scaleUp('0.12345678', 8)).toBe(12_345_678n)
  expect(scaleUp('0.000000001', 8)).toBe(1n)
  for (const text of ['-1', '1e3', '.5', '01', '']) expect(scaleUp(text, 8)).toBeUndefined()
})
