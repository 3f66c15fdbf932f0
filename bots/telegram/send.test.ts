// Sending over the real wire: what Telegram refuses, limits, moves or loses, and what we make of it.
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { errorText, NectoError } from '../../core/errors.ts'
import { textView } from '../chat/view.ts'
import { connectTelegram } from './testTelegram.ts'

let telegram: Awaited<ReturnType<typeof connectTelegram>>
beforeEach(async () => {
  telegram = await connectTelegram()
  await telegram.chat.start()
})
afterEach(() => telegram.close())

const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('edits', () => {
  test('replace text and buttons; the same again is a success', async () => {
    const { world, team, chat, teamPlace } = telegram
    const ref = await chat.send(teamPlace, { blocks: [], buttons: [[{ label: 'Go', token: 'a1:1' }]] })
    expect(await chat.edit(ref, textView('done'))).toBe('edited')
    expect(world.messages(team).at(-1)).toMatchObject({ text: 'done', buttons: [] })
    expect(await chat.edit(ref, textView('done'))).toBe('edited')
    expect(world.calls('editMessageText').map(({ status }) => status)).toEqual([200, 400])
  })

  test('of a message or chat that is not there are gone', async () => {
    const { world, people, team, chat, teamPlace } = telegram
    const [first, second] = [await chat.send(teamPlace, textView('1')), await chat.send(teamPlace, textView('2'))]
    world.deleteMessage({ chatId: team.id, messageId: Number(first.messageId) })
    expect(await chat.edit(first, textView('x'))).toBe('gone')
    world.removeBot(team, { by: people.ann })
    expect(await chat.edit(second, textView('x'))).toBe('gone')
  })

  test('met by a rate limit say for how many seconds', async () => {
    const { world, chat, teamPlace } = telegram
    const ref = await chat.send(teamPlace, textView('1'))
    world.failNext({ method: 'editMessageText', fault: { kind: 'tooManyRequests', retryAfterSeconds: 126 } })
    await expect(chat.edit(ref, textView('2'))).rejects.toMatchObject({
      code: 'chat.busy',
      retry: 'later',
      details: '126',
    })
  })
})

describe('sends', () => {
  test('to somebody who never pressed Start, or blocked the bot, are unreachable', async () => {
    const { world, people, chat } = telegram
    const bob = chat.privatePlace({ platform: 'telegram', userId: '43', label: 'Bob' })
    await expect(chat.send(bob, textView('hi'))).rejects.toMatchObject({ code: 'chat.unreachable', retry: 'never' })
    world.startBot(people.bob)
    await chat.send(bob, textView('hi'))
    world.blockBot(people.bob)
    await expect(chat.send(bob, textView('hi'))).rejects.toMatchObject({ code: 'chat.unreachable' })
    expect(chat.startUrl('telegram', 'abc')).toBe('https://t.me/necto_bot?start=abc')
  })

  test('have no link previews and are silent or replies when asked', async () => {
    const { world, people, team, chat, teamPlace } = telegram
    const said = world.command(people.ann, team, '/job')
    const { message } = await telegram.command('job')
    await chat.send(teamPlace, textView('x'), { replyTo: message, silent: true })
    expect(world.calls('sendMessage').at(-1)?.params).toMatchObject({
      link_preview_options: { is_disabled: true },
      disable_notification: true,
    })
    expect(world.messages(team).at(-1)?.replyToId).toBe(said.messageId)
    world.deleteMessage(said)
    await chat.send(teamPlace, textView('still sent'), { replyTo: message })
    expect(world.messages(team).at(-1)?.text).toBe('still sent')
  })

  test('follow a group that became a supergroup, and the move is told', async () => {
    const { world, people, chat, migrations } = telegram
    const group = world.group({ title: 'Small', creator: people.ann })
    world.addBot(group, { by: people.ann })
    const place = { platform: 'telegram', chatId: String(group.id), isPrivate: false, title: 'Small' } as const
    const before = await chat.send(place, textView('before'))
    const upgraded = world.upgrade(group)
    const after = await chat.send(place, textView('after'), { replyTo: before })
    expect(after.chatId).toBe(String(upgraded.id))
    expect(world.messages(upgraded).at(-1)?.text).toBe('after')
    expect(await chat.edit(before, textView('x'))).toBe('gone')
    const move = { fromChatId: String(group.id), toChatId: String(upgraded.id) }
    world.command(people.ann, upgraded, '/sync')
    await telegram.command('sync')
    expect(migrations.length).toBeGreaterThanOrEqual(2)
    for (const migration of migrations) expect(migration).toMatchObject(move)
  })

  test('to a topic that is gone land in General', async () => {
    const { world, people, chat } = telegram
    const forum = world.forum({ title: 'Forum', creator: people.ann })
    world.addBot(forum, { by: people.ann })
    const place = { platform: 'telegram', chatId: String(forum.id), isPrivate: false, title: 'Forum' } as const
    const ref = await chat.send({ ...place, threadId: '4711' }, textView('result'))
    expect(ref.threadId).toBeUndefined()
    expect(world.messages(forum).at(-1)).toMatchObject({ text: 'result', threadId: undefined })
  })

  test('whose connection broke may have arrived; an edit may simply be repeated', async () => {
    const { world, chat, teamPlace } = telegram
    const ref = await chat.send(teamPlace, textView('1'))
    for (const fault of [
      { kind: 'drop', when: 'after' },
      { kind: 'status', code: 502 },
    ] as const) {
      world.failNext({ method: 'sendMessage', fault })
      await expect(chat.send(teamPlace, textView('2'))).rejects.toMatchObject({ code: 'chat.failed', retry: 'unknown' })
      world.failNext({ method: 'editMessageText', fault })
      await expect(chat.edit(ref, textView('2'))).rejects.toMatchObject({ code: 'chat.failed', retry: 'later' })
    }
  })
})

test('messages of others are deleted where we may, and only there', async () => {
  const { world, people, team, chat } = telegram
  world.command(people.bob, team, '/job secret')
  const { message } = (await telegram.command('job')) as { message: Parameters<typeof chat.remove>[0] }
  expect(await chat.remove(message)).toBe(false)
  world.setAdmin(team, { by: people.ann })
  expect(await chat.remove(message)).toBe(true)
  expect(world.messages(team).some((m) => m.text.includes('secret'))).toBe(false)
})

describe('the token', () => {
  /** Everything an error could show, also to somebody who prints it whole. */
  const everything = (error: unknown) => `${errorText(error)} ${inspect(error, { depth: 20, showHidden: true })}`

  test('is in no error and no log line, whatever fails', async () => {
    const { world, chat, teamPlace, makeChat, logLines } = telegram
    const secret = world.token.split(':')[1] ?? ''
    // A port on which nobody listens, and one that hangs up at once.
    const rude = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve))
    const address = rude.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const hungUp = await caught(makeChat({ apiRoot: `http://127.0.0.1:${port}` }).send(teamPlace, textView('x')))
    await new Promise((resolve) => rude.close(resolve))
    const refused = await caught(makeChat({ apiRoot: `http://127.0.0.1:${port}` }).send(teamPlace, textView('x')))
    world.failNext({ method: 'sendMessage', fault: { kind: 'status', code: 500 } })
    const broken = await caught(chat.send(teamPlace, textView('x')))
    const wrongToken = '7000000001:AAwrong-token-of-nobody-at-all-0000'
    const unauthorized = await caught(makeChat({ token: wrongToken }).start())
    for (const error of [hungUp, refused, broken, unauthorized]) {
      expect(error).toBeInstanceOf(NectoError)
      expect(everything(error)).not.toContain(secret)
      expect(everything(error)).not.toContain('AAwrong')
    }
    expect(hungUp).toMatchObject({ retry: 'unknown', details: 'sendMessage: ECONNRESET' })
    expect(refused).toMatchObject({ retry: 'later', details: 'sendMessage: ECONNREFUSED' })
    expect(unauthorized).toMatchObject({ code: 'chat.refused', details: 'getMe: 401 Unauthorized' })
    expect(logLines.join('')).not.toContain(secret)
  })
})
