// Names that try to break out of their place: markup, pings, links, control and invisible characters, great length.
import fc from 'fast-check'
import type { View } from './view.ts'

const TRICKS = [
  '@everyone',
  '<@123456789012345678>',
  '<#1>',
  '</job:1>',
  '<t:0>',
  'discord.gg/scam',
  '# big\n',
  '\n> quoted',
  '\n- item',
  '-# ',
  '||x||',
  '__x__',
  '~~x~~',
  '1. ',
  '@durov',
  'evil.com',
  'https://evil.com/pay?x=1',
  'http://1.2.3.4/',
  't.me/scam',
  'tg://user?id=1',
  'a@b.co',
  '#tag',
  '$USD',
  '<b>',
  '</a><a href="https://evil.com">',
  '[pay](https://evil.com)',
  '**bold**',
  '`code`',
  '```',
  '\\',
  '\u202E',
  '\u2066',
  '\u200B',
  '\u2060',
  '\u0000',
  '\u001B[2J',
  '\r',
  '\n✓ paid\n',
  '\u2028',
  '\uD800',
  '\uDC00',
  '👩‍👩‍👧',
  'Z\u0335\u0322\u0321\u0320\u0310',
  '東京',
  ' ',
  '.',
  '@',
  '://',
]

/** Tricks and arbitrary Unicode, glued together, sometimes very long. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...TRICKS), fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 12 })
  .chain((parts) => fc.constantFrom(1, 1, 1, 40).map((times) => parts.join('').repeat(times)))

/** A card with the name in every kind of place; `name` as views put it, or raw when a view forgot to. */
export const hostileCard = (name: string): View => ({
  blocks: [
    { kind: 'heading', text: `Seller ${name}` },
    { kind: 'text', spans: ['by ', name, ' and @', name, { text: name, style: 'bold' }, ' wants 5.00'] },
    { kind: 'steps', items: [{ state: 'done', text: name }] },
    { kind: 'facts', rows: [{ label: name, value: [{ text: name, style: 'code' }, name] }] },
    { kind: 'list', items: [[name], [{ text: name, href: 'https://necto.example/s' }]] },
    {
      kind: 'table',
      columns: [
        { title: 'Who', align: 'left' },
        { title: 'USD', align: 'right' },
      ],
      rows: [[name, '5.00']],
    },
    { kind: 'note', text: `approved by ${name}` },
  ],
  buttons: [
    [
      { label: 'Pay', url: 'https://necto.example/pay/1' },
      { label: name, token: `a1:${'A'.repeat(22)}` },
    ],
    [{ label: 'Cancel', token: `a1:${'B'.repeat(22)}` }],
  ],
})
