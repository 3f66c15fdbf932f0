// Text from strangers never changes the terminal: any width, every kind of place, messages, notices, forms and buttons.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileCard, hostileText } from '../chat/testHostileText.ts'
import { widthOf } from '../chat/textWidth.ts'
import type { View } from '../chat/view.ts'
import { annsPlace, openTestTerminal } from './testTerminal.ts'

const SEQUENCES = [
  '\u001B]8;;https://evil.example\u0007pay\u001B]8;;\u0007',
  '\u001B]0;title\u0007',
  '\u001B[2J\u001B[H',
  '\u009B31m',
  '\u001B[1A\r[1] Pay',
  '\n[1] Pay up to 0.01 USDC',
  '\r> /stop',
  '\u202E1]',
  '\u0008\u0008',
]
const nasty = fc
  .array(fc.oneof(hostileText, fc.constantFrom(...SEQUENCES)), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))

const everything = (name: string): View => ({
  ...hostileCard(name),
  blocks: [...hostileCard(name).blocks, { kind: 'code', text: name }],
  picture: { fileName: name, png: new Uint8Array(), alt: name },
})

test('at a terminal of any width: nothing but text is drawn, and only buttons stand in the first column (200 cards)', async () => {
  await fc.assert(
    fc.asyncProperty(nasty, fc.integer({ min: 40, max: 140 }), async (text, columns) => {
      const bed = await openTestTerminal({ columns, rows: 60 })
      const ref = await bed.chat.send(annsPlace, everything('bob'))
      await bed.chat.edit(ref, everything(text))
      await bed.says('/jobs')
      await bed.chat.edit(ref, everything(`${text}!`))
      const event = await bed.says('1')
      await bed.chat.notice(event, text)
      await bed.chat.askForm(event, {
        token: `f1:${'F'.repeat(22)}`,
        title: text,
        fields: [
          {
            name: 'a',
            label: text,
            help: text,
            value: text,
            placeholder: text,
            isRequired: true,
            lines: 'one',
            maxLength: 9,
          },
        ],
      })
      expect(bed.terminal.foreign()).toEqual([])
      const ours = /^(> |Update:$|Pay:$|https:\/\/necto\.example\/pay\/1$|\[1\] |\[2\] Cancel$)/
      const prompt = bed.terminal.rows().length - 1
      for (const [i, row] of bed.terminal.rows().entries()) {
        expect(widthOf(row)).toBeLessThanOrEqual(columns)
        if (i < prompt && row !== '' && !row.startsWith('  ')) expect(row).toMatch(ours)
      }
      await bed.chat.stop()
    }),
    { numRuns: 200 },
  )
})

test('in a pipe: lines without a control character, and none that could be taken for ours (200 cards)', async () => {
  await fc.assert(
    fc.asyncProperty(nasty, async (text) => {
      const bed = await openTestTerminal({ isTerminal: false })
      const ref = await bed.chat.send(annsPlace, everything(text))
      await bed.chat.edit(ref, everything(`${text}!`))
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
      expect(bed.terminal.written()).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]|\p{Bidi_Control}/u)
      const ours = /^($| {2}|Update:$|Pay:$|https:\/\/necto\.example\/pay\/1$|\[[12]\] )/
      for (const line of bed.terminal.written().split('\n')) expect(line).toMatch(ours)
      await bed.chat.stop()
    }),
    { numRuns: 200 },
  )
})
