// One message edited in place: what people see, how often it is edited, and that the end always arrives.
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import { PACES, type Paces } from './chatBudget.ts'
import { createLiveMessages } from './liveMessage.ts'
import { createTestPort, group } from './testPort.ts'
import { textView } from './view.ts'

// A channel's own limit; an answer by an interaction's token may be edited oftener.
const DISCORD_CHANNEL = { calls: 5, windowMs: 5_000, retrySeconds: 5 }
const TELEGRAM_GROUP = { calls: 20, windowMs: 60_000, retrySeconds: 30 }

function setUp(options: { limit?: typeof TELEGRAM_GROUP; budgets?: Paces } = {}) {
  const clock = createManualClock(1_700_000_000_000)
  const chat = createTestPort({ clock, ...(options.limit ? { limit: options.limit } : {}) })
  const live = createLiveMessages({ port: chat.port, clock, log: silentLog, budgets: options.budgets ?? PACES })
  const open = async (text: string) => {
    const ref = live.open(group, textView(text))
    await clock.tick(0)
    return ref
  }
  /** Lets what was just asked for begin, then moves the clock. */
  const pass = async (ms: number) => {
    await clock.tick(0)
    await clock.tick(ms)
  }
  return { clock: { ...clock, tick: pass }, chat, live, open }
}

const busy = (seconds: number) => new NectoError('chat.busy', 'busy', { retry: 'later', details: String(seconds) })
const failed = (retry: 'never' | 'later' | 'unknown') => new NectoError('chat.failed', 'failed', { retry })

describe('live message (AGENT-03, BUYER-03)', () => {
  // A group that takes 5 calls per 15 s, and the same load at several paces. Pacing is what keeps the end visible.
  const unpaced = (intervalMs: number) => ({
    burst: 1_000,
    refillMs: 1,
    reserve: 0,
    intervals: [{ fromAgeMs: 0, intervalMs }],
  })
  const strict = { calls: 5, windowMs: 15_000, retrySeconds: 3 }
  test.each([
    { name: 'no interval', pace: unpaced(0), limit: strict, limited: true },
    { name: '500 ms', pace: unpaced(500), limit: strict, limited: true },
    {
      name: '3 s and a budget',
      pace: { ...unpaced(3_000), burst: 5, refillMs: 4_000, reserve: 2 },
      limit: strict,
      limited: false,
    },
    { name: 'the pace for Telegram groups', pace: PACES.telegramGroup, limit: TELEGRAM_GROUP, limited: false },
    { name: 'the pace for Discord', pace: PACES.discord, limit: DISCORD_CHANNEL, limited: false },
  ])('60 updates in 6 s: $name', async ({ pace, limit, limited }) => {
    const { clock, chat, live, open } = setUp({ limit, budgets: { ...PACES, telegramGroup: pace } })
    const ref = await open('start')
    for (let i = 1; i <= 60; i++) {
      live.update(ref, textView(`step ${i}`))
      await clock.tick(100)
    }
    const endedMs = clock.now()
    const done = live.finish(ref, textView('done'))
    await clock.tick(60_000)
    await done
    expect(chat.shown.get(ref.messageId)).toBe('done')
    const shownAfterMs = (chat.calls.at(-1)?.atMs ?? 0) - endedMs
    if (limited) {
      expect(chat.count('limited')).toBeGreaterThan(0)
      expect(shownAfterMs).toBeGreaterThan(1_000)
    } else {
      expect(chat.count('limited')).toBe(0)
      expect(chat.count('edit')).toBeLessThanOrEqual(pace.burst + 2)
      expect(shownAfterMs).toBe(0)
    }
  })

  test('an hour of updates each second never meets the limit of a group', async () => {
    const { clock, chat, live, open } = setUp({ limit: TELEGRAM_GROUP })
    const ref = await open('start')
    for (let i = 1; i <= 3_600; i++) {
      live.update(ref, textView(`second ${i}`))
      await clock.tick(1_000)
    }
    expect(chat.count('limited')).toBe(0)
    const gaps = chat.calls.map((call, i) => call.atMs - (chat.calls[i - 1]?.atMs ?? call.atMs))
    expect(Math.min(...gaps.slice(-20))).toBeGreaterThanOrEqual(30_000)
  })

  test('the latest state wins and an unchanged one is not sent', async () => {
    const { clock, chat, live, open } = setUp()
    const ref = await open('a')
    live.update(ref, textView('b'))
    live.update(ref, textView('c'))
    await clock.tick(3_000)
    live.update(ref, textView('d'))
    live.update(ref, textView('c'))
    await clock.tick(60_000)
    expect(chat.calls.map((call) => call.text)).toEqual(['a', 'c'])
  })

  test('a rate limit holds the whole chat and no other', async () => {
    const { clock, chat, live, open } = setUp()
    const [first, second] = [await open('first'), await open('second')]
    const elsewhere = { ...group, chatId: '-200' }
    chat.fail(busy(100))
    live.update(first, textView('first 2'))
    await clock.tick(3_000)
    live.update(second, textView('second 2'))
    const other = live.open(elsewhere, textView('other'))
    await clock.tick(90_000)
    expect(chat.shown.get((await other).messageId)).toBe('other')
    expect(chat.shown.get(second.messageId)).toBe('second')
    live.update(first, textView('first 3'))
    await clock.tick(20_000)
    expect(chat.shown.get(first.messageId)).toBe('first 3')
    expect(chat.shown.get(second.messageId)).toBe('second 2')
    expect(chat.calls.some((call) => call.kind === 'edit' && call.text === 'first 2')).toBe(false)
  })

  test('an answer that somebody waits for does not wait for an old message’s pace; what follows does again', async () => {
    const { clock, chat, live, open } = setUp()
    const ref = await open('form')
    await clock.tick(700_000)
    live.update(ref, textView('progress'))
    await clock.tick(0)
    live.update(ref, textView('answer'), { isAnswer: true })
    await clock.tick(0)
    live.update(ref, textView('answer 2'), { isAnswer: true })
    await clock.tick(0)
    live.update(ref, textView('later progress'))
    await clock.tick(1_000)
    expect([...chat.shown.values()]).toEqual(['answer 2'])
    await clock.tick(45_000)
    expect([...chat.shown.values()]).toEqual(['later progress'])
  })

  test('finish passes the interval, uses the reserve and is not overwritten afterwards', async () => {
    const { clock, chat, live, open } = setUp()
    const ref = await open('start')
    live.post(group, textView('x'))
    live.post(group, textView('y'))
    await clock.tick(0)
    expect(chat.count('send')).toBe(3)
    live.update(ref, textView('never shown'))
    const done = live.finish(ref, textView('done'))
    await clock.tick(0)
    expect(await done).toEqual(ref)
    live.update(ref, textView('late progress'))
    await clock.tick(120_000)
    expect(chat.shown.get(ref.messageId)).toBe('done')
    expect(chat.calls.map((call) => call.text)).not.toContain('never shown')
  })

  test('finish outlasts holds of minutes and network faults', async () => {
    const { clock, chat, live, open } = setUp()
    const ref = await open('start')
    chat.fail(busy(245), failed('unknown'), busy(126), failed('later'))
    const done = live.finish(ref, textView('done'))
    await clock.tick(500_000)
    await done
    expect(chat.shown.get(ref.messageId)).toBe('done')
  })

  test('after a hold the final state goes first, and progress that came meanwhile does not replace it', async () => {
    const { clock, chat, live, open } = setUp()
    const ref = await open('start')
    chat.fail(busy(50))
    live.post(group, textView('chatter 1'))
    live.post(group, textView('chatter 2'))
    await clock.tick(0)
    const done = live.finish(ref, textView('done'))
    live.update(ref, textView('late progress'))
    await clock.tick(120_000)
    await done
    const sent = chat.calls.filter((call) => call.kind !== 'limited' && call.kind !== 'failed').map((call) => call.text)
    expect(sent.slice(0, 2)).toEqual(['start', 'done'])
    expect(sent.slice(2).sort()).toEqual(['chatter 1', 'chatter 2'])
    expect(chat.shown.get(ref.messageId)).toBe('done')
  })

  test('a state that is refused while the final one already waits does not take it along', async () => {
    const { clock, chat, live, open } = setUp()
    const ref = await open('start')
    await clock.tick(5_000)
    const network = Promise.withResolvers<void>()
    chat.delayUntil(network.promise)
    chat.fail(new NectoError('chat.refused', 'refused'))
    live.update(ref, textView('refused'))
    await clock.tick(0)
    const done = live.finish(ref, textView('done'))
    network.resolve()
    await clock.tick(0)
    expect(await done).toEqual(ref)
    expect(chat.shown.get(ref.messageId)).toBe('done')
  })

  test('finish posts afresh when the message is gone, and waits for its turn with that too', async () => {
    const { clock, chat, live, open } = setUp()
    const ref = await open('start')
    chat.shown.delete(ref.messageId)
    const done = live.finish(ref, textView('done'))
    await clock.tick(0)
    const where = await done
    expect(where.messageId).not.toBe(ref.messageId)
    expect(chat.shown.get(where.messageId)).toBe('done')
  })

  test('an update to a deleted message is given up quietly', async () => {
    const { clock, chat, live, open } = setUp()
    const ref = await open('start')
    chat.shown.delete(ref.messageId)
    for (const text of ['one', 'two', 'three']) {
      live.update(ref, textView(text))
      await clock.tick(20_000)
    }
    expect(chat.count('edit')).toBe(1)
  })

  test('after a restart a stored ref goes on, and its final state is sent once', async () => {
    const before = setUp()
    const ref = await before.open('start')
    await before.live.close()
    const { clock, chat } = before
    const live = createLiveMessages({ port: chat.port, clock, log: silentLog, budgets: PACES })
    live.update(ref, textView('again'))
    await clock.tick(0)
    expect(chat.shown.get(ref.messageId)).toBe('again')
    const [one, two] = [live.finish(ref, textView('done')), live.finish(ref, textView('done'))]
    await clock.tick(10_000)
    expect(await one).toEqual(await two)
    expect(chat.calls.filter((call) => call.text === 'done').length).toBe(1)
  })

  test('a post that cannot arrive is rejected at once, one that may pass later is repeated', async () => {
    const { clock, chat, live } = setUp()
    chat.fail(new NectoError('chat.unreachable', 'press Start first'))
    const refused = expect(live.post(group, textView('a'))).rejects.toMatchObject({ code: 'chat.unreachable' })
    await clock.tick(0)
    await refused
    chat.fail(failed('later'), failed('later'))
    const repeated = live.post(group, textView('b'))
    await clock.tick(10_000)
    expect(chat.shown.get((await repeated).messageId)).toBe('b')
    chat.fail(failed('unknown'))
    const unsure = expect(live.post(group, textView('c'))).rejects.toMatchObject({ retry: 'unknown' })
    await clock.tick(60_000)
    await unsure
    expect([...chat.shown.values()]).toEqual(['b'])
  })

  test('posts keep their order; urgent ones go first', async () => {
    const { clock, chat, live } = setUp({ budgets: { ...PACES, telegramGroup: { ...PACES.telegramGroup, burst: 5 } } })
    for (const text of ['1', '2', '3', '4', '5']) live.post(group, textView(text))
    await clock.tick(0)
    live.post(group, textView('must act'), { urgent: true })
    await clock.tick(60_000)
    expect(chat.calls.map((call) => call.text)).toEqual(['1', '2', '3', 'must act', '4', '5'])
  })

  test('close tells who waits that it was not sent', async () => {
    const { clock, chat, live, open } = setUp()
    const ref = await open('start')
    chat.fail(busy(100))
    const done = expect(live.finish(ref, textView('done'))).rejects.toMatchObject({
      code: 'chat.closing',
      retry: 'later',
    })
    await clock.tick(0)
    const posted = expect(live.post(group, textView('p'))).rejects.toMatchObject({ code: 'chat.closing' })
    await live.close()
    await Promise.all([done, posted])
    await expect(live.post(group, textView('q'))).rejects.toMatchObject({ code: 'chat.closing' })
    live.update(ref, textView('too late'))
    await clock.tick(1_000_000)
    expect(chat.shown.get(ref.messageId)).toBe('start')
  })
})
