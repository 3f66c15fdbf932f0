// Who is speaking on Discord, and where: what an interaction says of itself, and what is refused.
import { type APIInteraction, ChannelType, InteractionContextType, InteractionType } from 'discord.js'
import { describe, expect, test } from 'vitest'
import { readInteraction } from './receive.ts'
import { testTable } from './testDiscord.ts'

const known = { commands: testTable, guildName: (id: string) => (id === '900' ? 'Acme\u202E' : undefined) }

/** The `ask` command of Ann in a text channel of a server, but for what is given. */
function interaction(more: Record<string, unknown> = {}): APIInteraction {
  const fields = {
    id: '1000',
    token: 'secret',
    version: 1,
    type: InteractionType.ApplicationCommand,
    application_id: '1',
    guild_id: '900',
    channel: { id: '800', type: ChannelType.GuildText, name: 'gpu-jobs' },
    member: { user: { id: '42', username: 'ann_1', global_name: 'Ann' }, nick: null },
    context: InteractionContextType.Guild,
    authorizing_integration_owners: { 0: '900' },
    data: { id: '5', type: 1, name: 'ask', options: [{ name: 'words', type: 3, value: 'h100 x1' }] },
    ...more,
  }
  return fields as unknown as APIInteraction
}
const read = (more?: Record<string, unknown>) => readInteraction(interaction(more), known)
const eventOf = (more?: Record<string, unknown>) => {
  const received = read(more)
  if (received.kind !== 'event') throw new Error(`${received.kind} is no event`)
  return received.event
}

test('a command: keyed by the interaction, in the channel of the server', () => {
  expect(read()).toEqual({
    kind: 'event',
    ack: 'public',
    event: {
      kind: 'command',
      key: 'dc:1000',
      name: 'ask',
      text: 'h100 x1',
      principal: { platform: 'discord', userId: '42', label: 'Ann', kind: 'user' },
      place: { platform: 'discord', chatId: '800', spaceId: '900', isPrivate: false, title: 'Acme' },
      message: { platform: 'discord', chatId: '800', messageId: '1000', isPrivate: false },
    },
  })
})

test('people go by the name of the place: nickname, display name, username; never anything unseen in it', () => {
  const named = (nick: string | null, user: object) =>
    eventOf({ member: { nick, user: { id: '42', username: 'ann_1', ...user } } }).principal.label
  expect(named('Boss\u200B', { global_name: 'Ann' })).toBe('Boss')
  expect(named(null, { global_name: null })).toBe('ann_1')
})

test('a thread is written to by its own id and belongs to its channel', () => {
  const channel = { id: '801', type: ChannelType.PublicThread, name: 'run 7', parent_id: '800' }
  expect(eventOf({ channel }).place).toMatchObject({ chatId: '800', threadId: '801', spaceId: '900' })
  expect(eventOf({ channel }).message).toMatchObject({ chatId: '800', threadId: '801' })
})

test('what only one person sees names their private chat', () => {
  const { message, place } = eventOf({ data: { id: '6', type: 1, name: 'stop' } })
  expect(place.chatId).toBe('800')
  expect(message).toEqual({ platform: 'discord', chatId: '42', messageId: '1000', isPrivate: true })
})

test('a line that its command calls private is acknowledged to its asker alone', () => {
  const commands = testTable.map((spec) => ({ ...spec, isPrivate: (line: string) => line.includes('secret') }))
  const ackOf = (words: string) => {
    const data = { id: '5', type: 1, name: 'ask', options: [{ name: 'words', type: 3, value: words }] }
    return readInteraction(interaction({ data }), { ...known, commands })
  }
  expect(ackOf('h100')).toMatchObject({ ack: 'public', event: { message: { chatId: '800' } } })
  expect(ackOf('a secret')).toMatchObject({ ack: 'private', event: { message: { chatId: '42', isPrivate: true } } })
})

describe('refused', () => {
  const user = { id: '42', username: 'ann_1', global_name: 'Ann' }
  test('a bot, and an interaction of nobody, are ignored', () => {
    expect(read({ member: { user: { ...user, bot: true }, nick: null } })).toEqual({ kind: 'ignored' })
    expect(read({ member: undefined })).toEqual({ kind: 'ignored' })
    expect(read({ type: InteractionType.Ping })).toEqual({ kind: 'ignored' })
  })
  test('a server that the bot is not in, and a private chat of others', () => {
    const elsewhere = read({ authorizing_integration_owners: { 1: '42' } })
    expect(elsewhere).toMatchObject({ kind: 'refused', text: /not a member/ })
    const among = { context: InteractionContextType.PrivateChannel, guild_id: undefined, member: undefined, user }
    expect(read(among)).toMatchObject({ kind: 'refused', text: /direct messages/ })
  })
  test('a command, a button and a form that are not ours any more', () => {
    expect(read({ data: { id: '5', type: 1, name: 'gone' } })).toMatchObject({ kind: 'refused' })
    expect(read({ data: { id: '5', type: 2, name: 'ask' } })).toMatchObject({ kind: 'refused' })
    for (const type of [InteractionType.MessageComponent, InteractionType.ModalSubmit])
      expect(read({ type, data: { custom_id: '/job h100', components: [] } })).toMatchObject({ kind: 'refused' })
  })
})
