// Sending: what the Message looks like, lengths, replies, topics, files, and whom a bot cannot write to.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../../core/clock.ts'
import { callApi, sentId } from '../callApi.ts'
import type { Chat, Person } from '../model.ts'
import { startTelegram, type Telegram } from '../startTelegram.ts'

const clock = createManualClock(1_790_000_000_000)
let telegram: Telegram
let ann: Person
let chat: Chat
beforeEach(async () => {
  telegram = await startTelegram({ clock })
  ann = telegram.user({ id: 42, firstName: 'Ann' })
  chat = telegram.privateChat(ann)
  telegram.startBot(ann)
})
afterEach(() => telegram.stop())

const send = (params: Record<string, unknown>) =>
  callApi(telegram, { method: 'sendMessage', chat_id: 42, text: 'hi', ...params })
const refused = async (params: Record<string, unknown>) => (await send(params)).description

test('the sent Message is complete', async () => {
  const reply_markup = { inline_keyboard: [[{ text: 'Pay', url: 'https://necto.example' }]] }
  expect((await send({ text: '<b>hi</b>', parse_mode: 'HTML', reply_markup, protect_content: true })).result).toEqual({
    message_id: 2,
    from: { id: 7000000001, is_bot: true, first_name: 'Necto', username: 'necto_bot' },
    chat: { id: 42, first_name: 'Ann', type: 'private' },
    date: 1_790_000_000,
    text: 'hi',
    entities: [{ type: 'bold', offset: 0, length: 2 }],
    has_protected_content: true,
    reply_markup: { inline_keyboard: [[{ text: 'Pay', url: 'https://necto.example/' }]] },
  })
})

describe('length', () => {
  test('text is empty', async () => {
    expect(await refused({ text: '' })).toBe('Bad Request: message text is empty')
    expect(await refused({ text: ' \n ' })).toBe('Bad Request: text must be non-empty')
  })

  test('4096 UTF-16 units, counted after entity parsing', async () => {
    expect(await refused({ text: 'x'.repeat(4096) })).toBeUndefined()
    expect(await refused({ text: 'x'.repeat(4097) })).toBe('Bad Request: message is too long')
    expect(await refused({ text: `<b>${'x'.repeat(4096)}</b>`, parse_mode: 'HTML' })).toBeUndefined()
  })
})

describe('replies and topics', () => {
  test('a missing reply target is refused unless allowed', async () => {
    expect(await refused({ reply_parameters: { message_id: 999 } })).toBe(
      'Bad Request: message to be replied not found',
    )
    expect(await refused({ reply_parameters: { message_id: 999, allow_sending_without_reply: true } })).toBeUndefined()
  })

  test('a reply carries what it answers', async () => {
    const { messageId } = telegram.say(ann, chat, 'question')
    expect((await send({ reply_parameters: { message_id: messageId } })).result).toMatchObject({
      reply_to_message: { message_id: messageId, text: 'question' },
    })
  })

  test('topics must exist, and General is not named by its number', async () => {
    const forum = telegram.forum({ title: 'Team', creator: ann })
    telegram.addBot(forum, { by: ann })
    const topic = telegram.addTopic(forum, 'GPU')
    const there = { chat_id: forum.id, message_thread_id: topic }
    expect((await send(there)).result).toMatchObject({
      message_thread_id: topic,
      is_topic_message: true,
      chat: { is_forum: true },
    })
    expect(await refused({ ...there, message_thread_id: 1 })).toBe('Bad Request: message thread not found')
    expect(await refused({ message_thread_id: 7 })).toBe('Bad Request: message thread not found')
  })
})

describe('unreachable chats', () => {
  const bob = () => telegram.user({ id: 43, firstName: 'Bob' })

  test('nobody the bot ever saw', async () => {
    bob()
    expect(await refused({ chat_id: 43 })).toBe('Bad Request: chat not found')
    expect(await refused({ chat_id: undefined })).toBe('Bad Request: chat_id is empty')
  })

  test('somebody seen in a group who never pressed Start', async () => {
    const member = bob()
    const group = telegram.group({ title: 'Team', creator: ann, members: [member] })
    telegram.addBot(group, { by: ann })
    telegram.command(member, group, 'job')
    const cannot = { error_code: 403, description: "Forbidden: bot can't initiate conversation with a user" }
    expect(await send({ chat_id: 43 })).toMatchObject(cannot)
    telegram.privateChat(member)
    expect(await send({ chat_id: 43 })).toMatchObject(cannot)
    telegram.startBot(member)
    expect(await send({ chat_id: 43 })).toMatchObject({ ok: true })
  })

  test('somebody who blocked the bot, until unblocked', async () => {
    telegram.blockBot(ann)
    expect(await send({})).toMatchObject({ error_code: 403, description: 'Forbidden: bot was blocked by the user' })
    telegram.unblockBot(ann)
    expect(await send({})).toMatchObject({ ok: true })
  })

  test.each(['group', 'supergroup', 'channel'] as const)('a %s the bot was removed from', async (kind) => {
    const room = telegram[kind]({ title: 'Team', creator: ann })
    expect(await refused({ chat_id: room.id })).toBe('Bad Request: chat not found')
    telegram.addBot(room, { by: ann })
    expect(await refused({ chat_id: room.id })).toBeUndefined()
    telegram.removeBot(room, { by: ann })
    expect(await refused({ chat_id: room.id })).toBe(`Forbidden: bot was kicked from the ${kind} chat`)
  })

  test('a bot', async () => {
    const other = telegram.user({ id: 99, firstName: 'Other', isBot: true })
    telegram.privateChat(other)
    expect(await refused({ chat_id: 99 })).toBe("Forbidden: bot can't send messages to bots")
  })

  test('a group that became a supergroup says where it went', async () => {
    const group = telegram.group({ title: 'Team', creator: ann })
    telegram.addBot(group, { by: ann })
    const upgraded = telegram.upgrade(group)
    expect(await send({ chat_id: group.id })).toEqual({
      ok: false,
      error_code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: upgraded.id },
    })
    expect(await send({ chat_id: upgraded.id })).toMatchObject({ ok: true })
  })
})

test('a group takes twenty sends and edits a minute, then 429 with retry_after', async () => {
  const group = telegram.supergroup({ title: 'Team', creator: ann })
  telegram.addBot(group, { by: ann })
  const message_id = sentId(await send({ chat_id: group.id }))
  for (let edits = 1; edits < 20; edits += 1) {
    await clock.tick(1000)
    const edit = { method: 'editMessageText', chat_id: group.id, message_id, text: `step ${edits}` }
    expect(await callApi(telegram, edit)).toMatchObject({ ok: true })
  }
  await clock.tick(1000)
  expect(await send({ chat_id: group.id })).toEqual({
    ok: false,
    error_code: 429,
    description: 'Too Many Requests: retry after 40',
    parameters: { retry_after: 40 },
  })
  expect(await send({})).toMatchObject({ ok: true })
})

describe('files', () => {
  /** The first bytes of a PNG: signature, IHDR length and name, width and height. */
  const png = (width: number, height: number, size = 64) => {
    const bytes = Buffer.alloc(size)
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').copy(bytes)
    bytes.writeUInt32BE(width, 16)
    bytes.writeUInt32BE(height, 20)
    return bytes
  }
  const upload = async (method: string, parts: Record<string, string | Buffer>) => {
    const form = new FormData()
    for (const [name, part] of Object.entries({ chat_id: '42', ...parts })) {
      if (typeof part === 'string') form.set(name, part)
      else form.set(name, new Blob([new Uint8Array(part)], { type: 'image/png' }), 'chart.png')
    }
    const response = await fetch(`${telegram.apiRoot}/bot${telegram.token}/${method}`, { method: 'POST', body: form })
    return (await response.json()) as { ok: boolean; description?: string; result?: { photo?: { file_id: string }[] } }
  }

  test('a photo has its size, its caption and its bytes', async () => {
    const answer = await upload('sendPhoto', { photo: png(900, 500), caption: 'Spend: *7*', parse_mode: 'MarkdownV2' })
    expect(answer.result).toMatchObject({
      photo: [{ width: 900, height: 500, file_size: 64 }],
      caption: 'Spend: 7',
      caption_entities: [{ type: 'bold', offset: 7, length: 1 }],
    })
    expect(telegram.messages(chat).at(-1)?.file).toMatchObject({
      kind: 'photo',
      name: 'chart.png',
      bytes: png(900, 500),
    })
    const photo = answer.result?.photo?.[0]?.file_id
    expect(await callApi(telegram, { method: 'sendPhoto', chat_id: 42, photo })).toMatchObject({ ok: true })
    expect(await callApi(telegram, { method: 'sendDocument', chat_id: 42, document: photo })).toMatchObject({
      description: "Bad Request: can't use file of type Photo as Document",
    })
  })

  test('a document is sent by attach:// with its name', async () => {
    const answer = await upload('sendDocument', { document: 'attach://log', log: Buffer.from('line 1') })
    expect(answer.result).toMatchObject({ document: { file_name: 'chart.png', file_size: 6 } })
  })

  test.each([
    ['IMAGE_PROCESS_FAILED', { photo: Buffer.from('not a picture') }],
    ['PHOTO_INVALID_DIMENSIONS', { photo: png(2100, 100) }],
    ['PHOTO_INVALID_DIMENSIONS', { photo: png(6000, 5000) }],
    ['file must be non-empty', { photo: Buffer.alloc(0) }],
    ['message caption is too long', { photo: png(10, 10), caption: 'x'.repeat(1025) }],
    ['there is no photo in the request', {}],
    ['wrong file identifier/HTTP URL specified', { photo: 'unknown' }],
  ])('%s', async (why, parts) => {
    expect(await upload('sendPhoto', parts)).toMatchObject({ ok: false, description: `Bad Request: ${why}` })
  })

  test('neither goes where a group’s members may send no files; admins may', async () => {
    const ann = telegram.user({ id: 77, firstName: 'Ann' })
    const group = telegram.supergroup({ title: 'Quiet', creator: ann })
    telegram.addBot(group, { by: ann })
    telegram.forbidMedia(group)
    const send = () => upload('sendPhoto', { chat_id: String(group.id), photo: png(10, 10) })
    expect(await send()).toMatchObject({
      description: 'Bad Request: not enough rights to send photos to the chat',
    })
    telegram.setAdmin(group, { by: ann })
    expect(await send()).toMatchObject({ ok: true })
  })

  test('a photo ends at 10 MB, any upload at 50', async () => {
    const tooBig = 10 * 1024 * 1024 + 1
    expect(await upload('sendPhoto', { photo: png(10, 10, tooBig) })).toMatchObject({
      description: `Bad Request: file of size ${tooBig} bytes is too big for a photo; the maximum size is 10485760 bytes`,
    })
    expect(await upload('sendDocument', { document: Buffer.alloc(50 * 1024 * 1024 + 1) })).toMatchObject({
      error_code: 413,
      description: 'Request Entity Too Large',
    })
  })
})
