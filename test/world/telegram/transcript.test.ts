// The transcript: every visible state in order, listeners, waiting without polling.
import { expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import { callApi, sentId } from './callApi.ts'
import { startTelegram } from './startTelegram.ts'
import type { ChatEvent } from './transcript.ts'

async function setUp() {
  const clock = createManualClock(1_790_000_000_000)
  const telegram = await startTelegram({ clock })
  const ann = telegram.user({ id: 42, firstName: 'Ann' })
  const chat = telegram.privateChat(ann)
  const call = (method: string, params: Record<string, unknown>) =>
    callApi(telegram, { method, chat_id: 42, ...params })
  return { clock, telegram, ann, chat, call, [Symbol.asyncDispose]: () => telegram.stop() }
}

test('people saw A, then B, then nothing', async () => {
  await using world = await setUp()
  const { telegram, ann, chat, call, clock } = world
  telegram.startBot(ann)
  const reply_markup = { inline_keyboard: [[{ text: 'Pay', callback_data: 'a1:x', style: 'success' }]] }
  const message_id = sentId(
    await call('sendMessage', { text: 'Scanning', entities: [{ type: 'bold', offset: 0, length: 8 }] }),
  )
  await clock.tick(2000)
  await call('editMessageText', { message_id, text: 'Found 14', reply_markup })
  await call('deleteMessage', { message_id })
  const start = 1_790_000_000_000
  expect(telegram.transcript(chat)).toMatchObject([
    { at: start, messageId: 1, event: 'sent', text: '/start', from: 'Ann', fromBot: false },
    {
      at: start,
      messageId: message_id,
      event: 'sent',
      text: 'Scanning',
      entities: [{ type: 'bold' }],
      buttons: [],
      fromBot: true,
    },
    {
      at: start + 2000,
      event: 'edited',
      text: 'Found 14',
      buttons: [[{ text: 'Pay', data: 'a1:x', style: 'success' }]],
    },
    { event: 'deleted', messageId: message_id },
  ])
  expect(telegram.messages(chat).map(({ text }) => text)).toEqual(['/start'])
})

test('listeners see messages, toasts and typing until they stop', async () => {
  await using world = await setUp()
  const { telegram, ann, call } = world
  const seen: ChatEvent[] = []
  const stop = telegram.onEvent((event) => seen.push(event))
  telegram.startBot(ann)
  await call('sendChatAction', { action: 'typing' })
  const pressed = telegram.pressForged(ann, { chatId: 42, messageId: 1 }, 'x')
  const { result } = await call('getUpdates', { offset: -1 })
  const [update] = result as { callback_query: { id: string } }[]
  await call('answerCallbackQuery', { callback_query_id: update?.callback_query.id, text: 'No' })
  expect(await pressed).toMatchObject({ answered: true, text: 'No' })
  stop()
  telegram.startBot(ann)
  expect(seen.map(({ kind }) => kind)).toEqual(['message', 'typing', 'toast'])
})

test('waitFor finds what is there, what comes, and only what is new when asked', async () => {
  await using world = await setUp()
  const { telegram, ann, chat, call } = world
  telegram.startBot(ann)
  await call('sendMessage', { text: 'ready 1' })
  const ready = (entry: { text: string }) => entry.text.startsWith('ready')
  expect(await telegram.waitFor(chat, ready)).toMatchObject({ text: 'ready 1' })
  const next = telegram.waitFor(chat, ready, { after: telegram.transcript(chat).length })
  await call('sendMessage', { text: 'ready 2' })
  expect(await next).toMatchObject({ text: 'ready 2' })
})

test('waitFor that ends says what the chat shows', async () => {
  await using world = await setUp()
  world.telegram.startBot(world.ann)
  await expect(world.telegram.waitFor(world.chat, () => false, { timeoutMs: 1 })).rejects.toThrow('#1 Ann: /start')
})
