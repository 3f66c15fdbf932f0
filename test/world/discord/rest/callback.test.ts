// The first answer and what follows it, by hand: bodies, codes, deadlines, what the person sees.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../../core/clock.ts'
import { callApi, faultLines } from '../callApi.ts'
import type { Channel, Guild, User } from '../model.ts'
import { type Discord, startDiscord } from '../startDiscord.ts'
import { identify } from '../testGateway.ts'

const clock = createManualClock(1_790_000_000_000)
let discord: Discord
let ann: User
let guild: Guild
let channel: Channel
let bot: Awaited<ReturnType<typeof identify>>
beforeEach(async () => {
  discord = await startDiscord({ clock, rates: { webhook: { requests: 1000, perMs: 1000 } } })
  ann = discord.user({ name: 'Ann', locale: 'de' })
  guild = discord.guild({ name: 'Acme', owner: discord.user({ name: 'Olga' }), members: [ann] })
  channel = discord.channel(guild, 'general')
  discord.addBot(guild)
  bot = await identify(discord)
  await callApi(discord, {
    call: `PUT /applications/${discord.applicationId}/commands`,
    body: [
      { name: 'job', description: 'x', options: [{ type: 3, name: 'gpu', description: 'x', autocomplete: true }] },
    ],
  })
})
afterEach(() => discord.stop())

const reply = (content: string, more = {}) => ({ type: 4, data: { content, ...more } })
const button = { type: 1, components: [{ type: 2, style: 1, label: 'Pay', custom_id: 'a1:pay' }] }

/** Somebody uses /job; what the bot gets of it, and ways to answer. */
async function used(act: () => Promise<unknown> = () => discord.command(ann, channel, 'job')) {
  const outcome = act()
  const { d } = await bot.next()
  const call = (line: string, body?: unknown) => callApi(discord, { call: line, body, authorization: null })
  const hook = `/webhooks/${discord.applicationId}/${d.token}`
  return {
    outcome,
    payload: d,
    respond: (body: unknown, query = '') => call(`POST /interactions/${d.id}/${d.token}/callback${query}`, body),
    edit: (body: unknown, id = '%40original') => call(`PATCH ${hook}/messages/${id}`, body),
    read: (id = '%40original') => call(`GET ${hook}/messages/${id}`),
    remove: (id = '%40original') => call(`DELETE ${hook}/messages/${id}`),
    follow: (body: unknown) => call(`POST ${hook}`, body),
  }
}
const shown = () => discord.messages(channel).map(({ text, thinking }) => (thinking ? '(thinking)' : text))

test('an interaction says who, where and with which rights', async () => {
  const { payload } = await used(() => discord.command(ann, channel, 'job', { gpu: 'h100' }))
  expect(payload).toMatchObject({
    type: 2,
    version: 1,
    application_id: discord.applicationId,
    guild_id: guild.id,
    guild: { id: guild.id, locale: 'en-US' },
    channel: { id: channel.id, type: 0 },
    member: { user: { id: ann.id, global_name: 'Ann' }, roles: [] },
    locale: 'de',
    entitlements: [],
    authorizing_integration_owners: { 0: guild.id },
    context: 0,
    attachment_size_limit: 10_485_760,
    data: { name: 'job', type: 1, options: [{ name: 'gpu', type: 3, value: 'h100' }] },
  })
  expect(BigInt(payload.member.permissions) & discord.permission.sendMessages).not.toBe(0n)
  expect(payload).not.toHaveProperty('user')
})

describe('answers', () => {
  test('an empty one is 204 without a content type; asked for, it carries the message', async () => {
    const first = await (await used()).respond(reply('hi'))
    expect([first.status, first.text, first.headers.get('content-type')]).toEqual([204, '', null])
    const second = await (await used()).respond(reply('hi', { flags: 64 }), '?with_response=true')
    expect(second).toMatchObject({
      status: 200,
      body: {
        interaction: { type: 2, response_message_ephemeral: true, response_message_loading: false },
        resource: { type: 4, message: { content: 'hi', flags: 64 } },
      },
    })
  })

  test('a second one is refused with 40060, a wrong id with 10062', async () => {
    const first = await used()
    await first.respond({ type: 5 })
    expect(await first.respond(reply('x'))).toMatchObject({ status: 400, code: 40060 })
    const { payload } = await used()
    const wrong = `POST /interactions/${first.payload.id}/${payload.token}/callback`
    expect(await callApi(discord, { call: wrong, body: reply('x') })).toMatchObject({ status: 404, code: 10062 })
  })

  test('a refused one may be repeated within the three seconds', async () => {
    const { respond, outcome } = await used()
    const refused = await respond(reply('x'.repeat(2001)))
    expect([refused.code, faultLines(refused.errors)]).toEqual([50035, ['data.content: BASE_TYPE_MAX_LENGTH']])
    expect((await respond(reply('x'))).status).toBe(204)
    expect(await outcome).toMatchObject({ kind: 'reply' })
  })

  test('three seconds are still in time', async () => {
    const { respond, outcome } = await used()
    await clock.tick(3000)
    expect((await respond(reply('just'))).status).toBe(204)
    expect(await outcome).toMatchObject({ answered: true })
  })

  test.each([
    ['an update of a command', 7],
    ['a deferred update of a command', 6],
    ['suggestions to a command', 8],
    ['an unknown kind', 77],
  ])('%s is refused', async (_, type) => {
    const refused = await (await used()).respond({ type, data: { content: 'x' } })
    expect([refused.code, faultLines(refused.errors)]).toEqual([50035, ['type: BASE_TYPE_CHOICES']])
  })

  test('suggestions cannot be deferred, and are 25 at most, of the option’s type', async () => {
    const { respond, outcome } = await used(() => discord.autocomplete(ann, channel, 'job', { gpu: '' }, 'gpu'))
    expect(faultLines((await respond({ type: 5 })).errors)).toEqual(['type: BASE_TYPE_CHOICES'])
    const choices = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `${at}`, value: `${at}` }))
    const tooMany = await respond({ type: 8, data: { choices: choices(26) } })
    expect(faultLines(tooMany.errors)).toEqual(['data.choices: BASE_TYPE_MAX_LENGTH'])
    const numbers = await respond({ type: 8, data: { choices: [{ name: 'one', value: 1 }] } })
    expect(faultLines(numbers.errors)).toEqual(['data.choices.0.value: STRING_TYPE_CONVERT'])
    expect((await respond({ type: 8, data: { choices: choices(25) } })).status).toBe(204)
    expect(await outcome).toHaveLength(25)
  })
})

describe('a deferral', () => {
  test('is ephemeral from the start or never', async () => {
    const first = await used()
    await first.respond({ type: 5, data: { flags: 64 } })
    expect((await first.read()).body).toMatchObject({ flags: 64 | 128 })
    expect((await first.edit({ content: 'for Ann', flags: 0 })).body).toMatchObject({ flags: 64 })
    const second = await used()
    await second.respond({ type: 5 })
    expect((await second.edit({ content: 'for all', flags: 64 })).body).toMatchObject({ flags: 0 })
    expect(discord.messages(channel).map(({ text, visibleTo }) => [text, visibleTo])).toEqual([
      ['for Ann', ann.id],
      ['for all', undefined],
    ])
  })

  test('cannot carry the second components, the edit can', async () => {
    const { respond, edit } = await used()
    const refused = await respond({ type: 5, data: { flags: 1 << 15 } })
    expect(faultLines(refused.errors)).toEqual(['data.flags: MESSAGE_FLAGS_INVALID'])
    await respond({ type: 5 })
    const edited = await edit({ flags: 1 << 15, components: [{ type: 10, content: 'Scanning' }] })
    expect(edited.body).toMatchObject({ flags: 1 << 15 })
    expect(shown()).toEqual(['Scanning'])
  })

  test('ends with the first follow-up, which keeps its place', async () => {
    const { respond, follow } = await used()
    await respond({ type: 5 })
    const first = await follow({ content: 'done', flags: 64 })
    const second = await follow({ content: 'more' })
    expect(first.body.flags).toBe(0)
    expect(second.body.message_reference).toMatchObject({ message_id: first.body.id })
    expect(shown()).toEqual(['done', 'more'])
  })
})

describe('the webhook of an interaction', () => {
  test('does not exist before the first answer or for an unknown token (10015), nor after 15 minutes (50027)', async () => {
    const { respond, edit, follow, read, remove } = await used()
    expect(await edit({ content: 'x' })).toMatchObject({ status: 404, code: 10015 })
    const unknown = { call: `POST /webhooks/${discord.applicationId}/nobody`, body: { content: 'x' } }
    expect(await callApi(discord, unknown)).toMatchObject({ status: 404, code: 10015 })
    await respond({ type: 5 })
    await clock.tick(15 * 60_000)
    expect((await edit({ content: 'just' })).status).toBe(200)
    await clock.tick(1)
    for (const late of [edit({ content: 'x' }), follow({ content: 'x' }), read(), remove()])
      expect(await late).toMatchObject({ status: 401, code: 50027 })
  })

  test('reaches its own messages and no others (10008), gone ones neither', async () => {
    const first = await used()
    await first.respond(reply('one'))
    const second = await used()
    await second.respond(reply('two'))
    const [one] = discord.messages(channel)
    expect((await first.edit({ content: 'one!' }, one?.messageId)).status).toBe(200)
    expect(await second.edit({ content: 'x' }, one?.messageId)).toMatchObject({ status: 404, code: 10008 })
    expect((await first.remove()).status).toBe(204)
    expect(await first.edit({ content: 'x' })).toMatchObject({ code: 10008 })
    expect(shown()).toEqual(['two'])
  })
})

describe('a button', () => {
  async function pressed() {
    const asked = await used()
    await asked.respond(reply('Pay?', { components: [button] }))
    const [message] = discord.messages(channel)
    if (!message) throw new Error('nothing was sent')
    return used(() => discord.press(ann, message, 'Pay'))
  }

  test('comes with its message and can update it at once', async () => {
    const { payload, respond, outcome } = await pressed()
    expect(payload).toMatchObject({
      type: 3,
      data: { custom_id: 'a1:pay', component_type: 2 },
      message: { content: 'Pay?' },
    })
    await respond({ type: 7, data: { content: 'Paid', components: [] } })
    expect(await outcome).toMatchObject({ kind: 'update' })
    expect(discord.messages(channel)).toMatchObject([{ text: 'Paid', buttons: [], edited: true }])
  })

  test('answered by a deferred update means the message itself by @original, by a reply the reply', async () => {
    const first = await pressed()
    await first.respond({ type: 6 })
    await first.edit({ content: 'Paid' })
    expect(shown()).toEqual(['Paid'])
    const [message] = discord.messages(channel)
    if (!message) throw new Error('nothing was sent')
    const second = await used(() => discord.press(ann, message, 'a1:pay'))
    await second.respond(reply('No', { flags: 64 }))
    await second.edit({ content: 'No!' })
    expect(shown()).toEqual(['Paid', 'No!'])
    expect(discord.messages(channel).at(-1)).toMatchObject({ replyToId: message.messageId, visibleTo: ann.id })
  })

  test('may open a form; the form’s answer may not open another', async () => {
    const { respond, outcome } = await pressed()
    const input = { type: 4, custom_id: 'why', style: 1, label: 'Why' }
    const modal = { title: 'Reason', custom_id: 'm1', components: [{ type: 1, components: [input] }] }
    await respond({ type: 9, data: modal })
    expect(await outcome).toMatchObject({ kind: 'form', modal: { title: 'Reason' } })
    const submitted = await used(() => discord.submitModal(ann, { Why: 'because' }))
    expect(submitted.payload).toMatchObject({
      type: 5,
      message: { content: 'Pay?' },
      data: { custom_id: 'm1', components: [{ type: 1, components: [{ custom_id: 'why', value: 'because' }] }] },
    })
    expect(faultLines((await submitted.respond({ type: 9, data: modal })).errors)).toEqual(['type: BASE_TYPE_CHOICES'])
    await submitted.respond({ type: 7, data: { content: 'Noted' } })
    expect(shown()).toEqual(['Noted'])
  })
})

test('where only a person has the app, there are five follow-ups and no channel route', async () => {
  const other = discord.guild({ name: 'Elsewhere', owner: ann })
  const room = discord.channel(other, 'room')
  await callApi(discord, {
    call: `PUT /applications/${discord.applicationId}/commands`,
    body: [{ name: 'job', description: 'x', integration_types: [0, 1], contexts: [0, 1, 2] }],
  })
  await expect(discord.command(ann, room, 'job')).rejects.toThrow('not in Elsewhere')
  discord.installForUser(ann)
  const { payload, respond, follow } = await used(() => discord.command(ann, room, 'job'))
  expect(payload.authorizing_integration_owners).toEqual({ 1: ann.id })
  await respond(reply('hi'))
  for (let sent = 0; sent < 5; sent += 1) expect((await follow({ content: `${sent}` })).status).toBe(200)
  expect(await follow({ content: 'six' })).toMatchObject({ status: 400, code: 40094 })
  const direct = { call: `POST /channels/${room.id}/messages`, body: { content: 'x' } }
  expect(await callApi(discord, direct)).toMatchObject({ status: 403, code: 50001 })
})

test('in a DM there is a user and no member', async () => {
  const { payload, respond } = await used(() => discord.command(ann, discord.dm(ann), 'job'))
  expect(payload).toMatchObject({ user: { id: ann.id }, context: 1, channel: { type: 1 } })
  expect(payload).not.toHaveProperty('member')
  await respond(reply('hello'))
  expect(discord.messages(discord.dm(ann))).toMatchObject([{ text: 'hello' }])
})
