// Who may speak: people, in fresh messages of their own; everybody else is refused or ignored.
import type { Update } from 'grammy/types'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { textView } from '../chat/view.ts'
import { readUpdate } from './receive.ts'
import { connectTelegram } from './testTelegram.ts'

let telegram: Awaited<ReturnType<typeof connectTelegram>>
beforeEach(async () => {
  telegram = await connectTelegram()
  await telegram.chat.start()
})
afterEach(() => telegram.close())

/** Whatever was sent before has been seen when this command arrives, since updates come in order. */
async function allSeen() {
  const { world, people, team } = telegram
  world.command(people.bob, team, '/sync')
  await telegram.command('sync')
  return telegram.received.filter((event) => event.kind !== 'command' || event.name !== 'sync')
}

describe('what people say', () => {
  test('a command in a group', async () => {
    const { world, people, team } = telegram
    const { messageId } = world.command(people.ann, team, '/Job ghcr.io/acme/train  gpu=H100\nhours=4 ')
    expect(await telegram.command('job')).toEqual({
      kind: 'command',
      key: expect.stringMatching(/^tg:\d+$/),
      name: 'job',
      text: 'ghcr.io/acme/train  gpu=H100\nhours=4',
      principal: { platform: 'telegram', userId: '42', label: 'Ann', kind: 'user' },
      place: telegram.teamPlace,
      message: { platform: 'telegram', chatId: String(team.id), isPrivate: false, messageId: String(messageId) },
    })
  })

  test('/start with its payload, and plain text, in private only', async () => {
    const { world, people, team } = telegram
    world.startBot(people.ann, 'link_123')
    world.say(people.ann, world.privateChat(people.ann), 'weeknights 6pm-8am')
    world.setAdmin(team, { by: people.ann })
    world.say(people.ann, team, 'nothing for the bot')
    const seen = await allSeen()
    expect(seen.map((event) => [event.kind, 'text' in event && event.text, event.place.isPrivate])).toEqual([
      ['command', 'link_123', true],
      ['text', 'weeknights 6pm-8am', true],
    ])
  })

  test('a topic is kept, an ordinary reply makes none', async () => {
    const { world, people } = telegram
    const forum = world.forum({ title: 'Forum', creator: people.ann })
    world.addBot(forum, { by: people.ann })
    const threadId = world.addTopic(forum, 'GPUs')
    world.command(people.ann, forum, '/prices', { threadId })
    const event = await telegram.command('prices')
    expect(event.place.threadId).toBe(String(threadId))
    const ref = await telegram.chat.send(event.place, { blocks: [{ kind: 'note', text: 'here' }] })
    expect(ref.threadId).toBe(String(threadId))
    expect(world.messages(forum).at(-1)?.threadId).toBe(threadId)
  })

  test('a name loses what could deceive', async () => {
    const { world, team } = telegram
    const fake = world.user({ id: 44, firstName: 'Ann\u202E', isBot: false })
    world.join(team, fake)
    world.command(fake, team, '/job')
    expect((await telegram.command('job')).principal).toMatchObject({ userId: '44', label: 'Ann' })
  })
})

describe('what is nobody', () => {
  test('other bots, other bots’ commands, forwards, inline bots, edits, channels', async () => {
    const { world, people, team } = telegram
    const channel = world.channel({ title: 'News', creator: people.ann })
    world.addBot(channel, { by: people.ann })
    const robot = world.user({ id: 99, firstName: 'Robot', isBot: true })
    world.join(team, robot)
    world.setAdmin(team, { by: people.ann })
    world.command(robot, team, '/job robot')
    world.say(people.ann, team, '/job@other_bot')
    world.forward(people.bob, world.say(people.ann, team, 'x'), team)
    const said = world.say(people.bob, team, 'hello')
    world.editMessage(people.bob, said, '/job edited')
    world.say(people.bob, team, '/job@necto_bot inline', { viaBot: robot })
    world.postInChannel(channel, '/job channel')
    world.autoForward(channel, team, '/job@necto_bot auto')
    world.sendUpdate('edited_message', { message_id: 1 })
    expect(await allSeen()).toEqual([])
    expect(world.calls('sendMessage')).toEqual([])
  })

  test('a forwarded command', async () => {
    const { world, people, team } = telegram
    const original = world.command(people.ann, team, '/job original')
    world.forward(people.bob, original, team)
    expect((await allSeen()).map((event) => event.principal.userId)).toEqual(['42'])
  })

  test('ACCESS-01: an anonymous admin is told how to ask, once a minute, and has no role', async () => {
    const { world, people, team } = telegram
    for (let i = 0; i < 5; i++) world.postAsAnonymousAdmin(people.ann, team, '/team@necto_bot add bob')
    expect(await allSeen()).toEqual([])
    expect(world.calls('sendMessage')).toHaveLength(1)
    expect(world.messages(team).at(-1)?.text).toContain('Remain anonymous')
  })

  test('somebody who posts as a channel', async () => {
    const { world, people, team } = telegram
    const channel = world.channel({ title: 'Mask', creator: people.bob })
    world.postAsChannel(channel, team, '/job@necto_bot')
    expect(await allSeen()).toEqual([])
    expect(world.messages(team).at(-1)?.text).toContain('Post as yourself')
  })
})

describe('updates that no person here can cause', () => {
  const from = { id: 42, is_bot: false, first_name: 'Ann' }
  const chat = { id: -100, type: 'supergroup', title: 'Acme' }
  const message = {
    message_id: 5,
    date: 1,
    from,
    chat,
    text: '/job x',
    entities: [{ type: 'bot_command', offset: 0, length: 4 }],
  }
  const press = { id: '9', from, chat_instance: '1', data: `a1:${'k'.repeat(22)}`, message }
  // The library's types would not let a test write what it must survive.
  const read = (update: object) => readUpdate({ update_id: 1, ...update } as Update, 'necto_bot')

  test.each([
    ['a bot', { from: { ...from, is_bot: true } }],
    ['nobody', { from: undefined }],
    ['a business account', { sender_business_bot: from }],
    ['a business connection', { business_connection_id: 'b' }],
    ['a guest', { guest_query_id: 'g' }],
    ['an edit that arrives as new', { edit_date: 2 }],
    ['a photo', { text: undefined }],
    ['Telegram itself', { from: { ...from, id: 777000 } }],
  ])('a command from %s', (_, more) => {
    expect(read({ message }).kind).toBe('event')
    expect(read({ message: { ...message, ...more } })).toEqual({ kind: 'ignored' })
  })

  test('a thread counts only where it is a topic', () => {
    const threadOf = (more: object) => {
      const received = read({ message: { ...message, message_thread_id: 7, ...more } })
      return received.kind === 'event' && received.event.place.threadId
    }
    expect(threadOf({})).toBeUndefined()
    expect(threadOf({ is_topic_message: true })).toBe('7')
  })

  describe('whom a command is about', () => {
    const bea = { id: 43, is_bot: false, first_name: 'Bea\u202E' }
    const about = (more: object) => {
      const received = read({ message: { ...message, ...more } })
      return received.kind === 'event' && received.event.kind === 'command' && received.event.about
    }
    const reply = { message_id: 3, date: 1, chat, from: bea, text: 'x' }

    test('the author of what it answers, or somebody mentioned without a username, who comes first', () => {
      const mention = { type: 'text_mention', offset: 5, length: 1, user: { ...bea, id: 44 } }
      expect(about({ reply_to_message: reply })).toEqual({ userId: '43', label: 'Bea' })
      const entities = [...message.entities, mention]
      expect(about({ entities, reply_to_message: reply })).toEqual({ userId: '44', label: 'Bea' })
    })

    test.each([
      ['nobody answered', {}],
      ['a bot', { reply_to_message: { ...reply, from: { ...bea, is_bot: true } } }],
      ['an anonymous admin or a channel', { reply_to_message: { ...reply, sender_chat: chat } }],
      ['Telegram itself', { reply_to_message: { ...reply, from: { ...bea, id: 777000 } } }],
      ['the opening of the topic', { reply_to_message: { ...reply, forum_topic_created: {} } }],
      ['the first message of the topic', { is_topic_message: true, message_thread_id: 3, reply_to_message: reply }],
      ['an @name', { text: '/job @bea', entities: [...message.entities, { type: 'mention', offset: 5, length: 4 }] }],
    ])('%s is nobody', (_, more) => {
      expect(about(more)).toBeUndefined()
    })
  })

  describe('the bot’s own membership', () => {
    const me = { id: 7, is_bot: true, first_name: 'Necto' }
    const becomes = (before: object, now: object, where: object = chat) =>
      read({
        my_chat_member: {
          chat: where,
          from,
          date: 1,
          old_chat_member: { user: me, ...before },
          new_chat_member: { user: me, ...now },
        },
      })
    const place = { platform: 'telegram', chatId: '-100', isPrivate: false, title: 'Acme' }

    test.each([
      ['left', 'member', true],
      ['kicked', 'administrator', true],
      ['member', 'kicked', false],
      ['administrator', 'left', false],
    ])('%s → %s', (before, now, isIn) => {
      expect(becomes({ status: before }, { status: now })).toEqual({ kind: 'membership', place, isIn })
    })

    test('restricted is in only when it says so; a mere promotion, a channel and a private chat are nothing', () => {
      const restricted = (isMember: boolean) => ({ status: 'restricted', is_member: isMember })
      expect(becomes({ status: 'left' }, restricted(true))).toMatchObject({ isIn: true })
      const nothing = { kind: 'ignored' }
      expect(becomes({ status: 'left' }, restricted(false))).toEqual(nothing)
      expect(becomes({ status: 'member' }, { status: 'administrator' })).toEqual(nothing)
      for (const type of ['channel', 'private'])
        expect(becomes({ status: 'member' }, { status: 'kicked' }, { ...chat, type })).toEqual(nothing)
    })
  })

  test('presses: an inaccessible message still counts; a missing one, a bot, foreign data do not', () => {
    expect(read({ callback_query: { ...press, message: { chat, message_id: 5, date: 0 } } }).kind).toBe('event')
    expect(read({ callback_query: { ...press, message: undefined } }).kind).toBe('stale-press')
    expect(read({ callback_query: { ...press, data: 'job.cancel' } }).kind).toBe('stale-press')
    expect(read({ callback_query: { ...press, from: { ...from, is_bot: true } } }).kind).toBe('ignored')
  })

  test.each(['edited_message', 'channel_post', 'inline_query', 'chat_member'])('%s', (kind) => {
    expect(read({ [kind]: message })).toEqual({ kind: 'ignored' })
  })
})

describe('presses', () => {
  const token = `a1:${'k'.repeat(22)}`
  const post = async (label = 'Go', data = token) => {
    const { chat, teamPlace, team } = telegram
    const ref = await chat.send(teamPlace, { blocks: [], buttons: [[{ label, token: data }]] })
    return { chatId: team.id, messageId: Number(ref.messageId) }
  }

  test('carry the person who pressed and the message, and show the answer', async () => {
    const { world, people, chat } = telegram
    const message = await post()
    const pressed = world.press(people.bob, message, 'Go')
    const event = await telegram.event((e) => e.kind === 'action')
    expect(event).toMatchObject({
      token,
      principal: { userId: '43' },
      message: { messageId: String(message.messageId) },
    })
    await chat.notice(event, 'This button is not yours to press.')
    expect(await pressed).toMatchObject({ answered: true, text: 'This button is not yours to press.', alert: false })
  })

  test('a long answer waits for an OK and is cut at 200 characters', async () => {
    const { world, people, chat } = telegram
    const pressed = world.press(people.bob, await post(), 'Go')
    await chat.notice(await telegram.event((e) => e.kind === 'action'), 'word '.repeat(100))
    const { text, alert } = await pressed
    expect(alert).toBe(true)
    expect(text.length).toBeLessThanOrEqual(200)
  })

  test('of a button that is not ours are answered at once', async () => {
    const { world, people } = telegram
    const pressed = await world.press(people.bob, await post('Old', 'v0:something'), 'Old')
    expect(pressed.text).toContain('no longer in use')
    expect(await allSeen()).toEqual([])
  })

  test('that nobody answers stop spinning by themselves, and a late answer goes to the person', async () => {
    const { world, people, chat } = telegram
    world.startBot(people.bob)
    expect(await world.press(people.bob, await post(), 'Go')).toMatchObject({ answered: true, text: '' })
    const event = await telegram.event((e) => e.kind === 'action')
    await chat.notice(event, 'Only approvers may do this.')
    expect(world.messages(world.privateChat(people.bob)).at(-1)?.text).toBe('Only approvers may do this.')
    expect(world.messages(telegram.team).at(-1)?.text).not.toContain('approvers')
    expect(world.calls('answerCallbackQuery')).toHaveLength(1)
  })
})

test('what is whispered to a press stands in the private chat with who pressed, once there is one', async () => {
  const { world, people, team, chat, event } = telegram
  const { messageId } = await chat.send(telegram.teamPlace, {
    blocks: [],
    buttons: [[{ label: 'Secrets', token: `a1:${'W'.repeat(22)}` }]],
  })
  const shown = world.messages(team).find((one) => String(one.messageId) === messageId)
  if (!shown) throw new Error('no message')
  const pressed = world.press(people.bob, shown, 'Secrets')
  const press = await event((e) => e.kind === 'action')
  if (press.kind !== 'action') throw new Error('no press')
  const view = { ...textView('For Bob alone.'), buttons: [[{ label: 'Open', url: 'https://necto.example/secrets/1' }]] }
  await expect(chat.whisper(press, view)).rejects.toMatchObject({ code: 'chat.unreachable', retry: 'never' })
  world.startBot(people.bob)
  expect(await chat.whisper(press, view)).toBe('in private')
  expect(world.messages(world.privateChat(people.bob)).at(-1)).toMatchObject({
    text: 'For Bob alone.',
    buttons: [[{ text: 'Open', url: 'https://necto.example/secrets/1' }]],
  })
  expect(world.messages(team).map(({ text }) => text)).not.toContain('For Bob alone.')
  await chat.notice(press, 'Look there.')
  expect(await pressed).toMatchObject({ text: 'Look there.' })
})

test('a notice to a command is a reply to it', async () => {
  const { world, people, team, chat } = telegram
  const { messageId } = world.command(people.ann, team, '/job')
  await chat.notice(await telegram.command('job'), 'Say which GPU.')
  expect(world.messages(team).at(-1)).toMatchObject({ text: 'Say which GPU.', replyToId: messageId })
})

test('the creator of a group, and nobody else, is its first admin', async () => {
  const { chat, teamPlace } = telegram
  const person = (userId: string) => ({ platform: 'telegram', userId, label: '', kind: 'user' }) as const
  expect(await chat.isCreator(teamPlace, person('42'))).toBe(true)
  expect(await chat.isCreator(teamPlace, person('43'))).toBe(false)
  expect(await chat.isCreator(teamPlace, person('777'))).toBe(false)
  expect(await chat.isCreator(chat.privatePlace(person('43')), person('43'))).toBe(true)
})

test('who is in a group, as it is now', async () => {
  const { world, chat, team, teamPlace, people, memberships } = telegram
  const person = (userId: string) => ({ platform: 'telegram', userId, label: '' }) as const
  const isIn = (userId: string) => chat.isMember(teamPlace, person(userId))
  expect([await isIn('42'), await isIn('43'), await isIn('777')]).toEqual([true, true, false])
  world.leave(team, people.bob)
  expect(await isIn('43')).toBe(false)
  world.removeBot(team, { by: people.ann })
  expect(await isIn('42')).toBe(false)
  world.addBot(team, { by: people.ann })
  world.join(team, people.bob)
  await allSeen()
  expect(memberships.map((change) => change.isIn)).toEqual([true, false, true])
})

test('commands appear in the menus of their scope', async () => {
  const { world, chat } = telegram
  await chat.setCommands([
    { name: 'job', summary: 'Rent a GPU', where: 'anywhere' },
    { name: 'sell', summary: 'Offer GPUs', where: 'private' },
  ])
  const menus = world.calls('setMyCommands').map(({ params }) => JSON.stringify(params))
  expect(menus).toHaveLength(2)
  expect(menus[0]).toMatch(/all_private_chats/)
  expect(menus[0]).toMatch(/sell/)
  expect(menus[1]).toMatch(/all_group_chats/)
  expect(menus[1]).not.toMatch(/sell/)
  await expect(chat.setCommands([{ name: 'Bad Name', summary: 'x', where: 'anywhere' }])).rejects.toMatchObject({
    code: 'chat.bad-command',
  })
})
