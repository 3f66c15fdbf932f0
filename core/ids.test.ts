// Refs that survive being read aloud, and tokens that cannot be guessed.
import { describe, expect, test } from 'vitest'
import { createLinkToken, createRef, createSalt, parseRef } from './ids.ts'

describe('ids', () => {
  test('a ref comes back however people type it', () => {
    for (let i = 0; i < 50; i++) {
      const ref = createRef()
      expect(parseRef(ref)).toBe(ref)
      expect(parseRef(` ${ref.toLowerCase().replace('-', ' ')} `)).toBe(ref)
      expect(parseRef(ref.replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(ref)
    }
  })
  test.each(['', 'K7QF', 'K7QF-3M2', 'K7QF-3M2PX', 'K7QU-3M2P', 'K7QF/3M2P', '../../etc'])('%j is no ref', (text) =>
    expect(parseRef(text)).toBeUndefined(),
  )
  test('tokens are 128 bits in 22 letters of a URL, salts 32 bytes', () => {
    expect(createLinkToken()).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(createLinkToken((length) => new Uint8Array(length).fill(255))).toBe('_____________________w')
    expect(createSalt()).toMatch(/^0x[0-9a-f]{64}$/)
  })
})
