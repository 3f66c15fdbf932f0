// The whole chat side over the real wire: inbox, live message and buttons against Telegram's limits and redeliveries.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { actionTokens, createActions, REFUSAL_TEXTS } from '../chat/actions.ts'
import { PACES } from '../chat/chatBudget.ts'
import type { Inbound } from '../chat/inbound.ts'
import { createInbox, inboxEvents } from '../chat/inbox.ts'
import { createLiveMessages } from '../chat/liveMessage.ts'
import { textView } from '../chat/view.ts'
import { connectTelegram } from './testTelegram.ts'

let telegram: Awaited<ReturnType<typeof connectTelegram>>
let live: ReturnType<typeof createLiveMessages>
let inbox: ReturnType<typeof createInbox>
let handle: (event: Inbound) => Promise<void>
const store = () => ({
  events: createMemoryStore().collection(inboxEvents),
  tokens: createMemoryStore().collection(actionTokens),
})
let collections: ReturnType<typeof store>

beforeEach(async () => {
  collections = store()
  handle = async () => {}
  telegram = await connectTelegram({ onInbound: (event) => inbox.accept(event) })
  const { chat } = telegram
  live = createLiveMessages({ port: chat, clock: systemClock, log: silentLog, budgets: PACES })
  inbox = createInbox({
    collection: collections.events,
    clock: systemClock,
    log: silentLog,
    handle: (event) => handle(event),
    tell: (event, text) => chat.notice(event, text),
    findSecret: (text) => /0x[0-9a-f]{64}/.test(text),
    async onSecret(event) {
      if (event.kind !== 'action') await chat.remove(event.message)
      await chat.notice(event, 'That looked like a key.')
    },
  })
  await inbox.start()
  await chat.start()
})
afterEach(async () => {
  await telegram.chat.stop()
  await inbox.stop({ graceMs: 1_000 })
  await live.close()
  await telegram.world.stop()
})

test('AGENT-03: a job is one message; through a rate limit its last state still arrives, and nothing else was shown late', async () => {
  const { world, people, team } = telegram
  handle = async (event) => {
    const ref = await live.open(event.place, textView('Scanning…'))
    world.failNext({ method: 'editMessageText', fault: { kind: 'tooManyRequests', retryAfterSeconds: 1 } })
    for (let i = 1; i <= 50; i++) live.update(ref, textView(`step ${i}`))
    await live.finish(ref, textView('Akash wins'))
  }
  world.command(people.ann, team, '/job')
  await world.waitFor(team, (entry) => entry.text === 'Akash wins')
  const shown = world.transcript(team).filter((entry) => entry.fromBot)
  expect(shown.map((entry) => [entry.event, entry.text])).toEqual([
    ['sent', 'Scanning…'],
    ['edited', 'Akash wins'],
  ])
})

test('MODE-02: an update delivered again is not handled again, and its document names nobody', async () => {
  const { world, people, team, command } = telegram
  let handled = 0
  handle = async (event) => {
    if (event.kind === 'command' && event.name === 'job') handled++
  }
  world.command(people.ann, team, '/job ghcr.io/acme/train')
  const { key } = await command('job')
  world.redeliver()
  world.command(people.ann, team, '/sync')
  await command('sync')
  await telegram.chat.stop()
  await inbox.stop()
  expect(handled).toBe(1)
  const doc = await collections.events.get(key)
  expect(Object.keys(doc?.value ?? {})).toEqual(['handledAtMs'])
})

test('a key pasted into a chat is deleted there and stored nowhere', async () => {
  const { world, people, team } = telegram
  world.setAdmin(team, { by: people.ann })
  world.command(people.bob, team, `/job key=0x${'ab'.repeat(32)}`)
  await world.waitFor(team, (entry) => entry.text === 'That looked like a key.')
  expect(world.messages(team).some((message) => message.text.includes('0xab'))).toBe(false)
  expect(await collections.events.list()).toEqual([])
})

test('a handler that breaks tells the person where they asked', async () => {
  const { world, people, team } = telegram
  handle = async () => {
    throw new TypeError('broken')
  }
  const { messageId } = world.command(people.ann, team, '/job')
  await world.waitFor(team, (entry) => /^Something broke on our side\. \(reference \S+\)$/.test(entry.text))
  expect(world.messages(team).at(-1)?.replyToId).toBe(messageId)
})

test('a button works once, for its person', async () => {
  const { world, people, team, chat, teamPlace } = telegram
  const actions = createActions({ collection: collections.tokens, clock: systemClock, holdsRole: async () => false })
  handle = async (event) => {
    if (event.kind !== 'action') return
    const taken = await actions.take(event)
    await chat.notice(event, taken.ok ? 'Cancelled.' : REFUSAL_TEXTS[taken.why])
  }
  const token = await actions.issue({
    action: 'job.cancel',
    subject: 'K7QF-3M2P',
    data: {},
    allowed: { kind: 'user', platform: 'telegram', userId: '42' },
    place: teamPlace,
    expiresAtMs: systemClock.now() + 60_000,
  })
  const ref = await chat.send(teamPlace, { blocks: [], buttons: [[{ label: 'Cancel', token }]] })
  const message = { chatId: team.id, messageId: Number(ref.messageId) }
  expect((await world.press(people.bob, message, 'Cancel')).text).toBe(REFUSAL_TEXTS['not-yours'])
  const presses = await Promise.all([1, 2, 3].map(() => world.press(people.ann, message, 'Cancel')))
  expect(presses.map(({ text }) => text).sort()).toEqual(['Cancelled.', REFUSAL_TEXTS.used, REFUSAL_TEXTS.used])
})
