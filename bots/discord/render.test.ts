// How a view looks on Discord, and that it always fits.
import { type APIButtonComponent, ButtonStyle, ComponentType, MessageFlags } from 'discord.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileText } from '../chat/testHostileText.ts'
import { type Block, textView, type View } from '../chat/view.ts'
import { renderDiscord } from './render.ts'
import { structureOf } from './testMarkdown.ts'

const isAllowedLink = (url: string) => url.startsWith('https://necto.example/')
const render = (view: View) => renderDiscord(view, isAllowedLink)
function textOf(view: View): string {
  const [text] = render(view).body.components
  return text?.type === ComponentType.TextDisplay ? text.content : ''
}
const keysOf = (view: View) =>
  render(view).body.components.flatMap((row) => (row.type === ComponentType.ActionRow ? [row.components] : []))

test('every kind of block', () => {
  const view: View = {
    blocks: [
      { kind: 'heading', text: 'Job K7QF' },
      { kind: 'text', spans: ['At most: ', { text: '$2.00 ', style: 'bold' }, 'or ', { text: 'x', style: 'code' }] },
      { kind: 'steps', items: [{ state: 'failed', text: 'Nosana timeout' }] },
      { kind: 'facts', rows: [{ label: 'Where', value: [{ text: 'page', href: 'https://necto.example/a(b)' }] }] },
      { kind: 'list', items: [['one'], ['2_000']] },
      { kind: 'code', text: 'a\n```b' },
      { kind: 'note', text: 'Valid\nuntil' },
    ],
  }
  expect(textOf(view)).toBe(
    [
      '### Job K7QF\nAt most: **$2.00** or `x`',
      '✗ failed: Nosana timeout',
      'Where: [page](https://necto.example/a%28b%29)',
      '- one\n- 2\\_000',
      '```\na\n`\u200B`\u200B`b\n```',
      '-# Valid\n-# until',
    ].join('\n\n'),
  )
  expect(structureOf(textOf(view)).filter((kind) => kind === 'pre')).toHaveLength(1)
})

test.each(['# big', '> quoted', '- item', '-# small', '1. one', '2) two', '+ x', '    - deep'])(
  'a line of words may begin with "%s"',
  (text) => {
    expect(structureOf(textOf(textView('first\n', text)))).toEqual([])
    expect(textOf(textView(text)).replaceAll('\\', '')).toBe(text.replaceAll('\\', ''))
  },
)

test('nothing to say is still a message', () => {
  expect(textOf({ blocks: [] })).toBe('…')
  expect(textOf(textView(' \u200B\n'))).toBe('…')
})

test('what is too long ends at a line with how many more there are; a block of code is closed', () => {
  const log: Block = { kind: 'code', text: Array.from({ length: 1_000 }, (_, i) => `line ${i}`).join('\n') }
  const text = textOf({ blocks: [{ kind: 'heading', text: 'Log' }, log, { kind: 'note', text: 'the end' }] })
  expect(text.length).toBeLessThanOrEqual(4_000)
  const [, last, more] = /line (\d+)\n```\n… and (\d+) more lines$/.exec(text) ?? []
  expect(Number(last) + 1 + Number(more)).toBe(1_001)
  const long = textOf(textView('*'.repeat(5_000)))
  expect(long.length).toBeLessThanOrEqual(4_000)
  expect(long).toMatch(/^(\\\*)+…$/)
})

test('whatever it is made of, a text fits and no line of it is more than words (300 texts)', () => {
  fc.assert(
    fc.property(fc.array(hostileText, { maxLength: 6 }), fc.constantFrom('text', 'code', 'note'), (texts, kind) => {
      const blocks = texts.map((text): Block => (kind === 'text' ? { kind, spans: [text, text] } : { kind, text }))
      const text = textOf({ blocks })
      expect(text.length).toBeLessThanOrEqual(4_000)
      expect(text.trim()).not.toBe('')
      const own = { text: [], code: ['pre'], note: ['small'] }[kind]
      for (const found of structureOf(text)) expect(own).toContain(found)
    }),
    { numRuns: 300 },
  )
})

test('buttons: five in a row, what is too many closes up, what may not be shown is named', () => {
  const token = (i: number) => ({ label: `Take ${i}`, token: `a1:${String(i).padStart(22, '0')}` })
  const seven = keysOf({ blocks: [], buttons: [Array.from({ length: 7 }, (_, i) => token(i))] })
  expect(seven.map((row) => row.length)).toEqual([5, 2])
  const alone = keysOf({ blocks: [], buttons: Array.from({ length: 20 }, (_, i) => [token(i)]) })
  expect(alone.map((row) => row.length)).toEqual([5, 5, 5, 5])
  const view: View = {
    blocks: [],
    buttons: [
      [{ ...token(1), look: 'primary' }, { ...token(2), look: 'danger' }, token(1)],
      [
        { label: '\u200B', url: 'https://necto.example/pay' },
        { label: 'Evil', url: 'https://evil.example' },
        { label: 'Long', token: 'x'.repeat(101) },
      ],
    ],
  }
  const shown = keysOf(view).map((row) => row as readonly APIButtonComponent[])
  expect(shown).toMatchObject([
    [{ style: ButtonStyle.Primary }, { style: ButtonStyle.Danger }],
    [{ style: ButtonStyle.Link, label: 'Open', url: 'https://necto.example/pay' }],
  ])
  expect(render(view).refusedButtons).toEqual(['Take 1', 'Evil', 'Long'])
})

test('a picture goes along with its words; nothing pings, nothing is previewed', () => {
  const picture = { fileName: 'spend.png', png: new Uint8Array([1]), alt: 'a'.repeat(2_000) }
  const { body, files } = render({ ...textView('Spend'), picture })
  expect(files).toMatchObject([{ key: 'files[0]', name: 'spend.png' }])
  expect(body.components[1]).toMatchObject({ items: [{ media: { url: 'attachment://spend.png' } }] })
  expect(body.attachments?.[0]?.description).toHaveLength(1_024)
  expect(body.allowed_mentions).toEqual({ parse: [] })
  expect(body.flags).toBe(MessageFlags.IsComponentsV2 | MessageFlags.SuppressEmbeds)
})
