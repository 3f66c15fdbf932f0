// Files, what an edit keeps and may change, and who would be pinged.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { faultLines } from '../callApi.ts'
import type { Channel, Guild, User } from '../model.ts'
import type { Discord } from '../startDiscord.ts'
import { startTestGuild, type TestGuild, unhurried } from '../testGuild.ts'

let discord: Discord
let ann: User
let guild: Guild
let channel: Channel
let send: TestGuild['send']
let edit: TestGuild['edit']

beforeEach(async () => {
  ;({ discord, ann, guild, channel, send, edit } = await startTestGuild(unhurried))
})
afterEach(() => discord.stop())

const x = (length: number) => 'x'.repeat(length)
const button = (more: object) => ({ type: 2, style: 1, label: 'Pay', custom_id: 'a', ...more })
const row = (...components: unknown[]) => ({ type: 1, components })
const V2 = 1 << 15

describe('files', () => {
  const file = (name: string, size = 3) => ({ name, bytes: Buffer.alloc(size, 1) })

  test('keep bytes and description; one over 10 MiB and a request over 25 MiB are 40005', async () => {
    const sent = await send({ attachments: [{ id: 0, description: x(1024) }] }, [file('a.png'), file('b.log')])
    expect(sent.body.attachments).toMatchObject([
      { filename: 'a.png', size: 3, description: x(1024) },
      { filename: 'b.log' },
    ])
    const mib = 1024 * 1024
    expect((await send({}, [file('a', 10 * mib)])).status).toBe(200)
    expect(await send({}, [file('a', 10 * mib + 1)])).toMatchObject({ status: 413, code: 40005 })
    expect(await send({}, [file('a', 9 * mib), file('b', 9 * mib), file('c', 9 * mib)])).toMatchObject({ status: 413 })
  })

  test('a description over 1024 and more than ten files are refused', async () => {
    const long = await send({ attachments: [{ id: 0, description: x(1025) }] }, [file('a.png')])
    expect(faultLines(long.errors)).toEqual(['attachments.0.description: BASE_TYPE_MAX_LENGTH'])
    const many = await send(
      {},
      Array.from({ length: 11 }, (_, at) => file(`${at}`)),
    )
    expect(faultLines(many.errors)).toEqual(['attachments: BASE_TYPE_MAX_LENGTH'])
  })

  test('stay on an edit that does not list any, go when it lists others', async () => {
    const sent = await send({ content: 'x' }, [file('a.png')])
    expect((await edit(sent, { content: 'y' })).body.attachments).toMatchObject([{ filename: 'a.png' }])
    const both = await edit(sent, { attachments: [...(sent.body.attachments as object[]), { id: 0 }] }, [file('b.png')])
    expect(both.body.attachments).toMatchObject([{ filename: 'a.png' }, { filename: 'b.png' }])
    expect((await edit(sent, { attachments: [{ id: 0 }] }, [file('c.png')])).body.attachments).toMatchObject([
      { filename: 'c.png' },
    ])
    expect((await edit(sent, { attachments: [] })).body.attachments).toEqual([])
  })
})

describe('edits', () => {
  test('keep what they leave out and clear what they null', async () => {
    const sent = await send({ content: 'x', embeds: [{ title: 't' }], components: [row(button({}))] })
    expect((await edit(sent, { content: 'y' })).body).toMatchObject({ content: 'y', embeds: [{ title: 't' }] })
    expect((await edit(sent, { embeds: null, components: [] })).body).toMatchObject({ embeds: [], components: [] })
  })

  test('can hide previews, never make silent or take the second components back', async () => {
    const sent = await send({ content: 'x', flags: 4096 })
    expect((await edit(sent, { flags: 4 })).body).toMatchObject({ flags: 4096 | 4 })
    expect((await edit(await send({ content: 'x' }), { flags: 4096 | 64 })).body).toMatchObject({ flags: 0 })
    const second = await send({ flags: V2, components: [{ type: 10, content: 'y' }] })
    expect(faultLines((await edit(second, { flags: 0 })).errors)).toEqual([
      'flags: MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG',
    ])
  })

  test('to the second components must clear the content', async () => {
    const sent = await send({ content: 'x' })
    const change = { flags: V2, components: [{ type: 10, content: 'y' }] }
    expect(faultLines((await edit(sent, change)).errors)).toEqual([
      'content: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ])
    expect((await edit(sent, { ...change, content: null })).status).toBe(200)
  })
})

describe('pings', () => {
  const pings = async (body: object) => {
    await send(body)
    return discord.messages(channel).at(-1)?.pings
  }

  test('without allowed_mentions everything in the text pings', async () => {
    const role = discord.role(guild, { name: 'Ops', mentionable: true })
    expect(await pings({ content: `@everyone <@${ann.id}> <@!${ann.id}> <@&${role.id}>` })).toEqual({
      everyone: true,
      userIds: [ann.id],
      roleIds: [role.id],
    })
  })

  test('with none allowed a hostile name pings nobody, and says who it asked for', async () => {
    const content = `@everyone @here <@${ann.id}> [free](https://evil.example) \u202Epot`
    expect(await pings({ content, allowed_mentions: { parse: [] } })).toEqual({
      everyone: false,
      userIds: [],
      roleIds: [],
    })
    expect(discord.messages(channel).at(-1)).toMatchObject({ text: content, allowedMentions: { parse: [] } })
  })

  test('only those listed, only outside code, also in the second components', async () => {
    const text = `<@${ann.id}> \`@everyone\` \`\`\`<@${discord.bot.id}>\`\`\``
    expect(await pings({ content: text, allowed_mentions: { users: [ann.id] } })).toMatchObject({ userIds: [ann.id] })
    expect(await pings({ content: text })).toEqual({ everyone: false, userIds: [ann.id], roleIds: [] })
    expect(
      await pings({ flags: V2, components: [{ type: 17, components: [{ type: 10, content: '@here' }] }] }),
    ).toMatchObject({ everyone: true })
  })

  test('everyone only where the bot may', async () => {
    discord.overwrite(channel, { of: discord.bot, deny: discord.permission.mentionEveryone })
    const role = discord.role(guild, { name: 'Ops' })
    expect(await pings({ content: `@everyone <@&${role.id}>` })).toEqual({ everyone: false, userIds: [], roleIds: [] })
  })
})
