// The whole bot on Discord: a job asked for in a channel is scanned, recommended and given up, in one message.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

/** The bots with one platform, or with a Telegram that cannot be reached besides. */
function createTestBots({ telegramToken }: { telegramToken?: string } = {}) {
  return createBots({
    context: shop.context,
    store: shop.store,
    market: shop.market,
    telegram: { token: telegramToken, apiRoot: 'http://127.0.0.1:9' },
    discord: { token: discord.token, apiRoot: discord.apiRoot },
    admins: [],
    scansPerDay: 100,
    publicUrl: 'http://127.0.0.1:8080',
    gatewayUrl: 'http://127.0.0.1:9200',
    explorerTxUrl: undefined,
  })
}

async function runBots() {
  const ending = new AbortController()
  let done: Promise<void> = Promise.resolve()
  const names = await new Promise<readonly string[]>((resolve, reject) => {
    done = createTestBots().run(ending.signal, resolve)
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

describe('MODE-01: asked in front of nobody', () => {
  const inPublic = (channel: ReturnType<typeof acme>['channel']) =>
    discord.messages(channel).filter(({ visibleTo }) => !visibleTo)

  test('what a Tracked job runs: the asker alone sees the answer, and the card stands by itself', async () => {
    const { ann, channel } = acme()
    await discord.command(ann, channel, 'job', { gpu: 'h100', time: '1h', run: 'python xylophone.py' })
    const told = await discord.waitFor(channel, ({ text }) => text.includes('its message is in the channel'))
    expect(told.visibleTo).toBe(ann.id)
    await discord.waitFor(channel, ({ text }) => text.includes('Recommended'))
    expect(inPublic(channel).map(({ command }) => command)).toEqual([undefined])
    expect(JSON.stringify(inPublic(channel))).not.toMatch(/xylophone|Ann/)
  })

  test.each([{ mode: 'untracked' }, { more: 'eu,UNTRACKED' }, { gpu: 'h100 Untracked' }])(
    'an Untracked job, said as %j: the channel shows nothing at any time',
    async (options) => {
      const { ann, channel } = acme()
      await discord.command(ann, channel, 'job', { gpu: 'h100', time: '1h', ...options })
      await discord.waitFor(discord.dm(ann), ({ text }) => text.includes('Recommended'))
      await discord.waitFor(channel, ({ text }) => text.includes('continues in our private chat'))
      expect(discord.transcript(channel).filter(({ visibleTo }) => visibleTo !== ann.id)).toEqual([])
    },
  )

  test('a job that is Untracked by the team’s own rule: the use of the command is taken away', async () => {
    const { ann, channel, other } = acme()
    await discord.command(ann, other, 'team', { action: 'mode', value: 'untracked' })
    await discord.waitFor(other, ({ text }) => /Untracked/.test(text))
    await discord.command(ann, channel, 'job', { gpu: 'h100', time: '1h' })
    await discord.waitFor(discord.dm(ann), ({ text }) => text.includes('took your command away in Acme'))
    expect(discord.messages(channel)).toEqual([])
  })

  test('prices alone, Tracked, are answered for all as ever', async () => {
    const { ann, channel } = acme()
    await discord.command(ann, channel, 'job', { gpu: 'h100', time: '1h' })
    const card = await discord.waitFor(channel, ({ text }) => text.includes('Recommended'))
    expect(card.visibleTo).toBeUndefined()
    expect(inPublic(channel)).toHaveLength(1)
  })
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

test('BUYER-01: the form in the channel, by buttons and modals, to the card; a key written into one goes no further', async () => {
  const { ann, channel } = acme()
  const shows = (text: RegExp) => discord.waitFor(channel, (entry) => text.test(entry.text))
  const press = async (entry: Awaited<ReturnType<typeof shows>>, label: string) =>
    discord.press(ann, entry, entry.buttons.flat().find(({ text }) => text.includes(label))?.text ?? label)
  await discord.command(ann, channel, 'job', {})
  const opened = await shows(/Tracked or Untracked/)
  await press(opened, 'Next')
  const gpus = await shows(/Which GPU/)
  expect(await press(gpus, 'Other')).toMatchObject({ kind: 'form' })
  await discord.submitModal(ann, { GPU: 'h1oo' })
  await press(await shows(/What you wrote is kept[\s\S]*h1oo/), 'H100')
  await press(await shows(/How many GPUs/), '1')
  await press(await shows(/How long/), '1h')
  await press(await shows(/Any limits/), 'Next')
  const workload = await shows(/What is to run/)
  await press(workload, 'Command')
  await discord.submitModal(ann, { Command: `python train.py --key 0x${'ab'.repeat(32)}` })
  await discord.waitFor(channel, ({ text, visibleTo }) => visibleTo === ann.id && text.includes('looks like a key'))
  await press(workload, 'Command')
  await discord.submitModal(ann, { Command: 'python xylophone.py' })
  await press(await shows(/Command:.*python xylophone/), 'Next')
  const review = await shows(/All right so/)
  expect(review.messageId).toBe(opened.messageId)
  await press(review, 'Find the cheapest')
  const card = await shows(/Recommended/)
  expect(card.buttons.flat().some(({ text }) => text.startsWith('Pay up to'))).toBe(true)
  // Neither what was chosen, wrong or right, nor who chose it: the channel sees the card alone.
  const byAll = discord.transcript(channel).filter(({ visibleTo }) => visibleTo !== ann.id)
  expect(new Set(byAll.map(({ messageId, command }) => `${messageId} ${command}`))).toEqual(
    new Set([`${card.messageId} undefined`]),
  )
  expect(JSON.stringify(byAll)).not.toMatch(/xylophone|h1oo|New job/)
  // No toast beside each press: what was said to her alone is the one about the key.
  const toAnn = discord.messages(channel, { as: ann }).filter(({ visibleTo }) => visibleTo === ann.id)
  expect(toAnn.filter(({ text }) => !/looks like a key|Scanning, as|Sent off as job/.test(text))).toEqual([])
})

test('options complete themselves: GPUs, places, providers, the jobs that the person may read', async () => {
  const { ann, bob, channel } = acme()
  const values = async (name: string, typed: Record<string, string>, user = ann, where = channel) =>
    (await discord.autocomplete(user, where, name, typed, Object.keys(typed)[0] ?? ''))?.map(({ value }) => value)
  expect((await values('job', { gpu: 'a100' }))?.slice(0, 2)).toEqual(['a100', 'a100-80gb'])
  expect(await values('job', { gpu: 'h1oo' })).toContain('h100')
  expect(await values('job', { region: 'germ' })).toContain('de')
  expect(await values('job', { only: 'AKA' })).toEqual(['akash'])
  expect(await values('stop', { job: '' })).toEqual([])
  await discord.command(ann, channel, 'job', { gpu: 'h100', count: 1, time: '1h', run: 'x' })
  await discord.waitFor(channel, ({ text }) => text.includes('Recommended'))
  const [job] = await shop.context.jobs.list()
  expect(await values('stop', { job: '' }, bob)).toEqual([job?.value.ref])
  expect(await values('stop', { job: '' }, ann, discord.dm(ann))).toEqual([job?.value.ref])
  expect(await values('stop', { job: '' }, bob, discord.dm(bob))).toEqual([])
})

test('a Telegram that cannot be reached at the start keeps nobody on Discord waiting', async () => {
  await running.stop()
  const ending = new AbortController()
  let readyTold = false
  const done = createTestBots({ telegramToken: `12345678:${'A'.repeat(35)}` }).run(ending.signal, () => {
    readyTold = true
  })
  await expect.poll(() => discord.connections()).toBe(1)
  const { ann, channel } = acme()
  await discord.command(ann, channel, 'help')
  await discord.waitFor(channel, ({ text }) => text.includes('/job'))
  expect(readyTold).toBe(false)
  ending.abort()
  await done
})
