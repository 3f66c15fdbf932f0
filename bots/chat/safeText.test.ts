// Whatever a stranger calls himself, what is shown is one plain line.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clampText, cleanText, safeName } from './safeText.ts'
import { hostileText } from './testHostileText.ts'

describe('safe text', () => {
  test.each([
    ['alice\u202Egnp.exe', 'alicegnp.exe'],
    ['a\u200Bl\u200Di\u2060ce\uFEFF', 'alice'],
    ['al\u061Cice\u2066\u2069', 'alice'],
    ['\u3164\u115F\u2800 ', '(no name)'],
    ['two\r\nlines\u2028three', 'two lines three'],
    ['\u001B[31mred', '[31mred'],
    ['e\u0301\u0301\u0301\u0301\u0301vil', 'e\u0301\u0301vil'],
    ['\uD83D', '\uFFFD'],
    ['Grüße 東京 שלום 😀', 'Grüße 東京 שלום 😀'],
  ])('%j is shown as %j', (name, shown) => {
    expect(safeName(name)).toBe(shown)
  })

  test('a hostile name is one line, visible, short and clean already (300 names)', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const name = safeName(text)
        expect(name).not.toMatch(/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}]/u)
        expect(name).not.toMatch(/\p{M}{3}/u)
        expect(name).toMatch(/\S/)
        expect(name.length).toBeLessThanOrEqual(40)
        expect(name.isWellFormed()).toBe(true)
        expect(safeName(name)).toBe(name)
      }),
      { numRuns: 300 },
    )
  })

  test('bodies keep their lines', () => {
    expect(cleanText('a\n\tb\r\nc\u0000')).toBe('a\n\tb\nc')
  })

  test('clamping never cuts a character in half', () => {
    expect(clampText('ab😀', 4)).toBe('ab😀')
    expect(clampText('ab😀c', 4)).toBe('ab…')
    expect(clampText('abcdef', 3)).toBe('ab…')
  })
})
