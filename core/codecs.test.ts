// Codecs: decimal strings in JSON, strict both ways.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { address, bytes32, hexBytes, integerText, microUsd } from './codecs.ts'

describe('codecs', () => {
  test('amounts and integers come back from JSON; other spellings are refused', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), (value) => {
        expect(z.decode(microUsd, z.encode(microUsd, value))).toBe(value)
        expect(z.decode(integerText, z.encode(integerText, value))).toBe(value)
      }),
    )
    for (const text of ['1', '1.0', '01.000000', '-1.000000', '1.0000000', '', ' 1.000000'])
      expect(microUsd.safeDecode(text).success).toBe(false)
    for (const text of ['01', '-1', '1.0', '', '1e3', '0x1']) expect(integerText.safeDecode(text).success).toBe(false)
    expect(() => z.encode(microUsd, -1n)).toThrow()
  })
  test('hex has its length and its alphabet', () => {
    expect(bytes32.safeParse(`0x${'ab'.repeat(32)}`).success).toBe(true)
    for (const text of [`0x${'AB'.repeat(32)}`, `0x${'ab'.repeat(31)}`, 'ab'.repeat(32), `0x${'ab'.repeat(32)}\n`])
      expect(bytes32.safeParse(text).success).toBe(false)
    for (const text of ['0x123', `0x${'g'.repeat(40)}`, `0x${'a'.repeat(41)}`])
      expect(address.safeParse(text).success).toBe(false)
    expect(hexBytes.safeParse('0x').success).toBe(true)
    expect(hexBytes.safeParse('0xabc').success).toBe(false)
  })
})
