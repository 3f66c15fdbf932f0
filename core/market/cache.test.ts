// The cache of providers' answers: age, renewal behind, one flight, and being left alone after a failure.
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { BusyError } from '../http.ts'
import { createOfferCache } from './cache.ts'
import { createTestProvider, testAsk, testBatch } from './testMarket.ts'

const live = () => new AbortController().signal
const first = testBatch('a', { warnings: ['first'] })
const second = testBatch('a', { warnings: ['second'] })
const down = new NectoError('http.unreachable', 'It could not be reached.', { retry: 'later' })

function rig(gives: (typeof first | Error)[], afterMs = 100) {
  const clock = createManualClock(1_000_000)
  const answers = gives.map((give) => ({ afterMs, give }))
  const provider = createTestProvider({ id: 'a', clock, answers, cacheKey: () => 'all' })
  const cache = createOfferCache({ clock })
  const ask = async (signal = live()) => {
    const result = cache.offers(provider, testAsk(), signal)
    result.catch(() => undefined)
    await clock.tick(afterMs)
    return result
  }
  return { clock, provider, cache, ask }
}

describe('PROV-08', () => {
  test('under a minute the answer is served as it is, with its age', async () => {
    const { ask, clock, provider } = rig([first, second])
    expect(await ask()).toEqual({ batch: first, ageMs: 0 })
    await clock.tick(59_000 - 100)
    expect(await ask()).toEqual({ batch: first, ageMs: 58_900 })
    expect(provider.calls()).toBe(1)
  })

  test('an older answer is served at once, marked, and renewed behind', async () => {
    const { ask, clock, cache, provider } = rig([first, second])
    await ask()
    await clock.tick(60_000)
    // Served without the clock moving: nobody waits for the renewal.
    expect(await cache.offers(provider, testAsk(), live())).toEqual({
      batch: first,
      ageMs: 60_000,
      stale: 'being renewed',
    })
    await clock.tick(100)
    expect(await ask()).toMatchObject({ batch: second, ageMs: 0 })
    expect(provider.calls()).toBe(2)
  })

  test('what was answered lately is told without asking anybody', async () => {
    const { ask, clock, cache, provider } = rig([first, down])
    expect(cache.recent(60_000)).toEqual([])
    await ask()
    expect(cache.recent(60_000)).toEqual([{ batch: first, atMs: 1_000_100 }])
    await clock.tick(60_000)
    await ask()
    expect(cache.recent(60_000)).toEqual([])
    // A renewal that failed leaves what there was.
    expect(cache.recent(61_000)).toHaveLength(1)
    expect(provider.calls()).toBe(2)
  })

  test('an answer too old to serve is waited for', async () => {
    const { ask, clock } = rig([first, second])
    await ask()
    await clock.tick(15 * 60_000)
    expect(await ask()).toEqual({ batch: second, ageMs: 0 })
  })

  test('many askers at once make one flight', async () => {
    const { cache, clock, provider } = rig([first])
    const all = Array.from({ length: 20 }, () => cache.offers(provider, testAsk(), live()))
    await clock.tick(100)
    expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, () => ({ batch: first, ageMs: 0 })))
    expect(provider.calls()).toBe(1)
  })

  test('an asker that leaves does not end the flight for the others', async () => {
    const { cache, clock, provider } = rig([first])
    const stop = new AbortController()
    const leaving = cache.offers(provider, testAsk(), stop.signal).catch((error) => error)
    const staying = cache.offers(provider, testAsk(), live())
    stop.abort(new Error('enough'))
    await clock.tick(100)
    expect(await leaving).toMatchObject({ message: 'enough' })
    expect(await staying).toMatchObject({ batch: first })
    expect(provider.stopped()).toBe(0)
  })

  test('a flight that never lands ends at its limit', async () => {
    const { cache, clock, provider } = rig([first], 999_999)
    const result = cache.offers(provider, testAsk(), live()).catch((error) => error)
    await clock.tick(30_000)
    expect(await result).toMatchObject({ code: 'market.timeout', retry: 'later' })
    expect(provider.stopped()).toBe(1)
  })
})

describe('failures', () => {
  test('the last good answer stays, with what went wrong', async () => {
    const { ask, clock } = rig([first, down])
    await ask()
    await clock.tick(120_000)
    await ask()
    expect(await ask()).toMatchObject({ batch: first, stale: 'could not be renewed: It could not be reached.' })
  })

  test('without one the failure is thrown, and the provider left alone a little longer each time', async () => {
    const { ask, clock, provider } = rig([down])
    await expect(ask()).rejects.toBe(down)
    await expect(ask()).rejects.toBe(down)
    expect(provider.calls()).toBe(1)
    await clock.tick(2_000)
    await expect(ask()).rejects.toBe(down)
    await clock.tick(2_000)
    await expect(ask()).rejects.toBe(down)
    expect(provider.calls()).toBe(2)
    await clock.tick(2_000)
    await expect(ask()).rejects.toBe(down)
    expect(provider.calls()).toBe(3)
  })

  test('Retry-After is honoured', async () => {
    const { ask, clock, provider } = rig([new BusyError(30_000, ''), first])
    await expect(ask()).rejects.toMatchObject({ code: 'http.busy' })
    await clock.tick(29_000)
    await expect(ask()).rejects.toMatchObject({ code: 'http.busy' })
    expect(provider.calls()).toBe(1)
    await clock.tick(1_000)
    expect(await ask()).toMatchObject({ batch: first })
  })
})

describe('keys', () => {
  const asked = async (cacheKey: ReturnType<typeof createTestProvider>['cacheKey']) => {
    const clock = createManualClock(0)
    const answers = [{ afterMs: 0, give: first }]
    const provider = createTestProvider({ id: 'a', clock, answers, ...(cacheKey ? { cacheKey } : {}) })
    const cache = createOfferCache({ clock })
    await cache.offers(provider, testAsk(), live())
    await cache.offers(provider, testAsk(), live())
    await cache.offers(provider, testAsk({ gpuCount: 2 }), live())
    return provider.calls()
  }

  test('without a key of its own a provider shares between equal asks only', async () => {
    expect(await asked(undefined)).toBe(2)
  })
  test('a constant key shares between all', async () => {
    expect(await asked(() => 'all')).toBe(1)
  })
  test('no key means never cached', async () => {
    expect(await asked(() => undefined)).toBe(3)
  })
})
