// What the bot is told of what people do: senders, privacy mode, membership, and what people cannot do.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../../core/clock.ts'
import { callApi, sentId } from '../callApi.ts'
import type { Chat, Person } from '../model.ts'
import { startTelegram, type Telegram } from '../startTelegram.ts'

type Json = Record<string, unknown>

const clock = createManualClock(1_790_000_000_000)
let telegram: Telegram
let ann: Person
let bob: Person
let group: Chat
let offset = 0
beforeEach(async () => {
  telegram = await startTelegram({ clock })
  ann = telegram.user({ id: 42, firstName: 'Ann' })
  bob = telegram.user({ id: 43, firstName: 'Bob', username: 'bob' })
  group = telegram.supergroup({ title: 'Team', creator: ann, members: [bob] })
  telegram.addBot(group, { by: ann })
  offset = 0
  await updates()
})
afterEach(() => telegram.stop())

/** What came since the last look. */
async function updates(): Promise<Json[]> {
  const { result } = await callApi(telegram, { method: 'getUpdates', offset })
  const list = result as ({ update_id: number } & Json)[]
  offset = (list.at(-1)?.update_id ?? offset - 1) + 1
  return list
}
const messages = async () => (await updates()).map((update) => update.message as Json)
const texts = async () => (await messages()).map(({ text }) => text)

describe('privacy mode', () => {
  test('shows commands for the bot, replies to it and service messages, nothing else', async () => {
    const hello = sentId(await callApi(telegram, { method: 'sendMessage', chat_id: group.id, text: 'hello' }))
    telegram.say(bob, group, 'just talking')
    telegram.say(bob, group, 'what does /job do?')
    telegram.command(bob, group, 'job H100')
    telegram.command(bob, group, 'prices', { named: false })
    telegram.say(bob, group, '/job@other_bot')
    telegram.say(bob, group, 'thanks', { replyTo: { chatId: group.id, messageId: hello } })
    telegram.join(group, telegram.user({ id: 44, firstName: 'Eve' }))
    expect(await texts()).toEqual(['/job@necto_bot H100', '/prices', 'thanks', undefined])
  })

  test('does not hold for an admin bot', async () => {
    telegram.setAdmin(group, { by: ann })
    telegram.say(bob, group, 'just talking')
    expect((await updates()).map((update) => Object.keys(update)[1])).toEqual(['my_chat_member', 'message'])
  })

  test('does not hold when switched off', async () => {
    const open = await startTelegram({ clock, privacyMode: false })
    const cy = open.user({ id: 1, firstName: 'Cy' })
    const room = open.group({ title: 'Open', creator: cy })
    open.addBot(room, { by: cy })
    open.say(cy, room, 'heard')
    expect((await callApi(open, { method: 'getUpdates', offset: -1 })).result).toMatchObject([
      { message: { text: 'heard' } },
    ])
    expect((await callApi(open, { method: 'getMe' })).result).toMatchObject({ can_read_all_group_messages: true })
    await open.stop()
  })

  test('other bots are never heard', async () => {
    const other = telegram.user({ id: 99, firstName: 'Other', isBot: true })
    telegram.setAdmin(group, { by: ann })
    telegram.join(group, other)
    await updates()
    telegram.say(other, group, '/job@necto_bot')
    expect(await updates()).toEqual([])
  })
})

describe('commands', () => {
  test('carry a bot_command entity over the name as well', async () => {
    telegram.command(bob, group, 'job H100 4h')
    expect(await messages()).toMatchObject([
      { text: '/job@necto_bot H100 4h', entities: [{ type: 'bot_command', offset: 0, length: 14 }] },
    ])
  })

  test('are bare in private', async () => {
    telegram.command(bob, telegram.privateChat(bob), '/prices')
    expect(await texts()).toEqual(['/prices'])
  })

  test('Start carries the payload of its link', async () => {
    telegram.startBot(bob, 'k7qf-3m2p')
    telegram.startInGroup(ann, group, 'bind')
    expect(await texts()).toEqual(['/start k7qf-3m2p', '/start@necto_bot bind'])
    expect(() => telegram.startBot(bob, 'no spaces')).toThrow('a start payload is')
    expect(() => telegram.startBot(bob, 'x'.repeat(65))).toThrow('a start payload is')
  })
})

describe('senders', () => {
  test('an anonymous admin is 1087968824 with the group as sender_chat, and presses under the real id', async () => {
    const post = telegram.postAsAnonymousAdmin(ann, group, '/team@necto_bot')
    expect(await messages()).toMatchObject([{ from: { id: 1087968824, is_bot: true }, sender_chat: { id: group.id } }])
    void telegram.pressForged(ann, post, 'a1:x')
    expect(await updates()).toMatchObject([{ callback_query: { from: { id: 42 } } }])
    expect(() => telegram.postAsAnonymousAdmin(bob, group, 'x')).toThrow('no admin')
  })

  test('a member in the name of a channel is Channel_Bot with that channel as sender_chat', async () => {
    const channel = telegram.channel({ title: 'Bob’s news', creator: bob })
    telegram.postAsChannel(channel, group, '/job@necto_bot')
    expect(await messages()).toMatchObject([
      { from: { id: 136817688 }, sender_chat: { id: channel.id, type: 'channel' } },
    ])
  })

  test('an automatic forward is 777000', async () => {
    const channel = telegram.channel({ title: 'News', creator: ann })
    telegram.autoForward(channel, group, '/job@necto_bot')
    expect(await messages()).toMatchObject([
      { from: { id: 777000 }, is_automatic_forward: true, forward_origin: { type: 'channel', message_id: 1 } },
    ])
  })

  test('a channel post has no from', async () => {
    const channel = telegram.channel({ title: 'News', creator: ann })
    telegram.addBot(channel, { by: ann })
    telegram.postInChannel(channel, '/job')
    const [, update] = await updates()
    expect(update).toMatchObject({ channel_post: { text: '/job', chat: { type: 'channel' } } })
    expect(update?.channel_post).not.toHaveProperty('from')
  })

  test('a forward carries its origin, an edit comes as edited_message, a post through a bot says via_bot', async () => {
    const other = telegram.user({ id: 99, firstName: 'Other', isBot: true })
    const first = telegram.command(bob, group, 'job')
    telegram.forward(ann, first, group)
    telegram.editMessage(bob, first, '/job@necto_bot 2')
    telegram.say(bob, group, '/job', { viaBot: other })
    expect(await updates()).toMatchObject([
      { message: { text: '/job@necto_bot' } },
      { message: { from: { id: 42 }, forward_origin: { type: 'user', sender_user: { id: 43 } } } },
      { edited_message: { text: '/job@necto_bot 2', edit_date: expect.any(Number) } },
      { message: { via_bot: { id: 99 } } },
    ])
  })
})

describe('membership', () => {
  test('adding and removing the bot comes as my_chat_member', async () => {
    telegram.removeBot(group, { by: ann })
    expect(await updates()).toMatchObject([
      {
        my_chat_member: {
          from: { id: 42 },
          old_chat_member: { status: 'member' },
          new_chat_member: { status: 'kicked' },
        },
      },
    ])
    telegram.command(bob, group, 'job')
    expect(await updates()).toEqual([])
  })

  test('a group becomes a supergroup with service messages on both sides', async () => {
    const old = telegram.group({ title: 'Old', creator: ann })
    telegram.addBot(old, { by: ann })
    await updates()
    const upgraded = telegram.upgrade(old)
    expect(await messages()).toMatchObject([
      { chat: { id: old.id, type: 'group' }, migrate_to_chat_id: upgraded.id },
      { chat: { id: upgraded.id, type: 'supergroup' }, migrate_from_chat_id: old.id },
    ])
    expect(() => telegram.say(ann, old, 'x')).toThrow('upgraded')
  })
})

describe('what people cannot do', () => {
  test('speak where they are not, edit what is not theirs', () => {
    const eve = telegram.user({ id: 44, firstName: 'Eve' })
    expect(() => telegram.say(eve, group, 'x')).toThrow('Eve is not in Team')
    const post = telegram.say(bob, group, 'mine')
    expect(() => telegram.editMessage(ann, post, 'x')).toThrow("is not Ann's")
    expect(() => telegram.user({ id: 44, firstName: 'Eve 2' })).toThrow('already')
  })

  test('press a button that is not there now', async () => {
    const keyboard = (text: string) => ({ inline_keyboard: [[{ text, callback_data: text }]] })
    const sent = await callApi(telegram, {
      method: 'sendMessage',
      chat_id: group.id,
      text: 'x',
      reply_markup: keyboard('Pay'),
    })
    const message = { chatId: group.id, messageId: sentId(sent) }
    await callApi(telegram, {
      method: 'editMessageReplyMarkup',
      chat_id: group.id,
      message_id: message.messageId,
      reply_markup: keyboard('Cancel'),
    })
    await expect(telegram.press(bob, message, 'Pay')).rejects.toThrow('has no button "Pay"; it shows "Cancel"')
    void telegram.pressForged(bob, message, 'Pay')
    expect(await updates()).toMatchObject([
      { callback_query: { data: 'Pay', message: { message_id: message.messageId } } },
    ])
  })
})

test('link and copy buttons do their work without the bot', async () => {
  const row = [
    { text: 'Pay', url: 'https://necto.example/pay' },
    { text: 'Copy', copy_text: { text: '0xabc' } },
  ]
  const sent = await callApi(telegram, {
    method: 'sendMessage',
    chat_id: group.id,
    text: 'x',
    reply_markup: { inline_keyboard: [row] },
  })
  const message = { chatId: group.id, messageId: sentId(sent) }
  expect(await telegram.press(bob, message, 'Pay')).toMatchObject({ url: 'https://necto.example/pay' })
  expect(await telegram.press(bob, message, 'Copy')).toMatchObject({ copied: '0xabc' })
  expect(await updates()).toEqual([])
})

test('a press on a deleted message says only where it was', async () => {
  void telegram.pressForged(bob, { chatId: group.id, messageId: 999 }, 'a1:x')
  expect(await updates()).toMatchObject([{ callback_query: { message: { message_id: 999, date: 0 } } }])
})

test('any other update can be sent as it is', async () => {
  telegram.sendUpdate('guest_message', { text: '/job' })
  expect(await updates()).toMatchObject([{ guest_message: { text: '/job' } }])
})
