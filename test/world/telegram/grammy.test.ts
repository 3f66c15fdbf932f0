// The unmodified grammY against this server over real sockets: what bots/telegram will rely on.
import { Bot, GrammyError, HttpError, InlineKeyboard, InputFile } from 'grammy'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import type { Chat, Person } from './model.ts'
import { startTelegram, type Telegram } from './startTelegram.ts'

const clock = createManualClock(1_790_000_000_000)
let telegram: Telegram
let ann: Person
let chat: Chat
let bot: Bot
beforeEach(async () => {
  telegram = await startTelegram({ clock })
  ann = telegram.user({ id: 42, firstName: 'Ann' })
  chat = telegram.privateChat(ann)
  bot = new Bot(telegram.token, { client: { apiRoot: telegram.apiRoot } })
})
afterEach(async () => {
  await bot.stop()
  await telegram.stop()
})

/** Starts polling; resolves once the bot listens. The promise of `bot.start()` itself ends with the bot. */
const start = (options: Parameters<Bot['start']>[0] = {}) => {
  let ended: Promise<void> = Promise.resolve()
  const listening = new Promise<void>((resolve, reject) => {
    ended = bot.start({ ...options, onStart: () => resolve() })
    ended.catch(reject)
  })
  return { listening, ended }
}
const failure = async (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

test('a command is answered, edited live, and its button answered', async () => {
  bot.command('scan', async (ctx) => {
    const sent = await ctx.reply('Scanning Akash…')
    for (const text of ['Scanning io.net…', 'Found 14 offers']) {
      const reply_markup = new InlineKeyboard().text('Rent', 'a1:rent')
      await ctx.api.editMessageText(sent.chat.id, sent.message_id, text, { reply_markup })
    }
  })
  bot.callbackQuery('a1:rent', (ctx) =>
    ctx.answerCallbackQuery({ text: `Rented, ${ctx.from.first_name}`, show_alert: true }),
  )
  await start().listening
  telegram.command(ann, chat, 'scan H100')
  const found = await telegram.waitFor(chat, ({ text }) => text.startsWith('Found'))
  expect(await telegram.press(ann, found, 'Rent')).toMatchObject({ answered: true, text: 'Rented, Ann', alert: true })
  expect(telegram.transcript(chat).map(({ event, text }) => [event, text])).toEqual([
    ['sent', '/scan H100'],
    ['sent', 'Scanning Akash…'],
    ['edited', 'Scanning io.net…'],
    ['edited', 'Found 14 offers'],
  ])
})

test('idle polling is one request, not a busy loop', async () => {
  await start().listening
  telegram.say(ann, chat, 'one')
  telegram.say(ann, chat, 'two')
  const handled = new Promise<void>((resolve) =>
    bot.on('message', (ctx) => void (ctx.message.text === 'three' && resolve())),
  )
  telegram.say(ann, chat, 'three')
  await handled
  expect(telegram.calls('getUpdates').length).toBeLessThan(8)
})

test('a photo and a document arrive with their bytes, a text message becomes a photo', async () => {
  telegram.startBot(ann)
  const png = Buffer.alloc(64)
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').copy(png)
  png.writeUInt32BE(900, 16)
  png.writeUInt32BE(500, 20)
  const photo = await bot.api.sendPhoto(42, new InputFile(png, 'spend.png'), { caption: 'Spend' })
  expect(photo.photo).toMatchObject([{ width: 900, height: 500 }])
  await bot.api.sendDocument(42, new InputFile(Buffer.from('log'), 'job.log'))
  const text = await bot.api.sendMessage(42, 'progress')
  await bot.api.editMessageMedia(42, text.message_id, {
    type: 'photo',
    media: new InputFile(png, 'result.png'),
    caption: 'Done',
  })
  expect(
    telegram
      .messages(chat)
      .slice(1)
      .map(({ file, text }) => [file?.name, file?.bytes.length, text]),
  ).toEqual([
    ['spend.png', 64, 'Spend'],
    ['job.log', 3, ''],
    ['result.png', 64, 'Done'],
  ])
})

describe('errors', () => {
  test('a refusal is a GrammyError with code, description and parameters', async () => {
    const group = telegram.group({ title: 'Team', creator: ann })
    telegram.addBot(group, { by: ann })
    const upgraded = telegram.upgrade(group)
    const error = await failure(bot.api.sendMessage(group.id, 'x'))
    expect(error).toBeInstanceOf(GrammyError)
    expect(error).toMatchObject({
      error_code: 400,
      parameters: { migrate_to_chat_id: upgraded.id },
      method: 'sendMessage',
    })
  })

  test('too many requests carry retry_after', async () => {
    telegram.startBot(ann)
    for (let sent = 0; sent < 5; sent += 1) await bot.api.sendMessage(42, `${sent}`)
    expect(await failure(bot.api.sendMessage(42, 'one too many'))).toMatchObject({
      error_code: 429,
      parameters: { retry_after: 1 },
    })
  })

  test('a dropped connection is an HttpError, whose message carries no token', async () => {
    telegram.startBot(ann)
    telegram.failNext({ fault: { kind: 'drop', when: 'after' } })
    const error = await failure(bot.api.sendMessage(42, 'did it arrive?'))
    expect(error).toBeInstanceOf(HttpError)
    expect(String(error)).not.toContain(telegram.token)
    expect(telegram.messages(chat).at(-1)?.text).toBe('did it arrive?')
  })

  test('a wrong token ends the start', async () => {
    const stranger = new Bot('1:wrong', { client: { apiRoot: telegram.apiRoot } })
    expect(await failure(stranger.start())).toMatchObject({ error_code: 401 })
  })
})

test('a second bot takes the polling over; the first ends with 409', async () => {
  const first = start()
  await first.listening
  const firstPolls = async () => {
    while (!telegram.calls('getUpdates').some(({ status }) => status === undefined)) await new Promise(setImmediate)
  }
  await firstPolls()
  const second = new Bot(telegram.token, { client: { apiRoot: telegram.apiRoot } })
  const heard = new Promise<string>((resolve) => second.on('message:text', (ctx) => resolve(ctx.message.text)))
  const running = second.start()
  expect(await failure(first.ended)).toMatchObject({ error_code: 409 })
  telegram.say(ann, chat, 'who hears this?')
  expect(await heard).toBe('who hears this?')
  await second.stop()
  await running
})

test('after a redelivery the handler runs again with the same update_id', async () => {
  const ids: number[] = []
  const twice = new Promise<void>((resolve) => {
    bot.on('message', (ctx) => {
      if (ids.push(ctx.update.update_id) === 2) resolve()
      else telegram.redeliver(ctx.update.update_id)
    })
  })
  await start().listening
  telegram.say(ann, chat, 'pay')
  await twice
  expect(new Set(ids).size).toBe(1)
})
