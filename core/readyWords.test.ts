// The sentence that says who is ready.
import { expect, test } from 'vitest'
import { readyWords } from './readyWords.ts'

test.each([
  [['@necto_bot'], '@necto_bot is ready'],
  [['@necto_bot', 'necto'], '@necto_bot and necto are ready'],
  [['@necto_bot', 'necto', 'the terminal'], '@necto_bot, necto and the terminal are ready'],
])('%j', (names, words) => expect(readyWords(names)).toBe(words))
