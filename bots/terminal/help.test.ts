// Help: every verb has its own, its examples are what the verb understands, and arguments are read by the same table.
import { describe, expect, test } from 'vitest'
import { parseAskText } from '../../core/market/askGrammar.ts'
import { noSuchVerb, overview, verbHelp } from './help.ts'
import { readQuoteArguments } from './quoteCommand.ts'
import { readArguments } from './readArguments.ts'
import { VERBS } from './verbs.ts'

test.each(VERBS)('help $name: usage, what it does, every option, an example', ({ name, options }) => {
  const text = verbHelp(name) ?? ''
  expect(text).toMatch(new RegExp(`^necto ${name}\\b`))
  for (const option of options) expect(text).toMatch(new RegExp(`^ {2}--${option.name}\\b`, 'm'))
  expect(text).toMatch(new RegExp(`^Examples?:\\n {2}necto ${name}\\b`, 'm'))
  for (const line of text.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(104)
})

test('the usage line names every option that there is, and no other', () => {
  for (const { synopsis, options } of VERBS) {
    const named = [...synopsis.matchAll(/--([a-z]+)/g)].map(([, name]) => name)
    expect(named.sort()).toEqual(options.map(({ name }) => name).sort())
  }
})

test('the overview lists every verb; help of quote teaches the words of an ask', () => {
  for (const { name } of VERBS) expect(overview()).toMatch(new RegExp(`^ {2}${name} `, 'm'))
  for (const word of ['uptime 99%', 'fresh 5m', 'bookable', 'within 5%']) expect(verbHelp('quote')).toContain(word)
})

test('an unknown verb: the nearest one', () => {
  expect(verbHelp('qoute')).toBeUndefined()
  expect(noSuchVerb('qoute')).toMatch(/^There is no "qoute"\. Did you mean quote\?/)
  expect(noSuchVerb('xyzzy')).toMatch(/^There is no "xyzzy"\.\n/)
})

test('the examples of quote are asks', () => {
  const [lines] = VERBS.filter(({ name }) => name === 'quote').map(({ examples }) => examples)
  for (const line of lines ?? []) {
    const args = [...line.replace('necto quote ', '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? '')
    expect(parseAskText(readQuoteArguments(args).text, { knownProviders: ['akash'] })).toMatchObject({ ok: true })
  }
  expect(lines).toHaveLength(2)
})

test('a switch in a quoted ask is part of the ask', () => {
  expect(readQuoteArguments(['h100 4h run x --json', '--live'])).toEqual({
    text: 'h100 4h run x --json',
    json: false,
    live: true,
  })
})

describe('arguments', () => {
  test('words, values, lists and switches in any order', () => {
    expect(readArguments('offers', ['akash', '--token', 'A=1', '--replay', 'a', 'b', '--json', '--token=B=2'])).toEqual(
      {
        words: ['akash'],
        values: { token: ['A=1', 'B=2'], replay: ['a', 'b'] },
        switches: new Set(['json']),
      },
    )
    expect(readArguments('offers', ['--replay', 'a', '--', 'akash'])).toMatchObject({ words: ['akash'] })
    expect(readArguments('verify', ['--bytes', 'f', 'K7QF-3M2P'])).toMatchObject({ words: ['K7QF-3M2P'] })
  })

  test.each([
    ['doctor', ['--chekc'], 'There is no option --chekc. Did you mean --check?'],
    ['doctor', ['-x'], 'There is no option -x.'],
    ['verify', ['--bytes'], '--bytes needs FILE.'],
    ['verify', ['x', '--json'], 'There is no option --json.'],
  ])('%s %j', (verb, args, why) => {
    expect(readArguments(verb, args)).toEqual({ why })
  })
})
