// The scan's events: their order, the deadline, and what a caller gets who stops.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { createOfferCache } from './cache.ts'
import { type ScanEvent, type ScanOptions, scan } from './scan.ts'
import { createTestProvider, testAsk, testBatch } from './testMarket.ts'

const live = () => new AbortController().signal

/** Runs a scan to its end, moving the clock in steps while it waits. */
async function collect(options: Omit<ScanOptions, 'clock' | 'ask' | 'signal'> & Partial<ScanOptions>, stepMs = 10) {
  const clock = options.clock as ReturnType<typeof createManualClock>
  const events: ScanEvent[] = []
  let done = false
  const run = (async () => {
    for await (const event of scan({ ask: testAsk(), signal: live(), ...options, clock })) events.push(event)
  })().finally(() => {
    done = true
  })
  run.catch(() => undefined)
  // All that needs no time is let happen before any passes.
  for (let i = 0; i < 10_000 && !done; i++) await clock.tick(i % 2 === 0 ? 0 : stepMs)
  await run
  return events
}

const brief = (events: ScanEvent[]) =>
  events.map((event) => ('provider' in event ? `${event.kind} ${event.provider}` : event.kind))

test('AGENT-03 all are asked at once, answers come as they arrive, the late are named and the end is last', async () => {
  const clock = createManualClock(1_000)
  const providers = [
    createTestProvider({ id: 'slow', clock, answers: [{ afterMs: 900, give: testBatch('slow') }] }),
    createTestProvider({ id: 'akash', clock, answers: [{ afterMs: 400, give: testBatch('akash') }] }),
    createTestProvider({ id: 'aws-spot', clock, answers: [], missing: 'AWS_ACCESS_KEY_ID' }),
    createTestProvider({
      id: 'down',
      clock,
      answers: [{ afterMs: 50, give: new NectoError('x', 'It could not be reached.', { retry: 'later' }) }],
    }),
    createTestProvider({
      id: 'half',
      clock,
      answers: [{ afterMs: 100, give: testBatch('half', { partial: 'eu-west-1', warnings: ['2 rows'] }) }],
    }),
  ]
  const events = await collect({ providers, clock, deadlineMs: 500 })
  expect(brief(events)).toEqual([
    'started slow',
    'started akash',
    'skipped aws-spot',
    'started down',
    'started half',
    'failed down',
    'answered half',
    'answered akash',
    'late slow',
    'finished',
  ])
  expect(events[5]).toMatchObject({ name: 'DOWN', reason: 'It could not be reached.', ms: 50 })
  expect(events[6]).toMatchObject({ ms: 100, ageMs: 0, partial: 'eu-west-1', warnings: ['2 rows'] })
  expect(events[8]).toMatchObject({ ms: 500 })
  expect(events[9]).toMatchObject({
    ms: 500,
    // In the providers' order, not that of arrival.
    offers: [{ id: 'akash:one' }, { id: 'half:one' }],
    absent: [{ kind: 'late' }, { kind: 'skipped', missing: 'AWS_ACCESS_KEY_ID' }, { kind: 'failed' }],
  })
  expect(providers[0]?.stopped()).toBe(1)
})

test('a provider that breaks in an unforeseen way fails with plain words', async () => {
  const clock = createManualClock(0)
  const broken = createTestProvider({ id: 'broken', clock, answers: [{ afterMs: 0, give: new Error('secret at 0x') }] })
  const [, failed] = await collect({ providers: [broken], clock, deadlineMs: 500 })
  expect(failed).toMatchObject({ kind: 'failed', reason: 'It could not be read.' })
})

test('with nobody to ask the end comes at once', async () => {
  expect(brief(await collect({ providers: [], clock: createManualClock(0), deadlineMs: 500 }))).toEqual(['finished'])
})

describe('stopping', () => {
  const set = () => {
    const clock = createManualClock(0)
    const provider = createTestProvider({ id: 'slow', clock, answers: [{ afterMs: 900, give: testBatch('slow') }] })
    return { clock, provider, options: { providers: [provider], ask: testAsk(), clock, deadlineMs: 500 } }
  }

  test("the caller's signal ends the scan with its reason", async () => {
    const { options, provider } = set()
    const stop = new AbortController()
    const events = scan({ ...options, signal: stop.signal })
    expect((await events.next()).value).toMatchObject({ kind: 'started' })
    const next = events.next()
    stop.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
    expect(provider.stopped()).toBe(1)
    await expect(scan({ ...options, signal: stop.signal }).next()).rejects.toThrow('enough')
  })

  test('a consumer that leaves early stops the providers', async () => {
    const { options, provider } = set()
    for await (const event of scan({ ...options, signal: live() })) if (event.kind === 'started') break
    await Promise.resolve()
    expect(provider.stopped()).toBe(1)
  })

  test('with a cache a late answer is there for the next scan', async () => {
    const { options, clock, provider } = set()
    const cache = createOfferCache({ clock })
    const first = await collect({ ...options, cache })
    expect(brief(first)).toEqual(['started slow', 'late slow', 'finished'])
    await clock.tick(1_000)
    const second = await collect({ ...options, cache })
    expect(brief(second)).toEqual(['started slow', 'answered slow', 'finished'])
    expect(provider.calls()).toBe(1)
  })
})

test('PROV-08 a stale answer is marked with its age and why', async () => {
  const clock = createManualClock(0)
  const busy = new NectoError('http.busy', 'It is busy.', { retry: 'later' })
  const answers = [
    { afterMs: 10, give: testBatch('akash') },
    { afterMs: 10, give: busy },
  ]
  const provider = createTestProvider({ id: 'akash', clock, answers })
  const options = { providers: [provider], clock, deadlineMs: 500, cache: createOfferCache({ clock }) }
  await collect(options)
  await clock.tick(90_000)
  const [, stale] = await collect(options)
  expect(stale).toMatchObject({ kind: 'answered', ms: 0, ageMs: expect.any(Number) })
  expect(stale).toMatchObject({ warnings: [expect.stringMatching(/^prices are 9\d s old, being renewed$/)] })
  await clock.tick(100)
  const [, again] = await collect(options)
  expect(again).toMatchObject({ warnings: [expect.stringMatching(/could not be renewed: It is busy\.$/)] })
})

test('whatever the providers do, the events are complete, ordered and in time', async () => {
  const behaviour = fc.record({
    afterMs: fc.integer({ min: 0, max: 800 }),
    fails: fc.boolean(),
    missing: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  })
  const property = fc.asyncProperty(fc.array(behaviour, { maxLength: 6 }), async (behaviours) => {
    const clock = createManualClock(0)
    const providers = behaviours.map(({ afterMs, fails, missing }, index) => {
      const give = fails ? new Error('broken') : testBatch(`p${index}`)
      const answers = [{ afterMs, give }]
      return createTestProvider({ id: `p${index}`, clock, answers, ...(missing ? { missing: 'KEY' } : {}) })
    })
    const events = await collect({ providers, clock, deadlineMs: 500 }, 25)
    const last = events.at(-1)
    if (last?.kind !== 'finished') throw new Error('the last event is not the end')
    expect(last.ms).toBeLessThanOrEqual(500)
    const expected = behaviours.map(({ afterMs, fails, missing }) => {
      if (missing) return 'skipped'
      // At the very deadline either is right.
      if (afterMs === 500) return 'any'
      return afterMs > 500 ? 'late' : fails ? 'failed' : 'answered'
    })
    for (const [index, kind] of expected.entries()) {
      const own = events.filter((event) => 'provider' in event && event.provider === `p${index}`)
      const kinds = own.map((event) => event.kind)
      if (kind === 'skipped') expect(kinds).toEqual(['skipped'])
      else expect(kinds).toEqual(['started', kind === 'any' ? kinds[1] : kind])
    }
    const arrivals = events.filter((event) => event.kind === 'answered' || event.kind === 'failed').map((e) => e.ms)
    expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b))
    expect(last.answered.length + last.absent.length).toBe(providers.length)
    expect(last.offers).toHaveLength(last.answered.length)
  })
  await fc.assert(property, { numRuns: 50 })
})
