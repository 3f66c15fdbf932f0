// The gateway's protocol, with bare sockets: who gets in, what is sent, when it closes.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../../core/clock.ts'
import { type Discord, startDiscord } from '../startDiscord.ts'
import { identify, openSocket } from '../testGateway.ts'

const clock = createManualClock(1_790_000_000_000)
let discord: Discord
beforeEach(async () => {
  discord = await startDiscord({ clock, heartbeatIntervalMs: 40_000 })
})
afterEach(() => discord.stop())

const GUILDS = 1

test('greets with the heartbeat interval and READY says who the bot is and where to come back', async () => {
  const { payloads, ready } = await identify(discord)
  expect(payloads[0]).toMatchObject({ op: 10, d: { heartbeat_interval: 40_000 } })
  expect(ready).toMatchObject({
    v: 10,
    user: { id: discord.bot.id, bot: true },
    application: { id: discord.applicationId },
    guilds: [],
    resume_gateway_url: discord.gatewayUrl,
  })
})

describe('guilds', () => {
  test('are named in READY; GUILD_CREATE follows only with the Guilds intent', async () => {
    const ann = discord.user({ name: 'Ann' })
    const guild = discord.guild({ name: 'Acme', owner: ann })
    discord.channel(guild, 'general')
    discord.addBot(guild)
    const without = await identify(discord)
    expect(without.ready.guilds).toEqual([{ id: guild.id, unavailable: true }])
    const withIntent = await identify(discord, { intents: GUILDS })
    expect(await withIntent.next()).toMatchObject({
      t: 'GUILD_CREATE',
      s: 2,
      d: {
        id: guild.id,
        owner_id: ann.id,
        channels: [{ name: 'general' }],
        members: [{ user: { id: discord.bot.id } }],
      },
    })
    expect(without.payloads.length).toBe(2)
  })

  test('that gain, lose and change are told of', async () => {
    const socket = await identify(discord, { intents: GUILDS })
    const guild = discord.guild({ name: 'Acme', owner: discord.user({ name: 'Ann' }) })
    discord.channel(guild, 'unheard')
    discord.addBot(guild)
    const channel = discord.channel(guild, 'heard')
    discord.overwrite(channel, { of: discord.bot, deny: discord.permission.sendMessages })
    discord.removeBot(guild)
    discord.channel(guild, 'unheard again')
    const names = []
    for (let count = 0; count < 4; count += 1) names.push((await socket.next()).t)
    expect(names).toEqual(['GUILD_CREATE', 'CHANNEL_CREATE', 'CHANNEL_UPDATE', 'GUILD_DELETE'])
  })
})

describe('refuses', () => {
  const closesWith = async (payload: unknown) => {
    const socket = await openSocket(discord)
    socket.send(payload)
    return socket.closed
  }

  test.each([
    ['a wrong token', { op: 2, d: { token: 'wrong', intents: 0 } }, 4004],
    ['a resume with a wrong token', { op: 6, d: { token: 'wrong', session_id: 'x', seq: 1 } }, 4004],
    ['anything before identifying', { op: 3, d: {} }, 4003],
    ['what is no JSON', '{', 4002],
    ['what is no object', '[]', 4002],
  ])('%s', async (_, payload, code) => {
    expect(await closesWith(payload)).toBe(code)
  })

  test.each([
    ['GUILD_MEMBERS', 1 << 1],
    ['MESSAGE_CONTENT', 1 << 15],
  ])('the privileged intent %s', async (_, intents) => {
    expect(await closesWith({ op: 2, d: { token: discord.token, intents } })).toBe(4014)
  })

  test('a second identify, an unknown opcode, a resume from the future', async () => {
    const twice = await identify(discord)
    twice.send({ op: 2, d: { token: discord.token, intents: 0 } })
    expect(await twice.closed).toBe(4005)
    const unknown = await identify(discord)
    unknown.send({ op: 99 })
    expect(await unknown.closed).toBe(4001)
    const future = await openSocket(discord)
    future.send({ op: 6, d: { token: discord.token, session_id: unknown.ready.session_id, seq: 5 } })
    expect(await future.closed).toBe(4007)
  })

  test('more than 120 payloads in a minute', async () => {
    const socket = await identify(discord)
    for (let sent = 0; sent < 120; sent += 1) socket.send({ op: 1, d: null })
    expect(await socket.closed).toBe(4008)
  })
})

describe('heartbeats', () => {
  test('are acknowledged and keep the connection; one that misses them is closed', async () => {
    const alive = await identify(discord)
    const silent = await identify(discord)
    await clock.tick(40_000)
    alive.send({ op: 1, d: 1 })
    expect(await alive.next()).toEqual({ op: 11 })
    await clock.tick(20_000)
    expect(await silent.closed).toBe(4009)
    expect(discord.connections()).toBe(1)
  })
})

describe('resuming', () => {
  test('replays what came after the given number, then says so', async () => {
    const ann = discord.user({ name: 'Ann' })
    const first = await identify(discord, { intents: GUILDS })
    const guild = discord.guild({ name: 'Acme', owner: ann })
    discord.addBot(guild)
    await first.next()
    discord.dropGateway()
    expect(await first.closed).toBe(4000)
    discord.channel(guild, 'meanwhile')
    const second = await openSocket(discord)
    await second.next()
    second.send({ op: 6, d: { token: discord.token, session_id: first.ready.session_id, seq: 2 } })
    expect(await second.next()).toMatchObject({ t: 'CHANNEL_CREATE', s: 3, d: { name: 'meanwhile' } })
    expect(await second.next()).toMatchObject({ t: 'RESUMED', s: 4 })
    expect(discord.identifies()).toBe(1)
  })

  test('an unknown session is invalid, one that said goodbye too', async () => {
    const gone = await identify(discord)
    gone.close(1000)
    await gone.closed
    const socket = await openSocket(discord)
    await socket.next()
    for (const session_id of ['nobody', gone.ready.session_id]) {
      socket.send({ op: 6, d: { token: discord.token, session_id, seq: 1 } })
      expect(await socket.next()).toEqual({ op: 9, d: false })
    }
  })
})
