// Edits, deletions, button answers, and the bot's own profile.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../../core/clock.ts'
import { callApi, sentId } from '../callApi.ts'
import type { Chat, Person } from '../model.ts'
import { startTelegram, type Telegram } from '../startTelegram.ts'

const clock = createManualClock(1_790_000_000_000)
let telegram: Telegram
let ann: Person
let chat: Chat
let message_id: number
beforeEach(async () => {
  telegram = await startTelegram({ clock })
  ann = telegram.user({ id: 42, firstName: 'Ann' })
  chat = telegram.privateChat(ann)
  telegram.startBot(ann)
  message_id = sentId(await callApi(telegram, { method: 'sendMessage', chat_id: 42, text: 'first', reply_markup }))
})
afterEach(() => telegram.stop())

const reply_markup = { inline_keyboard: [[{ text: 'Go', callback_data: 'a1:go' }]] }
const call = (method: string, params: Record<string, unknown> = {}) =>
  callApi(telegram, { method, chat_id: 42, message_id, ...params })
const edit = (params: Record<string, unknown>) => call('editMessageText', params)
const photo = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10', 'latin1')

async function editMedia() {
  const form = new FormData()
  form.set('chat_id', '42')
  form.set('message_id', String(message_id))
  form.set('media', JSON.stringify({ type: 'photo', media: 'attach://p', caption: 'chart' }))
  form.set('p', new Blob([new Uint8Array(photo)]), 'p.png')
  const response = await fetch(`${telegram.apiRoot}/bot${telegram.token}/editMessageMedia`, {
    method: 'POST',
    body: form,
  })
  return response.json()
}

describe('edits', () => {
  test('give the Message back with edit_date', async () => {
    await clock.tick(5000)
    const date = Math.floor(clock.now() / 1000)
    expect(await edit({ text: 'second', reply_markup })).toMatchObject({
      ok: true,
      result: { message_id, text: 'second', date: date - 5, edit_date: date, reply_markup },
    })
  })

  test('that change nothing are refused, also when only outer white space differs', async () => {
    const unchanged =
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message'
    expect(await edit({ text: 'first', reply_markup })).toEqual({ ok: false, error_code: 400, description: unchanged })
    expect(await edit({ text: 'first\n', reply_markup })).toMatchObject({ description: unchanged })
    expect(await call('editMessageReplyMarkup', { reply_markup })).toMatchObject({ description: unchanged })
  })

  test('without a keyboard take the keyboard away', async () => {
    expect(await edit({ text: 'first' })).toMatchObject({ ok: true })
    expect(telegram.messages(chat).at(-1)?.buttons).toEqual([])
  })

  test('of a message that is not there', async () => {
    expect(await edit({ message_id: 999, text: 'x' })).toMatchObject({
      description: 'Bad Request: message to edit not found',
    })
    expect(await edit({ message_id: undefined, text: 'x' })).toMatchObject({
      description: 'Bad Request: message identifier is not specified',
    })
  })

  test("of somebody else's message", async () => {
    const { messageId } = telegram.say(ann, chat, 'mine')
    expect(await edit({ message_id: messageId, text: 'x' })).toMatchObject({
      description: "Bad Request: message can't be edited",
    })
  })

  test('have no age limit for own messages', async () => {
    await clock.tick(72 * 3600 * 1000)
    expect(await edit({ text: 'still' })).toMatchObject({ ok: true })
  })

  test('text becomes media in place, media never text again', async () => {
    expect(await editMedia()).toMatchObject({
      ok: true,
      result: { message_id, caption: 'chart', photo: [{ width: 16, height: 16 }] },
    })
    expect(telegram.transcript(chat).at(-1)).toMatchObject({ event: 'edited', file: 'photo', text: 'chart' })
    expect(await edit({ text: 'x' })).toMatchObject({
      description: 'Bad Request: there is no text in the message to edit',
    })
    expect(await call('editMessageCaption', { caption: 'better chart' })).toMatchObject({
      result: { caption: 'better chart' },
    })
  })

  test('of a caption where there is none', async () => {
    expect(await call('editMessageCaption', { caption: 'x' })).toMatchObject({
      description: 'Bad Request: there is no caption in the message to edit',
    })
  })
})

describe('deletions', () => {
  test('work for two days', async () => {
    const second = sentId(await call('sendMessage', { text: 'second' }))
    expect(await call('deleteMessage', { message_id: second })).toEqual({ ok: true, result: true })
    expect(await call('deleteMessage', { message_id: second })).toMatchObject({
      description: 'Bad Request: message to delete not found',
    })
    await clock.tick(48 * 3600 * 1000 + 1)
    expect(await call('deleteMessage')).toMatchObject({
      description: "Bad Request: message can't be deleted for everyone",
    })
  })

  test("of others' messages in a group need an admin", async () => {
    const group = telegram.supergroup({ title: 'Team', creator: ann })
    telegram.addBot(group, { by: ann })
    const { messageId } = telegram.say(ann, group, 'my seed phrase is …')
    const remove = () => call('deleteMessage', { chat_id: group.id, message_id: messageId })
    expect(await remove()).toMatchObject({ description: "Bad Request: message can't be deleted" })
    telegram.setAdmin(group, { by: ann })
    expect(await remove()).toMatchObject({ ok: true })
    expect(telegram.transcript(group).at(-1)).toMatchObject({ event: 'deleted', messageId })
  })
})

describe('button answers', () => {
  const tooOld = 'Bad Request: query is too old and response timeout expired or query ID is invalid'
  const press = async () => {
    const pressed = telegram.press(ann, { chatId: 42, messageId: message_id }, 'Go')
    const { result } = await callApi(telegram, { method: 'getUpdates', offset: -1 })
    const [update] = result as { callback_query: { id: string } }[]
    return { pressed, query: update?.callback_query }
  }

  test('reach the person who pressed', async () => {
    const { pressed, query } = await press()
    expect(query).toMatchObject({
      data: 'a1:go',
      from: { id: 42 },
      message: { message_id },
      chat_instance: expect.any(String),
    })
    await call('answerCallbackQuery', {
      callback_query_id: query?.id,
      text: 'Only approvers can do this',
      show_alert: true,
    })
    expect(await pressed).toEqual({ answered: true, text: 'Only approvers can do this', alert: true, url: undefined })
  })

  test('come once', async () => {
    const { query } = await press()
    await call('answerCallbackQuery', { callback_query_id: query?.id })
    expect(await call('answerCallbackQuery', { callback_query_id: query?.id })).toMatchObject({ description: tooOld })
  })

  test('come in time', async () => {
    const { pressed, query } = await press()
    await clock.tick(15_001)
    expect(await call('answerCallbackQuery', { callback_query_id: query?.id })).toMatchObject({ description: tooOld })
    expect(await pressed).toMatchObject({ answered: false })
  })

  test('have 200 characters and open no foreign page', async () => {
    const { query } = await press()
    const answer = (params: Record<string, unknown>) =>
      call('answerCallbackQuery', { callback_query_id: query?.id, ...params })
    expect(await answer({ text: 'x'.repeat(201) })).toMatchObject({ description: 'Bad Request: MESSAGE_TOO_LONG' })
    expect(await answer({ url: 'https://evil.example' })).toMatchObject({ description: 'Bad Request: URL_INVALID' })
    expect(await answer({ url: 'https://t.me/necto_bot?start=k7qf' })).toMatchObject({ ok: true })
  })
})

describe('profile and chats', () => {
  const commands = [{ command: 'job', description: 'Rent a GPU' }]

  test('command menus are kept by scope and language', async () => {
    await call('setMyCommands', { commands, scope: { type: 'all_group_chats' }, language_code: 'de' })
    expect(await call('getMyCommands', { scope: { type: 'all_group_chats' }, language_code: 'de' })).toMatchObject({
      result: commands,
    })
    expect(await call('getMyCommands')).toMatchObject({ result: [] })
    await call('deleteMyCommands', { scope: { type: 'all_group_chats' }, language_code: 'de' })
    expect(await call('getMyCommands', { scope: { type: 'all_group_chats' }, language_code: 'de' })).toMatchObject({
      result: [],
    })
  })

  test.each([
    ['BOT_COMMAND_INVALID', [{ command: 'Job-1', description: 'x' }]],
    ['BOT_COMMAND_INVALID', [{ command: 'j'.repeat(33), description: 'x' }]],
    ['BOT_COMMAND_DESCRIPTION_INVALID', [{ command: 'job', description: '' }]],
    ['BOT_COMMANDS_TOO_MUCH', Array.from({ length: 101 }, (_, n) => ({ command: `c${n}`, description: 'x' }))],
  ])('%s', async (why, wrong) => {
    expect(await call('setMyCommands', { commands: wrong })).toMatchObject({ description: `Bad Request: ${why}` })
  })

  test('descriptions fall back to the one without language', async () => {
    await call('setMyShortDescription', { short_description: 'GPUs, cheapest first' })
    expect(await call('getMyShortDescription', { language_code: 'fr' })).toMatchObject({
      result: { short_description: 'GPUs, cheapest first' },
    })
  })

  test('members have a status, the creator is named as such', async () => {
    const bob = telegram.user({ id: 43, firstName: 'Bob' })
    const eve = telegram.user({ id: 44, firstName: 'Eve' })
    const group = telegram.supergroup({ title: 'Team', creator: ann, members: [bob] })
    telegram.addBot(group, { by: ann, as: 'administrator' })
    const status = async (user_id: number) =>
      ((await call('getChatMember', { chat_id: group.id, user_id })).result as { status: string }).status
    expect([await status(42), await status(43), await status(eve.id)]).toEqual(['creator', 'member', 'left'])
    expect(await call('getChatAdministrators', { chat_id: group.id })).toMatchObject({
      result: [{ status: 'creator' }, { status: 'administrator', user: { is_bot: true } }],
    })
    expect(await call('getChat', { chat_id: group.id })).toMatchObject({
      result: { title: 'Team', type: 'supergroup' },
    })
  })

  test('the typing sign is one of Telegram’s', async () => {
    expect(await call('sendChatAction', { action: 'typing' })).toEqual({ ok: true, result: true })
    expect(await call('sendChatAction', { action: 'thinking' })).toMatchObject({ error_code: 400 })
  })
})
