// The channel, guild and user routes: who may call them, what they refuse by rights, what discord.js reads.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { callApi } from '../callApi.ts'
import type { Channel, Guild, User } from '../model.ts'
import { permission } from '../permissions.ts'
import type { Discord } from '../startDiscord.ts'
import { startTestGuild, type TestGuild, unhurried } from '../testGuild.ts'

let clock: TestGuild['clock']
let discord: Discord
let ann: User
let guild: Guild
let channel: Channel

beforeEach(async () => {
  ;({ clock, discord, ann, guild, channel } = await startTestGuild(unhurried))
})
afterEach(() => discord.stop())

const call = (line: string, body?: unknown, authorization?: string | null) =>
  callApi(discord, { call: line, body, ...(authorization === undefined ? {} : { authorization }) })
const send = (body: object = { content: 'x' }, to: Pick<Channel, 'id'> = channel) =>
  call(`POST /channels/${to.id}/messages`, body)

describe('the token', () => {
  test.each([
    ['none', null],
    ['a wrong one', 'Bot wrong'],
    ['one without Bot before it', 'bare'],
  ])('%s is 401', async (_, given) => {
    const authorization = given === 'bare' ? discord.token : given
    for (const line of [`GET /channels/${channel.id}`, `POST /channels/${channel.id}/messages`, 'GET /gateway/bot'])
      expect(await call(line, undefined, authorization)).toMatchObject({ status: 401, code: 0 })
    expect(discord.messages(channel)).toEqual([])
  })
})

test('unknown routes are 404, wrong verbs 405, other versions 50041', async () => {
  expect(await call('GET /nothing')).toMatchObject({ status: 404, code: 0 })
  expect(await call(`PUT /channels/${channel.id}`)).toMatchObject({ status: 405 })
  const old = await fetch(`${discord.apiRoot}/v6/gateway/bot`)
  expect([old.status, await old.json()]).toMatchObject([400, { code: 50041 }])
})

describe('channels', () => {
  test('a message is sent, read, edited and deleted', async () => {
    const { body } = await send({ content: 'x', allowed_mentions: { parse: [] } })
    const path = `/channels/${channel.id}/messages/${body.id}`
    expect(body).toMatchObject({ author: { id: discord.bot.id, bot: true }, content: 'x', edited_timestamp: null })
    await clock.tick(1000)
    expect((await call(`PATCH ${path}`, { content: 'y' })).body.edited_timestamp).toBe(
      new Date(1_790_000_001_000).toISOString(),
    )
    expect((await call(`GET ${path}`)).body).toMatchObject({ content: 'y' })
    expect((await call(`DELETE ${path}`)).status).toBe(204)
    expect(await call(`GET ${path}`)).toMatchObject({ status: 404, code: 10008 })
    expect(await call(`PATCH ${path}`, { content: 'z' })).toMatchObject({ status: 404, code: 10008 })
    expect(discord.transcript(channel).map(({ event, text }) => [event, text])).toEqual([
      ['sent', 'x'],
      ['edited', 'y'],
      ['deleted', 'y'],
    ])
  })

  test('unknown is 10003, out of sight 50001, without a right 50013', async () => {
    expect(await send({}, { id: '1' })).toMatchObject({ status: 404, code: 10003 })
    const elsewhere = discord.channel(discord.guild({ name: 'Other', owner: ann }), 'general')
    expect(await send({}, elsewhere)).toMatchObject({ status: 403, code: 50001 })
    discord.overwrite(channel, { of: guild, deny: permission.sendMessages })
    expect(await send()).toMatchObject({ status: 403, code: 50013 })
    discord.overwrite(channel, { of: discord.bot, allow: permission.sendMessages })
    expect((await send()).status).toBe(200)
    discord.overwrite(channel, { of: discord.bot, deny: permission.viewChannel })
    expect(await send()).toMatchObject({ status: 403, code: 50001 })
    discord.removeBot(guild)
    expect(await send()).toMatchObject({ status: 403, code: 50001 })
  })

  test('files and embeds need their rights, reading old messages too', async () => {
    const { body } = await send()
    const { attachFiles, embedLinks, readMessageHistory } = permission
    discord.overwrite(channel, { of: discord.bot, deny: attachFiles | embedLinks | readMessageHistory })
    const files = [{ name: 'a.txt', bytes: Buffer.from('a') }]
    const upload = { call: `POST /channels/${channel.id}/messages`, body: {}, files }
    expect(await callApi(discord, upload)).toMatchObject({ status: 403, code: 50013 })
    expect(await send({ embeds: [{ title: 'x' }] })).toMatchObject({ status: 403, code: 50013 })
    expect(await call(`GET /channels/${channel.id}/messages/${body.id}`)).toMatchObject({ code: 50013 })
  })

  test('an administrator may everywhere, a role’s right is one of its members’', async () => {
    discord.overwrite(channel, { of: guild, deny: permission.viewChannel })
    expect(await send()).toMatchObject({ code: 50001 })
    const role = discord.role(guild, { name: 'Bots' })
    discord.overwrite(channel, { of: role, allow: permission.viewChannel })
    discord.giveRole(guild, discord.bot, role)
    expect((await send()).status).toBe(200)
    const locked = discord.guild({ name: 'Locked', owner: ann })
    discord.addBot(locked, { permissions: permission.administrator })
    const room = discord.channel(locked, 'room')
    discord.overwrite(room, { of: locked, deny: permission.viewChannel | permission.sendMessages })
    expect((await send({ content: 'x' }, room)).status).toBe(200)
  })

  test('one nonce makes one message when it is enforced', async () => {
    const first = await send({ content: 'x', nonce: 'job-1', enforce_nonce: true })
    const second = await send({ content: 'x', nonce: 'job-1', enforce_nonce: true })
    expect(second.body.id).toBe(first.body.id)
    expect(discord.messages(channel)).toHaveLength(1)
    await send({ content: 'x', nonce: 'job-1' })
    expect(discord.messages(channel)).toHaveLength(2)
  })

  test('a reply names what it answers; silent and without previews is kept', async () => {
    const first = await send()
    const reply = await send({ content: 'y', flags: 4096 | 4, message_reference: { message_id: first.body.id } })
    expect(reply.body).toMatchObject({ flags: 4100, referenced_message: { content: 'x' } })
    expect(discord.messages(channel).at(-1)).toMatchObject({ silent: true, replyToId: first.body.id })
    const lost = { content: 'z', message_reference: { message_id: '1', fail_if_not_exists: false } }
    expect((await send(lost)).body).not.toHaveProperty('referenced_message')
  })

  test('ephemeral means nothing here: everybody sees it', async () => {
    expect((await send({ content: 'x', flags: 64 })).body.flags).toBe(0)
    expect(discord.messages(channel)).toMatchObject([{ visibleTo: undefined }])
  })

  test('typing shows', async () => {
    const seen: string[] = []
    discord.onEvent(({ kind, chatId }) => seen.push(`${kind} ${chatId}`))
    expect((await call(`POST /channels/${channel.id}/typing`)).status).toBe(204)
    expect(seen).toEqual([`typing ${channel.id}`])
  })
})

describe('direct messages', () => {
  const open = (recipient_id: string) => call('POST /users/@me/channels', { recipient_id })

  test('reach who shares a guild, until they block them (50007)', async () => {
    const { body } = await open(ann.id)
    expect(body).toMatchObject({ type: 1, recipients: [{ id: ann.id }] })
    expect((await send({ content: 'hi' }, { id: String(body.id) })).status).toBe(200)
    expect(discord.messages(discord.dm(ann))).toMatchObject([{ text: 'hi' }])
    discord.blockDms(ann)
    expect(await send({ content: 'hi' }, discord.dm(ann))).toMatchObject({ status: 403, code: 50007 })
    discord.blockDms(ann, false)
    expect((await send({ content: 'hi' }, discord.dm(ann))).status).toBe(200)
  })

  test('reach no stranger (50278), nobody (50033), not the bot itself', async () => {
    const eve = discord.user({ name: 'Eve' })
    const { body } = await open(eve.id)
    expect(await send({ content: 'hi' }, { id: String(body.id) })).toMatchObject({ status: 403, code: 50278 })
    for (const id of ['1', discord.bot.id]) expect(await open(id)).toMatchObject({ status: 400, code: 50033 })
  })
})

describe('what discord.js reads', () => {
  test('the bot, users, the guild with its owner, members', async () => {
    expect((await call('GET /users/@me')).body).toMatchObject({ id: discord.bot.id, bot: true })
    expect((await call(`GET /users/${ann.id}`)).body).toMatchObject({ global_name: 'Ann' })
    expect(await call('GET /users/1')).toMatchObject({ status: 404, code: 10013 })
    expect((await call(`GET /guilds/${guild.id}?with_counts=true`)).body).toMatchObject({
      owner_id: ann.id,
      name: 'Acme',
    })
    expect((await call(`GET /guilds/${guild.id}/members/${ann.id}`)).body).toMatchObject({ user: { id: ann.id } })
    expect(await call(`GET /guilds/${guild.id}/members/1`)).toMatchObject({ status: 404, code: 10007 })
    expect(await call(`GET /guilds/${guild.id}/members`)).toMatchObject({ status: 403, code: 50001 })
    expect((await call(`GET /guilds/${guild.id}/channels`)).body).toMatchObject([{ name: 'general', type: 0 }])
    expect((await call(`GET /guilds/${guild.id}/roles`)).body).toMatchObject([{ name: '@everyone' }, { name: 'Necto' }])
    expect((await call(`GET /channels/${channel.id}`)).body).toMatchObject({ guild_id: guild.id })
  })

  test('unknown guilds are 10004, those without the bot 50001', async () => {
    expect(await call('GET /guilds/1')).toMatchObject({ status: 404, code: 10004 })
    const other = discord.guild({ name: 'Other', owner: ann })
    expect(await call(`GET /guilds/${other.id}`)).toMatchObject({ status: 403, code: 50001 })
  })
})
