// Every word that help teaches is one that the grammar reads, and it says what it is told to say.
import { expect, test } from 'vitest'
import { parseAskText } from './askGrammar.ts'
import { ASK_EXAMPLE, ASK_WORDS } from './askWords.ts'
import { printAsk } from './printAsk.ts'

const knownProviders = ['akash', 'aws-spot', 'necto']

test('the example is understood and is already the canonical line', () => {
  const parsed = parseAskText(ASK_EXAMPLE, { knownProviders })
  expect(parsed.ok && printAsk(parsed.ask)).toBe(ASK_EXAMPLE)
})

test.each(ASK_WORDS)('$word', ({ word }) => {
  // What has to stand beside it: a GPU and a time always, a sort for "within", a command for an image.
  const beside = [
    word !== 'h100' && 'h100',
    word !== '4h' && '4h',
    word.startsWith('within') && 'sort uptime',
    word,
    word.startsWith('image') && 'run ls',
  ]
  const text = beside.filter(Boolean).join(' ')
  const parsed = parseAskText(text, { knownProviders })
  expect(parsed).toMatchObject({ ok: true })
  if (parsed.ok) expect(printAsk(parsed.ask, parsed).split(' ')).toEqual(expect.arrayContaining(word.split(' ')))
})

test('no word of the grammar is missing from help', () => {
  const taught = ASK_WORDS.flatMap(({ word, meaning }) => `${word} ${meaning}`.split(/[\s,:;]+/))
  const words = 'max vram uptime fresh sort within only not image run tracked untracked container process bookable'
  expect(words.split(' ').filter((word) => !taught.includes(word))).toEqual([])
})
