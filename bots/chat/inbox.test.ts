// Events are handled once, in order, across crashes; nobody stays in the store afterwards.
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import { createLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import type { Inbound } from './inbound.ts'
import { createInbox, inboxEvents } from './inbox.ts'
import { alice, group } from './testPort.ts'

const command = (id: number, more: { text?: string; chatId?: string } = {}): Inbound => {
  const place = { ...group, chatId: more.chatId ?? group.chatId }
  const message = { platform: 'telegram' as const, chatId: place.chatId, messageId: String(id), isPrivate: false }
  return { kind: 'command', key: `tg:${id}`, principal: alice, place, name: 'job', text: more.text ?? '', message }
}

function setUp(store = createMemoryStore()) {
  const clock = createManualClock(1_700_000_000_000)
  const handled: string[] = []
  const told: string[] = []
  const secrets: Inbound[] = []
  const lines: string[] = []
  const handlers = new Map<string, (signal: AbortSignal) => Promise<void>>()
  const collection = store.collection(inboxEvents)
  const inbox = createInbox({
    collection,
    clock,
    log: createLog({ redact: (text) => text, write: (line) => lines.push(line) }),
    async handle(inbound, signal) {
      handled.push(inbound.key)
      await handlers.get(inbound.key)?.(signal)
    },
    tell: async (_, text) => {
      told.push(text)
    },
    findSecret: (text) => text.includes('0xsecret'),
    onSecret: async (inbound) => {
      secrets.push(inbound)
    },
  })
  /** Lets everything that waits for nothing outside run. */
  const settle = () => clock.tick(0).then(() => clock.tick(0))
  return { clock, store, collection, inbox, handled, told, secrets, lines, handlers, settle }
}

/** A handler that waits until told to go on. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, wait: () => opened }
}

describe('inbox', () => {
  test('MODE-02: an event is handled once, and afterwards its document holds the time alone', async () => {
    const { inbox, collection, handled, settle, clock } = setUp()
    await inbox.accept(command(1, { text: 'ghcr.io/acme/train' }))
    await settle()
    await inbox.accept(command(1, { text: 'ghcr.io/acme/train' }))
    await settle()
    expect(handled).toEqual(['tg:1'])
    expect((await collection.get('tg:1'))?.value).toEqual({ handledAtMs: clock.now() })
  })

  test('the same event delivered ten times at once is handled once', async () => {
    const { inbox, handled, settle } = setUp()
    await Promise.all(Array.from({ length: 10 }, () => inbox.accept(command(1))))
    await settle()
    expect(handled).toEqual(['tg:1'])
  })

  test('a chat waits for its own events only', async () => {
    const { inbox, handled, handlers, settle } = setUp()
    const slow = gate()
    handlers.set('tg:1', slow.wait)
    for (const event of [command(1), command(2), command(3, { chatId: '-200' })]) await inbox.accept(event)
    await settle()
    expect(handled).toEqual(['tg:1', 'tg:3'])
    slow.open()
    await settle()
    expect(handled).toEqual(['tg:1', 'tg:3', 'tg:2'])
  })

  test('what a crash left is handled after the restart, in order of arrival', async () => {
    const before = setUp()
    before.handlers.set('tg:9', () => new Promise(() => {}))
    for (const id of [9, 10, 11, 100]) await before.inbox.accept(command(id))
    await before.settle()
    expect(before.handled).toEqual(['tg:9'])
    const after = setUp(before.store)
    await after.inbox.start()
    await after.settle()
    expect(after.handled).toEqual(['tg:9', 'tg:10', 'tg:11', 'tg:100'])
    expect((await after.collection.list({ index: 'state', key: 'waiting' })).length).toBe(0)
  })

  test('an event that kills the process twice is not tried a third time, and the person hears of it', async () => {
    const first = setUp()
    first.handlers.set('tg:1', () => new Promise(() => {}))
    await first.inbox.accept(command(1))
    await first.settle()
    const second = setUp(first.store)
    second.handlers.set('tg:1', () => new Promise(() => {}))
    await second.inbox.start()
    await second.settle()
    const third = setUp(first.store)
    await third.inbox.start()
    await third.settle()
    expect([first.handled, second.handled, third.handled]).toEqual([['tg:1'], ['tg:1'], []])
    expect(third.told).toHaveLength(1)
    expect((await third.collection.get('tg:1'))?.value).toHaveProperty('handledAtMs')
  })

  test('a fault of ours is logged with a reference, told in one line and not repeated', async () => {
    const { inbox, handled, handlers, told, lines, settle } = setUp()
    handlers.set('tg:1', async () => {
      throw new TypeError('x is undefined')
    })
    await inbox.accept(command(1))
    await settle()
    expect(handled).toEqual(['tg:1'])
    const reference = /\(reference ([0-9A-Z-]{9})\)$/.exec(told[0] ?? '')?.[1]
    expect(told).toEqual([`Something broke on our side. (reference ${reference})`])
    expect(lines.join('')).toContain(`"reference":"${reference}"`)
    expect(lines.join('')).toContain('x is undefined')
    expect(lines.join('')).not.toContain('alice')
  })

  test('an error that may pass is tried once more, then told in its own words', async () => {
    const { clock, inbox, handled, handlers, told, settle } = setUp()
    handlers.set('tg:1', async () => {
      throw new NectoError('zerog.slow', '0G does not answer.', { retry: 'later' })
    })
    await inbox.accept(command(1))
    await settle()
    expect(told).toEqual([])
    await clock.tick(1_000)
    await settle()
    expect(handled).toEqual(['tg:1', 'tg:1'])
    expect(told[0]).toMatch(/^0G does not answer\. \(reference /)
  })

  test('an event with a secret is never stored; who sent it is dealt with, without the text', async () => {
    const { inbox, collection, handled, secrets, settle } = setUp()
    await inbox.accept(command(1, { text: 'image key=0xsecret' }))
    await settle()
    expect(await collection.list()).toEqual([])
    expect(handled).toEqual([])
    expect(secrets).toEqual([command(1)])
  })

  test('stop waits for the handler at work; what comes later is refused for redelivery', async () => {
    const { inbox, handlers, collection, settle } = setUp()
    const slow = gate()
    handlers.set('tg:1', slow.wait)
    await inbox.accept(command(1))
    await settle()
    const stopped = inbox.stop()
    await expect(inbox.accept(command(2))).rejects.toMatchObject({ code: 'inbox.closed', retry: 'later' })
    slow.open()
    await stopped
    expect((await collection.get('tg:1'))?.value).toHaveProperty('handledAtMs')
    expect(await collection.get('tg:2')).toBeUndefined()
  })

  test('a handler that takes too long is told to stop, and its event waits for the next start', async () => {
    const { clock, inbox, handlers, told, store, settle } = setUp()
    handlers.set(
      'tg:1',
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    await inbox.accept(command(1))
    await inbox.accept(command(2))
    await settle()
    const stopped = inbox.stop({ graceMs: 5_000 })
    await settle()
    await clock.tick(5_000)
    await stopped
    expect(told).toEqual([])
    const after = setUp(store)
    await after.inbox.start()
    await after.settle()
    expect(after.handled).toEqual(['tg:1', 'tg:2'])
  })

  test('sweep forgets ids a week after they were handled', async () => {
    const { clock, inbox, collection, settle } = setUp()
    await inbox.accept(command(1))
    await settle()
    await clock.tick(7 * 24 * 3_600_000)
    await inbox.sweep()
    expect((await collection.list()).length).toBe(1)
    await clock.tick(1)
    await inbox.sweep()
    expect(await collection.list()).toEqual([])
  })
})
