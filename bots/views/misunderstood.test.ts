// Bad input in words: short whatever was pasted, and never without what is missing.
import { expect, test } from 'vitest'
import { parseAskText } from '../../core/market/askGrammar.ts'
import { terminalText } from '../terminal/terminalText.ts'
import { misunderstood } from './misunderstood.ts'

function said(text: string): string {
  const parsed = parseAskText(text, { knownProviders: ['akash'] })
  if (parsed.ok) throw new Error('it was understood')
  return terminalText(misunderstood(parsed, '/job'))
}

test('each problem with its words, and a line that works', () => {
  const text = said('h1oo x2')
  expect(text).toContain('h1oo: Not understood. Did you mean h100?')
  expect(text).toContain('How long may it run at most? For example 4h.')
  expect(text).toMatch(/For example: \/job h100 x2 4h/)
})

test('a pasted page is not repeated, and what is missing is still said', () => {
  const text = said(Array.from({ length: 900 }, (_, i) => `w${i}-x`).join(' '))
  expect(text.length).toBeLessThan(900)
  expect(text).toMatch(/and \d+ more/)
  expect(text).toContain('Which GPU?')
  expect(said('y'.repeat(4000)).length).toBeLessThan(600)
})

test('a word said badly over and over is said once', () => {
  expect(said('h100 4h blah blah blah').match(/blah/g)).toHaveLength(1)
})
