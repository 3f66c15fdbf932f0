// What stands on the terminal: a message rewritten in place or told anew, the half typed line kept, and lines alone in a pipe.
import { expect, test } from 'vitest'
import type { View } from '../chat/view.ts'
import { annsPlace, openTestTerminal } from './testTerminal.ts'

const TOKEN = `a1:${'A'.repeat(22)}`
const steps = (...items: readonly string[]): View => ({
  blocks: [
    { kind: 'heading', text: 'Job K7QF-3M2P' },
    { kind: 'steps', items: items.map((text) => ({ state: 'done', text })) },
  ],
  buttons: [[{ label: 'Cancel', token: TOKEN }]],
})
/** Without the greeting. */
const shown = ({ terminal }: Awaited<ReturnType<typeof openTestTerminal>>) => {
  const rows = terminal.rows()
  return rows
    .slice(rows.findIndex((row) => row.includes('Job K7QF')) - 1)
    .join('\n')
    .trim()
}
const CARD = '  Job K7QF-3M2P\n  ✓ one\n\n[1] Cancel'

test('the last message is rewritten in place, and what is being typed stays below it', async () => {
  const bed = await openTestTerminal()
  bed.terminal.press('/jobs half')
  await bed.terminal.shows('> /jobs half')
  const ref = await bed.chat.send(annsPlace, steps('one'))
  await bed.chat.edit(ref, steps('one', 'two', 'three'))
  await bed.chat.edit(ref, steps('one'))
  expect(shown(bed)).toBe(`${CARD}\n\n> /jobs half`.trim().replace(/^ {2}/, ''))
  expect(await bed.says(' done')).toMatchObject({ name: 'jobs', text: 'half done' })
  expect(bed.terminal.foreign()).toEqual([])
})

test('a typed line of several rows is kept too, and covers nothing', async () => {
  const bed = await openTestTerminal({ columns: 40 })
  bed.terminal.press(`/job ${'x'.repeat(90)}`)
  await bed.terminal.shows('xxxxxxxxxxxxxxx')
  const ref = await bed.chat.send(annsPlace, steps('one'))
  await bed.chat.edit(ref, steps('one', 'two'))
  await bed.chat.edit(ref, steps('one'))
  const rows = shown(bed)
  expect(rows.startsWith(CARD.trim())).toBe(true)
  expect(rows.replaceAll('\n', '').endsWith(`> /job ${'x'.repeat(90)}`)).toBe(true)
  expect(await bed.says('y')).toMatchObject({ text: `${'x'.repeat(90)}y` })
})

test('below something newer it is told anew, in short, and that is rewritten in its turn', async () => {
  const bed = await openTestTerminal()
  const ref = await bed.chat.send(annsPlace, steps('one', 'two', 'three'))
  await bed.says('/jobs')
  await bed.chat.edit(ref, steps('one', 'two', 'three', 'four'))
  await bed.chat.edit(ref, steps('one', 'two', 'three', 'four', 'five'))
  const update = 'Update:\n  Job K7QF-3M2P\n  ✓ four\n  ✓ five\n[1] Cancel\n\n>'
  expect(shown(bed).slice(shown(bed).indexOf('Update:'))).toBe(update)
  // The same again says nothing.
  await bed.chat.edit(ref, steps('one', 'two', 'three', 'four', 'five'))
  expect(shown(bed).match(/Update:/g)).toHaveLength(1)
})

test('a message of an earlier run, one taller than the window and one in a resized window are told anew', async () => {
  const bed = await openTestTerminal({ rows: 12 })
  const ref = await bed.chat.send(annsPlace, steps('one'))
  await bed.chat.edit({ ...ref, messageId: 'AAAA-AAAA-1' }, steps('earlier'))
  expect(shown(bed)).toContain('Update:\n  Job K7QF-3M2P\n  ✓ earlier\n\n[2] Cancel')
  const many = Array.from({ length: 20 }, (_, i) => `step ${i}`)
  const tall = await bed.chat.send(annsPlace, steps(...many))
  await bed.chat.edit(tall, steps(...many, 'last'))
  expect(shown(bed)).toContain('Update:\n  Job K7QF-3M2P\n  ✓ last\n[3] Cancel')
  const resized = await bed.chat.send(annsPlace, steps('one'))
  bed.terminal.resize({ columns: 100, rows: 12 })
  await bed.chat.edit(resized, steps('one', 'wide'))
  expect(shown(bed)).toContain('Update:\n  Job K7QF-3M2P\n')
  expect(shown(bed).match(/Update:/g)).toHaveLength(3)
})

test('in a pipe every state is lines, whole and however long; there is no prompt and no sequence', async () => {
  const bed = await openTestTerminal({ isTerminal: false })
  const ref = await bed.chat.send(annsPlace, steps('one'))
  await bed.chat.edit(ref, steps('one', 'x'.repeat(300)))
  const long = `  Job K7QF-3M2P\n  ✓ one\n  ✓ ${'x'.repeat(300)}\n\n[1] Cancel\n\n`
  expect(bed.terminal.written().endsWith(`${CARD}\n\nUpdate:\n${long}`)).toBe(true)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
  expect(bed.terminal.written()).not.toMatch(/[\u0000-\u0009\u000B-\u001F]|^> /m)
  expect(await bed.says('1')).toMatchObject({ kind: 'action', token: TOKEN })
  bed.terminal.input.end()
  await bed.hasQuit()
})

test('a picture is its words, a link its address, a button that opens something too; no address is cut', async () => {
  const bed = await openTestTerminal({ columns: 50 })
  const url = `https://necto.example/pay/${'k'.repeat(60)}`
  await bed.chat.send(annsPlace, {
    blocks: [{ kind: 'text', spans: ['It is ', { text: 'stored', href: 'https://necto.example/r' }, '.'] }],
    picture: { fileName: 'p.png', png: new Uint8Array(), alt: 'Prices fell by 3%' },
    buttons: [[{ label: 'Open the payment page', url }]],
  })
  await bed.terminal.shows('It is stored <https://necto.example/r>.')
  await bed.terminal.shows('Picture: Prices fell by 3%')
  expect(bed.terminal.written()).toContain(`Open the payment page:\n${url}\n`)
})
