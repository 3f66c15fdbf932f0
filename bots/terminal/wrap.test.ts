// Lines broken for a terminal: none too wide, nothing lost, addresses whole.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { widthOf } from '../chat/textWidth.ts'
import { wrapLine } from './wrap.ts'

test('at blanks, indented below; a word that is too long is cut', () => {
  expect(wrapLine('one two three four', { width: 10 })).toEqual(['one two', 'three four'])
  expect(wrapLine('- one two three four', { width: 10, hang: 2 })).toEqual(['- one two', '  three', '  four'])
  expect(wrapLine('aaaaaaaaaaaaaaaa', { width: 10 })).toEqual(['aaaaaaaaaa', 'aaaaaa'])
  expect(wrapLine('東京東京', { width: 5 })).toEqual(['東京', '東京'])
})

test('an address is never cut, however long', () => {
  const address = `<https://necto.example/${'x'.repeat(60)}>`
  expect(wrapLine(`see ${address} and more`, { width: 40, hang: 2 })).toEqual(['see', `  ${address}`, '  and more'])
  expect(wrapLine(`see ${address}`, { width: 40, cutsAddresses: true })).toHaveLength(3)
})

test('any text: no line too wide, every character still there', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 10, max: 60 }), (typed, width) => {
      const text = typed.replace(/\s+/gu, ' ').replaceAll('://', '')
      const lines = wrapLine(text, { width, hang: 4 })
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
      const letters = (some: string) => some.replaceAll(' ', '')
      expect(letters(lines.join(''))).toBe(letters(text))
    }),
    { numRuns: 200 },
  )
})
