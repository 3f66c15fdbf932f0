// getUpdates over real sockets: long poll, confirmation, kinds, one poller, redelivery.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import { callApi } from './callApi.ts'
import type { Chat, Person } from './model.ts'
import { startTelegram, type Telegram } from './startTelegram.ts'
import type { Update } from './updates.ts'

const clock = createManualClock(1_790_000_000_000)
let telegram: Telegram
let ann: Person
let chat: Chat
beforeEach(async () => {
  telegram = await startTelegram({ clock })
  ann = telegram.user({ id: 42, firstName: 'Ann', languageCode: 'de' })
  chat = telegram.privateChat(ann)
})
afterEach(() => telegram.stop())

const poll = (params: Record<string, unknown> = {}) => callApi(telegram, { method: 'getUpdates', ...params })
const updates = async (params: Record<string, unknown> = {}) => (await poll(params)).result as Update[]
const texts = (list: Update[]) => list.map((update) => (update.message as { text: string }).text)

/** Resolves once the server holds that many polls. */
const polling = async (count: number) => {
  while (telegram.calls('getUpdates').length < count) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
}

test('a message arrives as the real API writes it', async () => {
  telegram.say(ann, chat, 'hello')
  expect(await updates()).toEqual([
    {
      update_id: expect.any(Number),
      message: {
        message_id: 1,
        from: { id: 42, is_bot: false, first_name: 'Ann', language_code: 'de' },
        chat: { id: 42, first_name: 'Ann', type: 'private' },
        date: 1_790_000_000,
        text: 'hello',
      },
    },
  ])
})

test('updates stay until an offset confirms them', async () => {
  for (const text of ['a', 'b', 'c']) telegram.say(ann, chat, text)
  const [first] = await updates()
  expect(texts(await updates())).toEqual(['a', 'b', 'c'])
  expect(texts(await updates({ offset: (first?.update_id ?? 0) + 1 }))).toEqual(['b', 'c'])
  expect(texts(await updates({ limit: 1 }))).toEqual(['b'])
})

test('a negative offset keeps the newest and forgets the rest', async () => {
  for (const text of ['a', 'b', 'c']) telegram.say(ann, chat, text)
  expect(texts(await updates({ offset: -1 }))).toEqual(['c'])
  expect(texts(await updates())).toEqual(['c'])
})

test('a long poll ends when something happens', async () => {
  const waiting = updates({ timeout: 50 })
  await polling(1)
  telegram.say(ann, chat, 'now')
  expect(texts(await waiting)).toEqual(['now'])
})

test('a long poll ends empty at its timeout', async () => {
  const waiting = updates({ timeout: 50 })
  await polling(1)
  await clock.tick(50_000)
  expect(await waiting).toEqual([])
})

test('the older of two polls gets 409, the newer goes on waiting', async () => {
  const older = poll({ timeout: 50 })
  await polling(1)
  const newer = updates({ timeout: 50 })
  expect(await older).toEqual({
    ok: false,
    error_code: 409,
    description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
  })
  telegram.say(ann, chat, 'for the newer')
  expect(texts(await newer)).toEqual(['for the newer'])
})

test('a poller that hung up is no conflict and loses nothing', async () => {
  const hangUp = new AbortController()
  const gone = poll({ timeout: 50, signal: hangUp.signal })
  await polling(1)
  hangUp.abort()
  await expect(gone).rejects.toThrow()
  telegram.say(ann, chat, 'kept')
  expect(texts(await updates({ timeout: 50 }))).toEqual(['kept'])
})

test('allowed_updates filters from then on and is remembered', async () => {
  await poll({ allowed_updates: ['message'] })
  telegram.blockBot(ann)
  telegram.unblockBot(ann)
  telegram.say(ann, chat, 'only this')
  expect(texts(await updates())).toEqual(['only this'])
  await poll({ allowed_updates: [] })
  telegram.blockBot(ann)
  expect((await updates()).at(-1)).toHaveProperty('my_chat_member.new_chat_member.status', 'kicked')
})

test('chat_member comes only when asked for', async () => {
  const group = telegram.group({ title: 'Team', creator: ann })
  telegram.addBot(group, { by: ann, as: 'administrator' })
  const bob = telegram.user({ id: 43, firstName: 'Bob' })
  telegram.join(group, bob)
  expect((await updates()).some((update) => 'chat_member' in update)).toBe(false)
  await poll({ allowed_updates: ['chat_member'] })
  telegram.leave(group, bob)
  expect((await updates()).at(-1)).toHaveProperty('chat_member.new_chat_member.status', 'left')
})

test('updates are forgotten after a day', async () => {
  telegram.say(ann, chat, 'old')
  await clock.tick(24 * 3600 * 1000)
  expect(await updates()).toEqual([])
})

test('a redelivered update comes again under its old id, though it was confirmed', async () => {
  telegram.say(ann, chat, 'pay 5')
  const [first] = await updates()
  const next = (first?.update_id ?? 0) + 1
  expect(await updates({ offset: next })).toEqual([])
  telegram.redeliver()
  expect(await updates({ offset: next })).toEqual([first])
  expect(await updates({ offset: next })).toEqual([])
})
