// Names that try to break out of their place: markup, pings, links, control and invisible characters, great length.
import fc from 'fast-check'

const TRICKS = [
  '@everyone',
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
