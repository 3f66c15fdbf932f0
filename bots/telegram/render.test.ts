// What a view looks like in Telegram: text, styles by offset, buttons, limits.
import { describe, expect, test } from 'vitest'
import type { Block, View } from '../chat/view.ts'
import { renderTelegram, type TelegramMessage } from './render.ts'

const isAllowed = (url: string) => url.startsWith('https://necto.example/')
const render = (view: View) => renderTelegram(view, isAllowed)
const blocks = (...list: Block[]) => render({ blocks: list })
const styled = ({ text, entities }: TelegramMessage) =>
  entities.map(({ type, offset, length }) => [type, text.slice(offset, offset + length)])
const ZWSP = '\u200B'

describe('rendering', () => {
  test('a card', () => {
    const message = render({
      blocks: [
        { kind: 'heading', text: 'Cheapest: Akash' },
        {
          kind: 'facts',
          rows: [
            { label: 'Price', value: [{ text: '1.20', style: 'code' }, ' USD/GPU-hr'] },
            { label: 'Record', value: [{ text: 'verify', href: 'https://necto.example/v/1' }] },
          ],
        },
        { kind: 'list', items: [['Nosana lost: ', { text: 'dearer', style: 'italic' }], ['Render lost: region']] },
        { kind: 'note', text: 'Valid until 12:00' },
      ],
    })
    expect(message.text).toBe(
      'Cheapest: Akash\nPrice: 1.20 USD/GPU-hr\nRecord: verify\n\n• Nosana lost: dearer\n• Render lost: region\n\nValid until 12:00',
    )
    expect(styled(message)).toEqual([
      ['bold', 'Cheapest: Akash'],
      ['code', '1.20'],
      ['text_link', 'verify'],
      ['italic', 'dearer'],
      ['italic', 'Valid until 12:00'],
    ])
  })

  test('AGENT-03: steps say their state without colour', () => {
    const { text } = blocks({
      kind: 'steps',
      items: [
        { state: 'done', text: 'Akash: 14 offers, 0.4 s' },
        { state: 'working', text: 'Scanning Nosana' },
        { state: 'waiting', text: 'Render' },
        { state: 'failed', text: 'AWS: timeout' },
        { state: 'skipped', text: 'Vast: no key\n✓ paid' },
      ],
    })
    expect(text.split('\n')).toEqual([
      '✓ Akash: 14 offers, 0.4 s',
      '… Scanning Nosana',
      '· Render',
      '✗ failed: AWS: timeout',
      '– skipped: Vast: no key ✓ paid',
    ])
  })

  test('BUYER-02: a table stands in columns of a phone', () => {
    const { text, entities } = blocks({
      kind: 'table',
      columns: [
        { title: 'Provider', align: 'left' },
        { title: 'USD/hr', align: 'right' },
        { title: 'Note', align: 'left' },
      ],
      rows: [
        ['Akash', '1.20', 'auction'],
        ['東京 GPU', '12.00', ''],
      ],
    })
    expect(text.split('\n')).toEqual(['Provider  USD/hr  Note', 'Akash       1.20  auction', '東京 GPU   12.00'])
    expect(entities).toEqual([{ type: 'pre', offset: 0, length: text.length }])
  })

  test('a wide table shortens names, never numbers', () => {
    const { text } = blocks({
      kind: 'table',
      columns: [
        { title: 'Provider', align: 'left' },
        { title: 'Total', align: 'right' },
      ],
      rows: [['a provider with quite an extraordinarily long name', '1234567.123456']],
    })
    const [, row = ''] = text.split('\n')
    expect(row).toMatch(/^a provider with .*… {2}1234567\.123456$/)
    expect(row.length).toBeLessThanOrEqual(38)
  })

  test('columns that cannot fit become a block per row', () => {
    const numbers = Array.from({ length: 4 }, (_, i) => ({ title: `n${i}`, align: 'right' as const }))
    const { text } = blocks({
      kind: 'table',
      columns: [{ title: 'Who', align: 'left' }, ...numbers],
      rows: [['Akash', '123456789.12', '123456789.12', '123456789.12', '1']],
    })
    expect(text).toBe('Akash\n  n0: 123456789.12\n  n1: 123456789.12\n  n2: 123456789.12\n  n3: 1')
  })

  test('a long table ends in how many are left out', () => {
    const rows = Array.from({ length: 500 }, (_, i) => [`p${i}`])
    const { text } = blocks({ kind: 'table', columns: [{ title: 'Provider', align: 'left' }], rows })
    expect(text.split('\n').at(-1)).toBe('… and 475 more')
  })

  test('names in plain text neither ping nor link, however they are put together', () => {
    const { text, entities } = blocks({
      kind: 'text',
      spans: [
        'by @',
        'durov at evil',
        '.com, ',
        'https:',
        '//a.io ',
        { text: '@ann', style: 'bold' },
        ' costs 1.20 of $USD',
      ],
    })
    expect(text).toBe(
      `by @${ZWSP}durov at evil.${ZWSP}com, https:${ZWSP}//a.${ZWSP}io @${ZWSP}ann costs 1.20 of $${ZWSP}USD`,
    )
    expect(entities.map((entity) => entity.type)).toEqual(['bold'])
    expect(blocks({ kind: 'code', text: 'python train.py @x' }).text).toBe('python train.py @x')
  })

  test('blanks that Telegram would trim do not shift the styles', () => {
    const message = blocks({
      kind: 'text',
      spans: ['\n  ', { text: ' bold ', style: 'bold' }, 'x', { text: '  ', style: 'code' }],
    })
    expect(message.text).toBe('bold x')
    expect(message.entities).toEqual([{ type: 'bold', offset: 0, length: 4 }])
  })

  test('links and buttons lead to listed places only', () => {
    const message = render({
      blocks: [{ kind: 'text', spans: [{ text: 'here', href: 'https://evil.com/' }] }],
      buttons: [
        [
          { label: 'Pay', url: 'https://necto.example/pay/1' },
          { label: 'Evil', url: 'https://evil.com/' },
        ],
        [{ label: 'Cancel', token: `a1:${'x'.repeat(22)}`, look: 'danger' }],
        [{ label: 'Too long', token: 'x'.repeat(65) }],
      ],
    })
    expect(message.entities).toEqual([])
    expect(message.keyboard).toEqual({
      inline_keyboard: [
        [{ text: 'Pay', url: 'https://necto.example/pay/1' }],
        [{ text: 'Cancel', callback_data: `a1:${'x'.repeat(22)}`, style: 'danger' }],
      ],
    })
    expect(message.refusedButtons).toEqual(['Evil', 'Too long'])
  })

  test('a text beyond the limit is cut at a line and keeps its buttons', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `line ${i} ${'x'.repeat(20)}`)
    const message = render({
      blocks: [
        { kind: 'heading', text: 'Log' },
        { kind: 'code', text: lines.join('\n') },
        { kind: 'note', text: 'end' },
      ],
      buttons: [[{ label: 'More', token: 'a1:1' }]],
    })
    expect(message.text.length).toBeLessThanOrEqual(4096)
    const shown = message.text.split('\n')
    const left = Number(/^… and (\d+) more lines$/.exec(shown.at(-1) ?? '')?.[1])
    expect(shown.length - 1 + left).toBe(303)
    expect(message.text.slice(0, -1)).toContain(`\nline ${shown.length - 3} `)
    const pre = message.entities.at(-1)
    expect(message.text.slice(0, (pre?.offset ?? 0) + (pre?.length ?? 0))).toMatch(/x$/)
    expect(message.keyboard?.inline_keyboard).toHaveLength(1)
  })

  test('one endless line is cut too, between characters', () => {
    const { text } = blocks({ kind: 'text', spans: ['😀'.repeat(5_000)] })
    expect(text.length).toBeLessThanOrEqual(4096)
    expect(text.isWellFormed()).toBe(true)
    expect(text.endsWith('😀…')).toBe(true)
  })

  test('a view without words still has its buttons', () => {
    expect(render({ blocks: [], buttons: [[{ label: '', token: 'a1:1' }]] })).toMatchObject({
      text: '…',
      keyboard: { inline_keyboard: [[{ text: 'Open', callback_data: 'a1:1' }]] },
    })
  })

  test('long button rows go on in the next row', () => {
    const row = Array.from({ length: 9 }, (_, i) => ({ label: `${i}`, token: `a1:${i}` }))
    expect(render({ blocks: [], buttons: [row] }).keyboard?.inline_keyboard.map((r) => r.length)).toEqual([4, 4, 1])
  })
})
