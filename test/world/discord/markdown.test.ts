// Markdown as the app shows it: what is marked, what is escaped, what stays as it was typed.
import { expect, test } from 'vitest'
import { markdownText, readMarkdown } from './markdown.ts'

test('marks vanish, escaped ones stay', () => {
  expect(
    markdownText(
      '### Job K7QF-3M2P\n**Price:** `2.40` *USD*\n-# valid until 12:00\n- [verify](https://necto.example/v/1)\n\\*not bold\\* a_b_ 2*3',
    ),
  ).toBe('Job K7QF-3M2P\nPrice: 2.40 USD\nvalid until 12:00\n• verify\n*not bold* ab 2*3')
})

test('lines and spans', () => {
  expect(readMarkdown('see **[it](https://x.test/a)**\n```\na  b\n c\n```\nend')).toEqual([
    {
      kind: 'text',
      spans: [
        { text: 'see ', styles: [] },
        { text: 'it', styles: ['bold'], href: 'https://x.test/a' },
      ],
    },
    { kind: 'code', spans: [{ text: 'a  b\n c', styles: [] }] },
    { kind: 'text', spans: [{ text: 'end', styles: [] }] },
  ])
})

test('only web pages become links', () => {
  expect(readMarkdown('[x](javascript:alert(1))')[0]?.spans).toEqual([{ text: '[x](javascript:alert(1))', styles: [] }])
})
