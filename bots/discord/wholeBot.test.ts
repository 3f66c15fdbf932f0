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

test('ACCESS-01: the owner is the first admin; roles go to people picked, invitations to whoever has the code', async () => {
  const { ann, bob, guild, channel } = acme()
  const [eve, dan] = [discord.user({ name: 'Eve' }), discord.user({ name: 'Dan' })]
  for (const user of [eve, dan]) discord.join(guild, user)
  await discord.command(bob, channel, 'team', { action: 'viewer', person: eve })
  await discord.waitFor(channel, ({ text }) => text.includes('has no admin yet'))
  await discord.command(ann, channel, 'team', { action: 'viewer', person: bob })
  await discord.waitFor(channel, ({ text }) => text.includes('Bob is a viewer'))
  await discord.command(bob, channel, 'job', { gpu: 'h100', time: '1h', run: 'ls' })
  await discord.waitFor(channel, ({ text }) => text.includes('You may read in Acme'))
  await discord.command(ann, channel, 'team', { action: 'invite', value: 'admin' })
  const invited = await discord.waitFor(discord.dm(ann), ({ text }) => text.includes('claim_'))
  const code = /claim_([\w-]{22})/.exec(invited.text)?.[1] ?? ''
  await discord.command(eve, discord.dm(eve), 'start', { claim: code })
  await discord.waitFor(discord.dm(eve), ({ text }) => text.includes('You are an admin of Acme'))
  await discord.waitFor(channel, ({ text }) => text.includes('by an invitation of Ann'))
  // Who is in the server needs no role to read in private.
  await discord.command(dan, channel, 'team', { action: 'use' })
  await discord.waitFor(channel, ({ text }) => text.includes('your private commands are for Acme'))
  await discord.command(dan, discord.dm(dan), 'audit')
  await discord.waitFor(discord.dm(dan), ({ text }) => text.includes('Audit log of Acme'))
  discord.leave(guild, dan)
  await discord.command(dan, discord.dm(dan), 'audit')
  await discord.waitFor(discord.dm(dan), ({ text }) => text.includes('belongs to a team'))
  const [team] = await shop.context.teams.list()
  expect(team?.value.roles).toEqual({
    [`discord:${ann.id}`]: 'admin',
    [`discord:${bob.id}`]: 'viewer',
    [`discord:${eve.id}`]: 'admin',
  })
})
