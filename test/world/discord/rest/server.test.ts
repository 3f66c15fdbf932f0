// Rates, faults and the log: what a bot meets when it is too fast or the network fails it, and that no token is kept.
import { HTTPError } from 'discord.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../../core/clock.ts'
import { callApi } from '../callApi.ts'
import type { Channel } from '../model.ts'
import { type Discord, startDiscord } from '../startDiscord.ts'
import { startTestBot } from '../testBot.ts'

describe('rates', () => {
  const clock = createManualClock(1_790_000_000_000)
  let discord: Discord
  let channels: Channel[]
  beforeEach(async () => {
    discord = await startDiscord({ clock })
    const guild = discord.guild({ name: 'Acme', owner: discord.user({ name: 'Ann' }) })
    channels = ['a', 'b'].map((name) => discord.channel(guild, name))
    discord.addBot(guild)
  })
  afterEach(() => discord.stop())
  const send = (at = 0) =>
    callApi(discord, { call: `POST /channels/${channels[at]?.id}/messages`, body: { content: 'x' } })

  test('five messages in five seconds for each channel; the sixth is 429 and does nothing', async () => {
    const first = await send()
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '4',
      'x-ratelimit-reset-after': '5.000',
      'x-ratelimit-bucket': 'post-channels-channel-messages',
    })
    for (let sent = 1; sent < 5; sent += 1) await send()
    await clock.tick(1500)
    const sixth = await send()
    expect([sixth.status, sixth.body]).toEqual([
      429,
      { message: 'You are being rate limited.', retry_after: 3.5, global: false },
    ])
    expect(sixth.headers.get('retry-after')).toBe('3.500')
    expect(discord.messages(channels[0] ?? { id: '' })).toHaveLength(5)
    expect((await send(1)).status).toBe(200)
    await clock.tick(3500)
    expect((await send()).status).toBe(200)
  })

  test('fifty calls a second in all; more is a global 429, which answers to interactions do not know', async () => {
    const wide = await startDiscord({ clock, rates: { other: { requests: 1000, perMs: 1000 } } })
    const read = () => callApi(wide, { call: `GET /users/${wide.bot.id}` })
    for (let sent = 0; sent < 50; sent += 1) expect((await read()).status).toBe(200)
    const late = await read()
    expect(late).toMatchObject({ status: 429, body: { global: true, retry_after: 1 } })
    expect(late.headers.get('x-ratelimit-global')).toBe('true')
    const callback = { call: 'POST /interactions/1/x/callback', authorization: null, body: {} }
    expect(await callApi(wide, callback)).toMatchObject({ status: 404, code: 10062 })
    await clock.tick(1000)
    expect((await read()).status).toBe(200)
    await wide.stop()
  })
})

describe('faults', () => {
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    )

  test('a 503 is repeated by discord.js and then an HTTPError; the message is not sent', async () => {
    await using world = await startTestBot({ rest: { retries: 1 } })
    const { discord, channel, client } = world
    discord.failNext({ route: 'POST /channels', times: 2, fault: { kind: 'status', status: 503 } })
    expect(
      await failure(client.rest.post(`/channels/${channel.id}/messages`, { body: { content: 'x' } })),
    ).toBeInstanceOf(HTTPError)
    expect(discord.calls('POST /channels').map(({ status }) => status)).toEqual([503, 503])
    expect(discord.messages(channel)).toEqual([])
  })

  test('a connection lost after the call took effect leaves the message there', async () => {
    await using world = await startTestBot({ rest: { retries: 0 } })
    const { discord, channel, client } = world
    const post = () => failure(client.rest.post(`/channels/${channel.id}/messages`, { body: { content: 'x' } }))
    discord.failNext({ fault: { kind: 'drop', when: 'before' } })
    expect(await post()).toBeInstanceOf(Error)
    expect(discord.messages(channel)).toHaveLength(0)
    discord.failNext({ fault: { kind: 'drop', when: 'after' } })
    expect(await post()).toBeInstanceOf(Error)
    expect(discord.messages(channel)).toHaveLength(1)
    expect(discord.calls('POST /channels').map(({ status }) => status)).toEqual([0, 0])
  })

  test('a 429 nobody expected is waited for; any refusal can be planned; a slow call is still answered', async () => {
    await using world = await startTestBot()
    const { discord, channel, client, clock } = world
    const post = () => client.rest.post(`/channels/${channel.id}/messages`, { body: { content: 'x' } })
    discord.failNext({ fault: { kind: 'tooManyRequests', retryAfterMs: 5 } })
    await post()
    expect(discord.calls('POST /channels').map(({ status }) => status)).toEqual([429, 200])
    discord.failNext({ fault: { kind: 'refuse', status: 404, code: 10015, message: 'Unknown Webhook' } })
    expect(await failure(post())).toMatchObject({ code: 10015, message: 'Unknown Webhook' })
    discord.failNext({ fault: { kind: 'slow', delayMs: 60_000 } })
    const slow = post()
    while (discord.calls('POST /channels').length < 4) await new Promise(setImmediate)
    await clock.tick(60_000)
    expect(await slow).toMatchObject({ content: 'x' })
  })
})

test('the log has neither the bot’s token nor an interaction’s', async () => {
  await using world = await startTestBot()
  const { discord, ann, channel, onInteraction } = world
  let token = ''
  onInteraction(async (interaction) => {
    token = interaction.token
    if (interaction.isChatInputCommand())
      await interaction.reply({ content: `leaks ${discord.token}`, withResponse: true })
  })
  await discord.command(ann, channel, 'help')
  const log = JSON.stringify(discord.calls())
  expect(discord.calls('callback')).toMatchObject([
    { params: { interaction: expect.any(String) }, query: { with_response: 'true' } },
  ])
  expect(token.length).toBeGreaterThan(20)
  expect([log.includes(token), log.includes(discord.token), log.includes('leaks <token>')]).toEqual([
    false,
    false,
    true,
  ])
})
