// What is typed at the terminal: commands, numbers, forms line by line, the Enter key alone, and every way to stop.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Form } from '../chat/form.ts'
import type { Inbound } from '../chat/inbound.ts'
import { textView } from '../chat/view.ts'
import { annsPlace, openTestTerminal } from './testTerminal.ts'

const TOKEN = `a1:${'A'.repeat(22)}`
const OPENER = `f1:${'B'.repeat(22)}`
const card = (...labels: readonly (readonly [string, string])[]) => ({
  ...textView('A job'),
  buttons: [labels.map(([label, token]) => ({ label, token }))],
})

let bed: Awaited<ReturnType<typeof openTestTerminal>>
beforeEach(async () => {
  bed = await openTestTerminal()
})
afterEach(() => bed.chat.stop())

test('a command, a text and a press, each with a key of its own', async () => {
  expect(await bed.says('/Job h100 x1 4h run echo "a  b"')).toMatchObject({
    kind: 'command',
    name: 'job',
    text: 'h100 x1 4h run echo "a  b"',
    place: annsPlace,
    principal: { platform: 'terminal', userId: '1000', label: 'ann', kind: 'user' },
  })
  expect(await bed.says('hello')).toMatchObject({ kind: 'text', text: 'hello' })
  const ref = await bed.chat.send(annsPlace, card(['Cancel', TOKEN]))
  expect(await bed.says('1')).toMatchObject({ kind: 'action', token: TOKEN, message: ref })
  expect(new Set(bed.received.map(({ key }) => key)).size).toBe(3)
})

test('a number means one button for ever; of one that is gone nothing is pressed', async () => {
  const ref = await bed.chat.send(annsPlace, card(['Pay', TOKEN]))
  await bed.chat.edit(ref, card(['Cancel', OPENER]))
  bed.terminal.type('1')
  await bed.terminal.shows('There is no button 1 now.')
  expect(await bed.says('2')).toMatchObject({ token: OPENER })
  expect(bed.received).toHaveLength(1)
})

test('a button of an older message is pressed only when its number is typed twice in a row', async () => {
  const job = await bed.chat.send(annsPlace, card(['Cancel', TOKEN]))
  await bed.chat.send(annsPlace, card(['Other…', OPENER]))
  bed.terminal.type('1')
  await bed.terminal.shows('[1] is “Cancel” of an older message. Nothing was pressed')
  expect(await bed.says('2')).toMatchObject({ token: OPENER })
  bed.terminal.type('1')
  expect(await bed.says('1')).toMatchObject({ token: TOKEN })
  expect(bed.received).toHaveLength(2)
  // What is told anew of the older one makes neither of them old.
  await bed.chat.edit(job, { ...card(['Cancel', TOKEN]), ...textView('A job, running') })
  expect(await bed.says('1')).toMatchObject({ token: TOKEN })
  expect(await bed.says('2')).toMatchObject({ token: OPENER })
})

test('Enter alone says what can be typed, and the buttons there are', async () => {
  await bed.chat.send(annsPlace, card(['Pay up to 9.60 USDC', TOKEN], ['Cancel', OPENER]))
  bed.terminal.type('')
  await bed.terminal.shows('To press now: [1] Pay up to 9.60 USDC · [2] Cancel')
  await bed.terminal.shows('/quit ends')
})

test('a line that is too long, and one that could not be kept, are told and not handed over', async () => {
  bed.terminal.type(`/job ${'x'.repeat(5000)}`)
  await bed.terminal.shows('That line has 5005 characters, 4096 are the most. Nothing was sent.')
  bed.failWith(new Error('the store is closed'))
  bed.terminal.type('/jobs')
  await bed.terminal.shows('That was not taken, and nothing was started. Type it again.')
  bed.failWith(undefined)
  expect(await bed.says('/jobs')).toMatchObject({ name: 'jobs' })
  expect(bed.received).toHaveLength(1)
})

test('Tab completes a command', async () => {
  await bed.chat.setCommands([{ name: 'prices', summary: '', where: 'anywhere' }])
  bed.terminal.press('/pri')
  bed.terminal.press('\t')
  await bed.terminal.shows('/prices')
  expect(await bed.says('h100')).toMatchObject({ name: 'prices', text: 'h100' })
})

test.each([
  ['/quit', '/quit\r'],
  ['Ctrl-C', 'half a line\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s: told once to stop, and nothing is taken afterwards', async (_, keys) => {
  bed.terminal.press(keys)
  await bed.hasQuit()
  await bed.terminal.shows('Stopping: what is under way is finished first.')
  bed.terminal.type('/jobs')
  await bed.chat.stop()
  // What still comes is shown without a line to type on.
  await bed.chat.send(annsPlace, textView('the last answer'))
  await bed.terminal.shows('the last answer')
  expect(bed.quits()).toBe(1)
  expect(bed.received).toEqual([])
})

const FORM: Form = {
  token: OPENER,
  title: 'What is to run?',
  fields: [
    { name: 'gpu', label: 'GPU', isRequired: true, lines: 'one', maxLength: 10 },
    {
      name: 'image',
      label: 'Image',
      help: 'Empty: a process',
      value: 'old',
      isRequired: false,
      lines: 'one',
      maxLength: 99,
    },
    { name: 'command', label: 'Command', isRequired: false, lines: 'many', maxLength: 99 },
  ],
}
async function opened(form = FORM): Promise<Inbound> {
  await bed.chat.send(annsPlace, card(['Command…', OPENER]))
  const press = await bed.says('1')
  expect(await bed.chat.askForm(press, form)).toBe(true)
  return press
}

test('a form line by line: needed, too long, kept, a path that looks like a command, several lines', async () => {
  const press = await opened()
  await bed.terminal.shows('GPU>')
  bed.terminal.type('')
  await bed.terminal.shows('This one is needed.')
  bed.terminal.type('an h100 with everything')
  await bed.terminal.shows('That has 23 characters, 10 are the most.')
  bed.terminal.type('1')
  await bed.terminal.shows('Enter keeps “old”, - empties it')
  bed.terminal.type('')
  await bed.terminal.shows('Command>')
  bed.terminal.type('/bin/sh -c "')
  bed.terminal.type('  date"')
  expect(await bed.says('')).toMatchObject({
    kind: 'form',
    token: OPENER,
    values: { gpu: '1', image: 'old', command: '/bin/sh -c "\n  date"' },
    message: press.message,
  })
})

test('- empties what stood there; /cancel sends nothing and the next line is a command again', async () => {
  await opened({ ...FORM, fields: FORM.fields.filter(({ name }) => name === 'image') })
  expect(await bed.says('-')).toMatchObject({ values: { image: '' } })
  await bed.chat.askForm(bed.received.at(-1) as Inbound, FORM)
  bed.terminal.type('/cancel')
  await bed.terminal.shows('The form is closed unsent.')
  expect(await bed.says('/jobs')).toMatchObject({ kind: 'command', name: 'jobs' })
})
