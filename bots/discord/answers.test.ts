// What Discord is told of each interaction and when: acknowledgements, tokens that end, answers for one person, forms.
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import type { Inbound } from '../chat/inbound.ts'
import { textView } from '../chat/view.ts'
import { connectDiscord } from './testDiscord.ts'

const FORM_TOKEN = `f1:${'F'.repeat(22)}`
const form = {
  token: FORM_TOKEN,
  title: 'What to run',
  fields: [
    { name: 'image', label: 'Image', help: 'Where it comes from', isRequired: true, lines: 'one', maxLength: 200 },
    { name: 'run', label: 'Command', value: 'python t.py', isRequired: false, lines: 'many', maxLength: 4000 },
  ],
} as const

let discord: Awaited<ReturnType<typeof connectDiscord>>
afterEach(() => discord.close())

async function connect(options: Parameters<typeof connectDiscord>[0] = {}) {
  const clock = createManualClock(1_790_000_000_000)
  discord = await connectDiscord({ clock, ...options })
  await discord.start()
  return { ...discord, clock }
}

const hasToken = (route: string) => discord.world.calls(route).map((call) => call.hasToken)

describe('a command', () => {
  test('is deferred at once, filled by the first answer, and what follows stands below it', async () => {
    const { world, people, team, teamPlace, chat, command } = await connect()
    const outcome = await world.command(people.ann, team, 'job', { gpu: 'h100', count: 2, run: 'python t.py' })
    expect(outcome).toMatchObject({ kind: 'deferredReply' })
    const event = await command('job')
    // The words come in the table's order, whatever order Discord wants the options in.
    expect(event).toMatchObject({ text: 'run python t.py h100 x2', principal: { label: 'Ann' }, place: teamPlace })
    const ref = await chat.send(teamPlace, textView('first'), { replyTo: event.message })
    await chat.send(teamPlace, textView('second'), { replyTo: event.message })
    expect(ref).toEqual({
      platform: 'discord',
      chatId: team.id,
      messageId: outcome.message?.messageId,
      isPrivate: false,
    })
    expect(world.messages(team)).toMatchObject([
      { messageId: ref.messageId, text: 'first', thinking: false },
      { text: 'second', replyToId: ref.messageId },
    ])
  })

  test('about a person names them by id and name', async () => {
    const { world, people, team, command } = await connect()
    await world.command(people.ann, team, 'job', { gpu: 'h100', for: people.bob })
    const about = { userId: people.bob.id, label: 'Bob' }
    expect(await command('job')).toMatchObject({ about, text: `h100 @${people.bob.id}` })
  })

  test('that only its asker reads is answered to them alone, and later in their private chat', async () => {
    const { world, people, team, teamPlace, chat, clock, command } = await connect()
    await world.command(people.bob, team, 'stop', { words: 'K7QF-3M2P' })
    const event = await command('stop')
    const ref = await chat.send(teamPlace, textView('given up'), { replyTo: event.message })
    expect(world.messages(team)).toMatchObject([{ text: 'given up', visibleTo: people.bob.id }])
    expect(await chat.edit(ref, textView('given up, really'))).toBe('edited')
    await chat.send(teamPlace, textView('more'), { replyTo: ref })
    expect(world.messages(team, { as: people.ann })).toEqual([])
    await clock.tick(15 * 60_000)
    expect(await chat.edit(ref, textView('too late'))).toBe('gone')
    const later = await chat.send(teamPlace, textView('by the way'), { replyTo: event.message })
    expect(later).toMatchObject({ chatId: people.bob.id, isPrivate: true })
    expect(world.messages(world.dm(people.bob))).toMatchObject([{ text: 'by the way' }])
    expect(world.messages(team, { as: people.ann })).toEqual([])
  })

  test('is answered by the channel once its token has ended', async () => {
    const { world, people, team, teamPlace, chat, clock, command } = await connect()
    await world.command(people.ann, team, 'job', { gpu: 'h100' })
    const event = await command('job')
    const ref = await chat.send(teamPlace, textView('running'), { replyTo: event.message })
    await clock.tick(15 * 60_000)
    expect(await chat.edit(ref, textView('done'))).toBe('edited')
    await chat.send(teamPlace, textView('more'), { replyTo: event.message })
    expect(world.messages(team)).toMatchObject([{ messageId: ref.messageId, text: 'done' }, { text: 'more' }])
    expect(hasToken('PATCH /channels')).toEqual([true])
  })

  test.each([10015, 10062, 50027])(
    'is answered by the channel when Discord refuses the token with %i',
    async (code) => {
      const { world, people, team, teamPlace, chat, command } = await connect()
      await world.command(people.ann, team, 'job', { gpu: 'h100' })
      const event = await command('job')
      const ref = await chat.send(teamPlace, textView('running'), { replyTo: event.message })
      world.failNext({ route: 'PATCH /webhooks', fault: { kind: 'refuse', status: 404, code, message: 'no' } })
      expect(await chat.edit(ref, textView('done'))).toBe('edited')
      expect(world.messages(team)).toMatchObject([{ messageId: ref.messageId, text: 'done' }])
    },
  )

  test('nobody answers does not think for ever', async () => {
    const { world, people, team, clock, command } = await connect()
    await world.command(people.ann, team, 'job', { gpu: 'h100' })
    await command('job')
    expect(world.messages(team)).toMatchObject([{ thinking: true }])
    const gone = world.waitFor(team, ({ event }) => event === 'deleted')
    await clock.tick(14 * 60_000)
    await gone
    expect(world.messages(team)).toEqual([])
  })

  test('a notice ends the thinking, a removal takes it away', async () => {
    const { world, people, team, chat, command } = await connect()
    await world.command(people.ann, team, 'job', { gpu: 'h100' })
    const event = await command('job')
    await chat.notice(event, 'Too many today.')
    expect(world.messages(team)).toMatchObject([{ text: 'Too many today.', thinking: false }])
    if (event.kind === 'command') expect(await chat.remove(event.message)).toBe(true)
    expect(world.messages(team)).toEqual([])
  })

  test('in private has the person as its chat, and is never hidden', async () => {
    const { world, people, chat, command } = await connect()
    await world.command(people.bob, world.dm(people.bob), 'stop', { words: 'x' })
    const event = await command('stop')
    expect(event.place).toEqual(chat.privatePlace(event.principal))
    await chat.send(event.place, textView('ok'), { replyTo: event.message })
    expect(world.messages(world.dm(people.bob))).toMatchObject([{ text: 'ok', visibleTo: undefined }])
    expect(world.calls('POST /users')).toEqual([])
  })

  test('that could not be stored says so, and nothing else', async () => {
    const { world, people, team } = await connect({
      onInbound: async () => {
        throw new Error('disk full')
      },
    })
    await world.command(people.ann, team, 'job', { gpu: 'h100' })
    await world.waitFor(team, ({ text }) => text.startsWith('I could not take this'))
  })

  test('after a former process took it, is answered in the channel', async () => {
    const { world, people, team, teamPlace, command, makeChat } = await connect()
    await world.command(people.ann, team, 'job', { gpu: 'h100' })
    const { message } = await command('job')
    const next = makeChat()
    await next.send(teamPlace, textView('after the restart'), { replyTo: message })
    expect(world.messages(team)).toMatchObject([{ thinking: true }, { text: 'after the restart' }])
    await next.stop()
  })
})

describe('a button that opens a form', () => {
  async function pressed() {
    const all = await connect()
    const { world, people, team, teamPlace, chat, event } = all
    const ref = await chat.send(teamPlace, { blocks: [], buttons: [[{ label: 'Fill in', token: FORM_TOKEN }]] })
    const outcome = world.press(people.ann, { chatId: team.id, messageId: ref.messageId }, 'Fill in')
    const press = await event(({ kind }) => kind === 'action')
    return { ...all, ref, outcome, press }
  }
  const isForm = (event: Inbound) => event.kind === 'form'

  test('shows it as the first answer; what is filled in comes back with its token', async () => {
    const { world, people, team, chat, event, ref, outcome, press } = await pressed()
    expect(await chat.askForm(press, form)).toBe(true)
    expect(await outcome).toMatchObject({ kind: 'form', modal: { title: 'What to run', custom_id: FORM_TOKEN } })
    expect(await world.submitModal(people.ann, { Image: 'pytorch:2' })).toMatchObject({ kind: 'deferredUpdate' })
    const filled = await event(isForm)
    expect(filled).toMatchObject({
      token: FORM_TOKEN,
      values: { image: 'pytorch:2', run: 'python t.py' },
      message: ref,
    })
    await chat.notice(filled, 'Kept.')
    expect(world.messages(team).at(-1)).toMatchObject({ text: 'Kept.', visibleTo: people.ann.id })
  })

  test('may be refused instead, to who pressed alone', async () => {
    const { world, people, team, chat, outcome, press } = await pressed()
    await chat.notice(press, 'Not yours.')
    expect(await outcome).toMatchObject({ kind: 'reply' })
    expect(world.messages(team).at(-1)).toMatchObject({ text: 'Not yours.', visibleTo: people.ann.id })
  })

  test('that nobody answers stops waiting; a form after that asks to press again', async () => {
    const { world, people, team, chat, clock, outcome, press } = await pressed()
    await clock.tick(2_500)
    expect(await outcome).toMatchObject({ kind: 'deferredUpdate' })
    expect(await chat.askForm(press, form)).toBe(true)
    expect(world.messages(team).at(-1)).toMatchObject({ text: /Press the button again/, visibleTo: people.ann.id })
  })
})

test('what is whispered to a press is seen by who pressed, whoever presses after them, and comes in private when it is late', async () => {
  const { world, people, team, teamPlace, chat, clock, event } = await connect()
  const ref = await chat.send(teamPlace, {
    blocks: [],
    buttons: [[{ label: 'Secrets', token: `a1:${'W'.repeat(22)}` }]],
  })
  const press = async (who: typeof people.ann) => {
    await world.press(who, { chatId: team.id, messageId: ref.messageId }, 'Secrets')
    const pressed = await event((one) => one.kind === 'action' && one.principal.userId === who.id)
    if (pressed.kind !== 'action') throw new Error('no press')
    return pressed
  }
  const byAnn = await press(people.ann)
  await press(people.bob)
  const view = { ...textView('For Ann alone.'), buttons: [[{ label: 'Open', url: 'https://necto.example/secrets/1' }]] }
  expect(await chat.whisper(byAnn, view)).toBe('here')
  expect(world.messages(team).at(-1)).toMatchObject({
    text: 'For Ann alone.',
    visibleTo: people.ann.id,
    buttons: [[{ url: 'https://necto.example/secrets/1' }]],
  })
  expect(world.messages(team, { as: people.bob }).map(({ text }) => text)).not.toContain('For Ann alone.')
  await clock.tick(15 * 60_000)
  expect(await chat.whisper(byAnn, view)).toBe('in private')
  expect(world.messages(world.dm(people.ann))).toMatchObject([{ text: 'For Ann alone.', visibleTo: undefined }])
})

test('suggestions are asked for with what is typed, and at most 25 are shown', async () => {
  const asked: unknown[] = []
  const { world, people, team, teamPlace } = await connect({
    async suggest(query) {
      asked.push(query)
      if (query.text === 'broken') throw new Error('no')
      return Array.from({ length: 40 }, (_, i) => ({ name: `H100 ${i} ${'x'.repeat(200)}`, value: `h100-${i}` }))
    },
  })
  const shown = await world.autocomplete(people.ann, team, 'job', { gpu: 'h1' }, 'gpu')
  expect(shown).toHaveLength(25)
  expect(shown?.[0]).toMatchObject({ value: 'h100-0' })
  expect(asked).toMatchObject([{ suggest: 'gpu', text: 'h1', principal: { userId: people.ann.id }, place: teamPlace }])
  expect(await world.autocomplete(people.ann, team, 'job', { gpu: 'broken' }, 'gpu')).toEqual([])
})
