// The unmodified discord.js against this server over real sockets: what bots/discord will rely on.
import { once } from 'node:events'
import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  DiscordAPIError,
  Events,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js'
import { describe, expect, test } from 'vitest'
import { startTestBot } from './testBot.ts'

const row = (...buttons: ButtonBuilder[]) => new ActionRowBuilder<ButtonBuilder>().addComponents(buttons)
const button = (label: string, customId: string) =>
  new ButtonBuilder().setLabel(label).setCustomId(customId).setStyle(ButtonStyle.Primary)
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

test('a command is deferred, edited live, its button opens a form, and the form is answered', async () => {
  await using world = await startTestBot()
  const { discord, ann, channel, onInteraction } = world
  onInteraction(async (interaction) => {
    if (interaction.isChatInputCommand()) {
      await interaction.deferReply()
      const gpu = interaction.options.getString('gpu', true)
      for (const step of ['Scanning Akash…', 'Scanning io.net…', 'Comparing…'])
        await interaction.editReply({ content: `${gpu}: ${step}` })
      await interaction.editReply({ content: 'Found 14 offers', components: [row(button('Rent', 'a1:rent'))] })
    }
    if (interaction.isButton() && interaction.customId === 'a1:rent') {
      const input = new TextInputBuilder().setCustomId('image').setStyle(TextInputStyle.Short)
      await interaction.showModal(
        new ModalBuilder()
          .setTitle('What to run')
          .setCustomId('a1:form')
          .addLabelComponents(new LabelBuilder().setLabel('Image').setTextInputComponent(input)),
      )
    }
    if (interaction.isModalSubmit() && interaction.isFromMessage()) {
      await interaction.deferUpdate()
      const image = interaction.fields.getTextInputValue('image')
      await interaction.editReply({ content: `Runs ${image}`, components: [] })
      await interaction.followUp({ content: 'Only you see this', flags: MessageFlags.Ephemeral })
    }
  })
  expect(await discord.command(ann, channel, 'job', { gpu: 'H100', count: 2 })).toMatchObject({
    answered: true,
    kind: 'deferredReply',
  })
  const found = await discord.waitFor(channel, ({ text }) => text.startsWith('Found'))
  expect(await discord.press(ann, found, 'Rent')).toMatchObject({ kind: 'form' })
  expect(await discord.submitModal(ann, { Image: 'pytorch:2' })).toMatchObject({ kind: 'deferredUpdate' })
  await discord.waitFor(channel, ({ visibleTo }) => visibleTo !== undefined)
  expect(
    discord.transcript(channel).map(({ event, text, thinking, visibleTo, edited }) => ({
      event,
      text: thinking ? '(thinking)' : text,
      edited,
      ...(visibleTo ? { visibleTo } : {}),
    })),
  ).toEqual([
    { event: 'sent', text: '(thinking)', edited: false },
    { event: 'edited', text: 'H100: Scanning Akash…', edited: false },
    { event: 'edited', text: 'H100: Scanning io.net…', edited: true },
    { event: 'edited', text: 'H100: Comparing…', edited: true },
    { event: 'edited', text: 'Found 14 offers', edited: true },
    { event: 'edited', text: 'Runs pytorch:2', edited: true },
    { event: 'sent', text: 'Only you see this', edited: false, visibleTo: ann.id },
  ])
  expect(world.errors).toEqual([])
})

test('answers over the interaction carry no token, messages of the channel do', async () => {
  await using world = await startTestBot()
  const { discord, ann, channel, onInteraction } = world
  const handled = new Promise<void>((resolve) =>
    onInteraction(async (interaction) => {
      if (!interaction.isChatInputCommand()) return
      await interaction.deferReply()
      const reply = await interaction.editReply('done')
      await interaction.followUp('more')
      await reply.edit('by the channel')
      await interaction.deleteReply()
      if (interaction.channel?.isSendable()) await interaction.channel.send('plain')
      resolve()
    }),
  )
  await discord.command(ann, channel, 'help')
  await handled
  const used = discord.calls().filter(({ route }) => /messages|callback|webhooks/.test(route))
  expect(used.map(({ route, hasToken, status }) => [route, hasToken, status])).toEqual([
    ['POST /interactions/:interaction/:token/callback', false, 204],
    ['PATCH /webhooks/:app/:token/messages/:message', false, 200],
    ['POST /webhooks/:app/:token', false, 200],
    ['PATCH /channels/:channel/messages/:message', true, 200],
    ['DELETE /webhooks/:app/:token/messages/:message', false, 204],
    ['POST /channels/:channel/messages', true, 200],
  ])
  expect(discord.messages(channel).map(({ text, replyToId }) => [text, replyToId !== undefined])).toEqual([
    ['more', true],
    ['plain', false],
  ])
})

test('suggestions come for what is being typed', async () => {
  await using world = await startTestBot()
  const { discord, ann, channel, onInteraction } = world
  onInteraction(async (interaction) => {
    if (!interaction.isAutocomplete()) return
    const focused = interaction.options.getFocused(true)
    await interaction.respond([{ name: `${focused.name} like ${focused.value}`, value: 'h100-80gb' }])
  })
  expect(await discord.autocomplete(ann, channel, 'job', { gpu: 'h1' }, 'gpu')).toEqual([
    { name: 'gpu like h1', value: 'h100-80gb' },
  ])
  await expect(discord.autocomplete(ann, channel, 'job', {}, 'count')).rejects.toThrow('no autocomplete')
})

test('a file arrives with its bytes and its description; a menu is chosen from', async () => {
  await using world = await startTestBot()
  const { discord, ann, channel, onInteraction } = world
  onInteraction(async (interaction) => {
    if (interaction.isChatInputCommand()) {
      await interaction.deferReply()
      const chart = new AttachmentBuilder(Buffer.from('png'), { name: 'spend.png', description: 'Spend by week' })
      const menu = new StringSelectMenuBuilder()
        .setCustomId('week')
        .setPlaceholder('Which week')
        .addOptions({ label: 'This', value: '0' }, { label: 'Last', value: '1' })
      await interaction.editReply({
        content: 'Spend',
        files: [chart],
        components: [new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu)],
      })
    }
    if (interaction.isStringSelectMenu()) await interaction.update({ content: `Week ${interaction.values}` })
  })
  await discord.command(ann, channel, 'help')
  const chart = await discord.waitFor(channel, ({ files }) => files.length > 0)
  expect(chart.files).toEqual([{ name: 'spend.png', description: 'Spend by week', bytes: Buffer.from('png') }])
  expect(await discord.select(ann, chart, 'Which week', ['Last'])).toMatchObject({ kind: 'update' })
  expect(discord.messages(channel)).toMatchObject([{ text: 'Week 1', files: [{ name: 'spend.png' }] }])
})

describe('time', () => {
  test('an answer after three seconds is refused with 10062, and the person is told', async () => {
    await using world = await startTestBot()
    const { discord, ann, channel, onInteraction, clock } = world
    const refused = new Promise((resolve) =>
      onInteraction(async (interaction) => {
        await clock.tick(3001)
        if (interaction.isChatInputCommand()) resolve(await failure(interaction.reply('too late')))
      }),
    )
    const failures: string[] = []
    discord.onEvent((event) => event.kind === 'failed' && failures.push(event.text))
    expect(await discord.command(ann, channel, 'help')).toMatchObject({ answered: false })
    expect(await refused).toMatchObject({ code: 10062, status: 404 })
    expect(failures).toEqual(['The application did not respond'])
    expect(discord.messages(channel)).toEqual([])
  })

  test('after fifteen minutes the token is dead (50027), and the channel’s own route still edits', async () => {
    await using world = await startTestBot()
    const { discord, ann, channel, onInteraction, clock } = world
    const outcome = new Promise<unknown[]>((resolve) =>
      onInteraction(async (interaction) => {
        if (!interaction.isChatInputCommand()) return
        await interaction.deferReply()
        const message = await interaction.editReply('running')
        await clock.tick(15 * 60_000 + 1)
        const refusals = [await failure(interaction.editReply('x')), await failure(interaction.followUp('x'))]
        await message.edit('done')
        resolve(refusals)
      }),
    )
    await discord.command(ann, channel, 'help')
    expect(await outcome).toMatchObject([{ code: 50027, status: 401 }, { code: 50027 }])
    expect(discord.messages(channel).map(({ text }) => text)).toEqual(['done'])
    expect(discord.connections()).toBe(1)
  })
})

test('an ephemeral answer is for one person, and no route of the channel reaches it', async () => {
  await using world = await startTestBot()
  const { discord, ann, bob, channel, onInteraction, client } = world
  onInteraction(async (interaction) => {
    if (!interaction.isChatInputCommand()) return
    await interaction.deferReply({ flags: MessageFlags.Ephemeral })
    await interaction.editReply({ content: 'for Ann', components: [row(button('Pay', 'a1:pay'))] })
  })
  await discord.command(ann, channel, 'help')
  const entry = await discord.waitFor(channel, ({ text }) => text === 'for Ann')
  expect(entry).toMatchObject({ visibleTo: ann.id, flags: 64 })
  expect(discord.messages(channel, { as: bob })).toEqual([])
  await expect(discord.press(bob, entry, 'Pay')).rejects.toThrow('Bob does not see')
  const error = await failure(
    client.rest.patch(`/channels/${channel.id}/messages/${entry.messageId}`, { body: { content: 'x' } }),
  )
  expect(error).toBeInstanceOf(DiscordAPIError)
  expect(error).toMatchObject({ code: 10008, status: 404 })
})

describe('gateway', () => {
  test('what happened while the socket was gone is replayed once, and nothing twice', async () => {
    await using world = await startTestBot()
    const { discord, ann, channel, onInteraction } = world
    const handled: string[] = []
    onInteraction(async (interaction) => {
      if (!interaction.isChatInputCommand()) return
      handled.push(interaction.options.getString('gpu') ?? '')
      await interaction.reply('ok')
    })
    await discord.command(ann, channel, 'job', { gpu: 'before' })
    discord.dropGateway()
    const outcome = discord.command(ann, channel, 'job', { gpu: 'meanwhile' })
    expect(await outcome).toMatchObject({ answered: true })
    await discord.command(ann, channel, 'job', { gpu: 'after' })
    expect(handled).toEqual(['before', 'meanwhile', 'after'])
    expect(discord.identifies()).toBe(1)
  })

  test('an invalid session is opened anew; a resumable one is not', async () => {
    await using world = await startTestBot()
    const { discord, ann, channel, onInteraction, client } = world
    onInteraction(async (interaction) => interaction.isChatInputCommand() && (await interaction.reply('ok')))
    const resumed = once(client, Events.ShardResume)
    discord.invalidateSession({ resumable: true })
    await resumed
    expect(discord.identifies()).toBe(1)
    const ready = once(client, Events.ShardReady)
    discord.invalidateSession({ resumable: false })
    await ready
    expect(discord.identifies()).toBe(2)
    expect(await discord.command(ann, channel, 'help')).toMatchObject({ answered: true })
  })

  test('asked to reconnect, the client comes back to its session', async () => {
    await using world = await startTestBot()
    const { discord, ann, channel, onInteraction, client } = world
    onInteraction(async (interaction) => interaction.isChatInputCommand() && (await interaction.reply('ok')))
    const resumed = once(client, Events.ShardResume)
    discord.askToReconnect()
    await resumed
    expect(await discord.command(ann, channel, 'help')).toMatchObject({ answered: true })
    expect(discord.identifies()).toBe(1)
  })

  test('a redelivered interaction has its old id, and its second answer is refused with 40060', async () => {
    await using world = await startTestBot()
    const { discord, ann, channel, onInteraction } = world
    const ids: string[] = []
    const second = new Promise((resolve) =>
      onInteraction(async (interaction) => {
        if (!interaction.isChatInputCommand()) return
        if (ids.push(interaction.id) === 2) return resolve(await failure(interaction.reply('again')))
        await interaction.reply('once')
        discord.redeliver()
      }),
    )
    await discord.command(ann, channel, 'help')
    expect(await second).toMatchObject({ code: 40060, status: 400 })
    expect(new Set(ids).size).toBe(1)
  })
})

test('hostile names ping nobody and come through as they are', async () => {
  await using world = await startTestBot()
  const { discord, guild, channel, onInteraction } = world
  const name = '@everyone \u202Ella\u202C ` [free](https://evil.example)'
  const eve = discord.user({ name })
  discord.join(guild, eve)
  onInteraction(async (interaction) => {
    if (interaction.isChatInputCommand())
      await interaction.reply(`${interaction.user.displayName} <@${interaction.user.id}> asked`)
  })
  await discord.command(eve, channel, 'help')
  expect(discord.messages(channel)).toMatchObject([
    { text: `${name} <@${eve.id}> asked`, pings: { everyone: false, userIds: [] }, allowedMentions: { parse: [] } },
  ])
})

test('the client reads owner, members and channels, and writes to a person who lets it', async () => {
  await using world = await startTestBot()
  const { discord, ann, bob, guild, channel, client } = world
  const seen = await client.guilds.fetch(guild.id)
  expect([(await seen.fetchOwner()).id, (await seen.members.fetch(bob.id)).user.globalName]).toEqual([ann.id, 'Bob'])
  expect((await client.channels.fetch(channel.id))?.isTextBased()).toBe(true)
  const user = await client.users.fetch(bob.id)
  await user.send({ content: 'your job ended', flags: MessageFlags.SuppressNotifications })
  expect(discord.messages(discord.dm(bob))).toMatchObject([{ text: 'your job ended', silent: true, fromBot: true }])
  discord.blockDms(bob)
  expect(await failure(user.send('again'))).toMatchObject({ code: 50007, status: 403 })
})

test('too many edits are held back by the client and all arrive, in order', async () => {
  await using world = await startTestBot({ rates: { webhook: { requests: 3, perMs: 20 } } })
  const { discord, ann, channel, onInteraction, client, clock } = world
  const limited: number[] = []
  client.rest.on('rateLimited', ({ timeToReset }) => {
    limited.push(timeToReset)
    void clock.tick(20)
  })
  onInteraction(async (interaction) => {
    if (!interaction.isChatInputCommand()) return
    await interaction.deferReply()
    await Promise.all([1, 2, 3, 4, 5, 6].map((step) => interaction.editReply(`step ${step}`)))
  })
  await discord.command(ann, channel, 'help')
  await discord.waitFor(channel, ({ text }) => text === 'step 6')
  expect(limited.length).toBeGreaterThan(0)
  expect(discord.transcript(channel).map(({ text }) => text)).toEqual([
    '',
    ...[1, 2, 3, 4, 5, 6].map((step) => `step ${step}`),
  ])
})

test('a wrong token cannot open a session', async () => {
  await using world = await startTestBot()
  const { client, discord } = world
  const { Client } = await import('discord.js')
  const stranger = new Client({ intents: [], rest: { api: discord.apiRoot } })
  expect(await failure(stranger.login('wrong'))).toMatchObject({ code: 'TokenInvalid' })
  await stranger.destroy()
  expect(client.isReady()).toBe(true)
})
