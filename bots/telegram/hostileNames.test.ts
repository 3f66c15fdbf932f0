// Names of strangers over the real wire: what arrives in Telegram is exactly what was meant, with every button.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { safeName } from '../chat/safeText.ts'
import { hostileText } from '../chat/testHostileText.ts'
import type { View } from '../chat/view.ts'
import { connectTelegram } from './testTelegram.ts'

let telegram: Awaited<ReturnType<typeof connectTelegram>>
beforeAll(async () => {
  telegram = await connectTelegram({
    world: { limits: { groupPerMinute: 1e9, chatBurst: 1e9, totalPerSecond: 1e9 } },
  })
  await telegram.chat.start()
})
afterAll(() => telegram.close())

/** A card with the name in every kind of place; `name` as views put it, or raw when a view forgot to. */
const card = (name: string): View => ({
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

const OURS = new Set(['bold', 'italic', 'code', 'pre', 'text_link'])
const FOUND_BY_TELEGRAM = new Set(['bot_command'])

async function show(view: View) {
  const ref = await telegram.chat.send(telegram.teamPlace, view)
  const message = telegram.world.messages(telegram.team).find((m) => String(m.messageId) === ref.messageId)
  if (!message) throw new Error('the message did not arrive')
  return message
}

test.each([
  ['cleaned by the view', safeName],
  ['raw', (name: string) => name],
])('names never change the structure, never ping, never hide a button: %s (150 cards)', async (_, clean) => {
  const plain = await show(card('bob'))
  const structure = plain.entities.map(({ type, url }) => [type, url])
  await fc.assert(
    fc.asyncProperty(hostileText, async (text) => {
      const name = clean(text)
      const message = await show(card(name))
      const entities = message.entities.filter(({ type }) => !FOUND_BY_TELEGRAM.has(type))
      for (const entity of entities) expect(OURS).toContain(entity.type)
      for (const { type, url } of entities) if (type === 'text_link') expect(url).toBe('https://necto.example/s')
      // A raw name may be blank or of many lines; a cleaned one leaves every style where it was.
      if (clean === safeName) expect(entities.map(({ type, url }) => [type, url])).toEqual(structure)
      expect(message.buttons.map((row) => row.map(({ data, url }) => data ?? url))).toEqual([
        ['https://necto.example/pay/1', `a1:${'A'.repeat(22)}`],
        [`a1:${'B'.repeat(22)}`],
      ])
      for (const { text: label } of message.buttons.flat()) expect(label.trim()).not.toBe('')
      expect(message.text).not.toMatch(/\p{Bidi_Control}|\u200D|\u2060/u)
      expect(message.text.length).toBeLessThanOrEqual(4096)
    }),
    { numRuns: 150 },
  )
})
