// The whole bot on Discord: a job asked for in a channel is scanned, recommended and given up, in one message.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { createTestJobs, type TestJobs } from '../../core/jobs/testJobs.ts'
import { type Discord, startDiscord } from '../../test/world/discord/startDiscord.ts'
import { createBots } from '../main.ts'

let discord: Discord
let shop: TestJobs
let running: { stop(): Promise<void>; names: readonly string[] }

beforeEach(async () => {
  discord = await startDiscord()
  shop = await createTestJobs({ clock: systemClock })
  running = await runBots()
})
afterEach(async () => {
  await running.stop()
  await discord.stop()
})

async function runBots() {
  const bots = createBots({
    context: shop.context,
    store: shop.store,
    market: shop.market,
    telegram: { token: undefined, apiRoot: 'http://127.0.0.1:9' },
    discord: { token: discord.token, apiRoot: discord.apiRoot },
    admins: [],
    scansPerDay: 100,
    publicUrl: 'http://127.0.0.1:8080',
    gatewayUrl: 'http://127.0.0.1:9200',
    explorerTxUrl: undefined,
  })
  const ending = new AbortController()
  let done: Promise<void> = Promise.resolve()
  const names = await new Promise<readonly string[]>((resolve, reject) => {
    done = bots.run(ending.signal, resolve)
    done.catch(reject)
  })
  return {
    names,
    async stop() {
      ending.abort()
      await done
    },
  }
}

function acme() {
  const ann = discord.user({ name: 'Ann' })
  const bob = discord.user({ name: 'Bob' })
  const guild = discord.guild({ name: 'Acme', owner: ann, members: [bob] })
  const channel = discord.channel(guild, 'gpu-jobs')
  discord.addBot(guild)
  return { ann, bob, guild, channel, other: discord.channel(guild, 'general') }
}

test('a job is one message from the deferred reply to the card, and its button gives it up', async () => {
  const { ann, bob, guild, channel, other } = acme()
  expect(running.names).toEqual(['necto'])
  expect(
    await discord.command(ann, channel, 'job', { gpu: 'h100', count: 1, time: '1h', run: 'python t.py' }),
  ).toMatchObject({
    kind: 'deferredReply',
  })
  const card = await discord.waitFor(channel, ({ text }) => text.includes('Recommended'))
  expect(await discord.press(bob, card, 'Cancel')).toMatchObject({ kind: 'deferredUpdate' })
  await discord.waitFor(channel, ({ text, visibleTo }) => visibleTo === bob.id && text.includes('not yours'))
  await discord.press(ann, card, 'Cancel')
  await discord.waitFor(channel, ({ messageId, text }) => messageId === card.messageId && /cancelled/i.test(text))
  expect(discord.messages(channel, { as: guild.owner }).filter(({ visibleTo }) => !visibleTo)).toHaveLength(1)
  // The team is the server: what was asked in one channel is listed in another.
  await discord.command(bob, other, 'jobs')
  await discord.waitFor(other, ({ text }) => text.includes('Tracked jobs'))
  expect((await shop.context.teams.list()).map(({ id }) => id)).toEqual([`discord:${guild.id}`])
})
