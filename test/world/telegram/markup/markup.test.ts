// HTML, MarkdownV2 and entity lists: what comes out, and the refusals in tdlib's words.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ApiError } from '../apiError.ts'
import { readFormattedText } from './formattedText.ts'

const fields = { text: 'text', entities: 'entities' } as const
const read = (params: Record<string, unknown>) => readFormattedText(params, fields)
const html = (text: string) => read({ text, parse_mode: 'HTML' })
const markdown = (text: string) => read({ text, parse_mode: 'MarkdownV2' })
const refusal = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (error instanceof ApiError) return error.message
    throw error
  }
  return 'accepted'
}

describe('HTML', () => {
  test('tags become entities counted in UTF-16 units', () => {
    expect(html('😀 <b>bold <i>both</i></b> &lt;x&gt; &amp; <code>1.20</code>')).toEqual({
      text: '😀 bold both <x> & 1.20',
      entities: [
        { type: 'bold', offset: 3, length: 9 },
        { type: 'italic', offset: 8, length: 4 },
        { type: 'code', offset: 19, length: 4 },
      ],
    })
  })

  test('links, blocks, spoilers, quotes', () => {
    const { text, entities } = html(
      '<a href="https://example.com?a=1&amp;b=2">here</a> <pre><code class="language-sh">ls</code></pre> <span class="tg-spoiler">s</span> <blockquote expandable>q</blockquote>',
    )
    expect(text).toBe('here ls s q')
    expect(entities).toEqual([
      { type: 'text_link', url: 'https://example.com/?a=1&b=2', offset: 0, length: 4 },
      { type: 'pre', language: 'sh', offset: 5, length: 2 },
      { type: 'spoiler', offset: 8, length: 1 },
      { type: 'expandable_blockquote', offset: 10, length: 1 },
    ])
  })

  test.each([
    ['<b>open', 'Can\'t find end tag corresponding to start tag "b"'],
    ['é <blink>', 'Unsupported start tag "blink" at byte offset 3'],
    ['1 < 2', 'Unsupported start tag "" at byte offset 2'],
    ['<b>x</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['x</b>', 'Unexpected end tag at byte offset 1'],
    ['<a href', 'Unclosed start tag "a" at byte offset 0'],
    ['<b', 'Unclosed start tag at byte offset 0'],
    ['<b>x</b', 'Unclosed end tag at byte offset 4'],
    ['<span class="x">y</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
  ])('%s is refused', (text, why) => {
    expect(refusal(() => html(text))).toBe(`Bad Request: can't parse entities: ${why}`)
  })

  test('escaped text always comes back as it was', () => {
    const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const read = html(`.<b>${escaped(text)}</b>.`)
        expect(read.text).toBe(`.${text}.`)
        expect(read.entities.filter(({ type }) => type === 'bold' || type === 'text_link')).toEqual(
          text === '' ? [] : [{ type: 'bold', offset: 1, length: text.length }],
        )
      }),
      { examples: [['</b><a href="https://evil.example">']] },
    )
  })
})

describe('MarkdownV2', () => {
  test('marks become entities', () => {
    expect(markdown('*b* _i_ __u__ ~s~ ||x|| `c` [t](https://example.com/\\)) ```sh\nls\n```')).toEqual({
      text: 'b i u s x c t ls',
      entities: [
        { type: 'bold', offset: 0, length: 1 },
        { type: 'italic', offset: 2, length: 1 },
        { type: 'underline', offset: 4, length: 1 },
        { type: 'strikethrough', offset: 6, length: 1 },
        { type: 'spoiler', offset: 8, length: 1 },
        { type: 'code', offset: 10, length: 1 },
        { type: 'text_link', url: 'https://example.com/)', offset: 12, length: 1 },
        { type: 'pre', language: 'sh', offset: 14, length: 2 },
      ],
    })
  })

  test('quotes run over lines and fold with ||', () => {
    expect(markdown('>one\n>two\nafter')).toEqual({
      text: 'one\ntwo\nafter',
      entities: [{ type: 'blockquote', offset: 0, length: 7 }],
    })
    expect(markdown('>one\n>two||').entities).toEqual([{ type: 'expandable_blockquote', offset: 0, length: 7 }])
  })

  test.each([
    ['1.20', "Character '.' is reserved and must be escaped with the preceding '\\'"],
    ['a-b', "Character '-' is reserved and must be escaped with the preceding '\\'"],
    ['wow!', "Character '!' is reserved and must be escaped with the preceding '\\'"],
    ['é *open', "Can't find end of Bold entity at byte offset 3"],
    ['`open', "Can't find end of Code entity at byte offset 0"],
    ['[t](https://x.y', "Can't find end of a URL at byte offset 4"],
    ['*_crossed*_', "Can't find end of Italic entity at byte offset 10"],
  ])('%s is refused', (text, why) => {
    expect(refusal(() => markdown(text))).toBe(`Bad Request: can't parse entities: ${why}`)
  })

  test('escaped text always comes back as it was', () => {
    const escaped = (text: string) => text.replace(/[_*[\]()~`>#+\-=|{}.!\\]/g, '\\$&')
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(markdown(`x${escaped(text)}x`).text).toBe(`x${text}x`)
      }),
    )
  })
})

describe('entity lists', () => {
  const bold = (offset: number, length: number) => [{ type: 'bold', offset, length }]

  test.each([
    ['ab', bold(0, 3), 'entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2'],
    ['ab', bold(3, 1), 'entity begins after the end of the text at UTF-16 offset 2'],
    ['a😀', bold(2, 1), 'entity begins in a middle of a UTF-16 symbol at byte offset 1'],
    ['a😀', bold(0, 2), 'entity ends in a middle of a UTF-16 symbol at byte offset 1'],
    ['ab', bold(-1, 1), 'receive an entity with incorrect offset -1'],
    ['ab', [{ type: 'glow', offset: 0, length: 1 }], "can't parse MessageEntity: Unsupported type specified"],
    [
      'ab',
      [{ type: 'text_link', url: 'http://localhost', offset: 0, length: 1 }],
      "entity URL 'http://localhost' is invalid: Wrong HTTP URL",
    ],
  ])('%s with %j is refused', (text, entities, why) => {
    expect(refusal(() => read({ text, entities }))).toBe(`Bad Request: ${why}`)
  })

  test('one that fits an astral character is taken', () => {
    expect(read({ text: 'a😀b', entities: bold(1, 2) }).entities).toEqual(bold(1, 2))
  })

  test('white space around a message goes, entities move with the text', () => {
    expect(read({ text: '  \n hello \n', entities: bold(4, 7) })).toEqual({ text: 'hello', entities: bold(0, 5) })
  })

  test('Telegram finds links, commands, mentions and tags by itself, but not inside code', () => {
    const { entities } = read({
      text: '/job@necto_bot see https://necto.example/a. #gpu $AKT @ann /x',
      entities: [{ type: 'code', offset: 59, length: 2 }],
    })
    expect(entities.map(({ type, offset, length }) => [type, offset, length])).toEqual([
      ['bot_command', 0, 14],
      ['url', 19, 23],
      ['hashtag', 44, 4],
      ['cashtag', 49, 4],
      ['mention', 54, 4],
      ['code', 59, 2],
    ])
  })

  test('more than a hundred are dropped silently', () => {
    const entities = Array.from({ length: 150 }, (_, offset) => ({ type: 'bold', offset, length: 1 }))
    expect(read({ text: 'x'.repeat(150), entities }).entities).toHaveLength(100)
  })

  test('an unknown parse mode is refused', () => {
    expect(refusal(() => read({ text: 'x', parse_mode: 'BBCode' }))).toBe('Bad Request: unsupported parse_mode')
  })
})
