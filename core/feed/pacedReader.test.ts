// The paced reader: how long an answer is fresh, one flight for all, and being left alone after a failure.
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { BusyError } from '../http.ts'
import { createPacedReader } from './pacedReader.ts'

const live = () => new AbortController().signal
const down = new NectoError('http.unreachable', 'It could not be reached.', { retry: 'later' })

/** Reads give the next of `gives` (the last for ever) after 100 ms, or hang. */
function rig(gives: (number | Error | 'hang')[]) {
  const clock = createManualClock(1_000_000)
  let calls = 0
  const failures: number[] = []
  const read = createPacedReader<number>({
    clock,
    freshMs: 20_000,
    timeoutMs: 4_000,
    read: async (signal) => {
      const give = gives[Math.min(calls++, gives.length - 1)] ?? 'hang'
      if (give === 'hang') return new Promise<never>(() => undefined)
      await clock.sleep(100, signal)
      if (give instanceof Error) throw give
      return give
    },
    onFailure: (_, pauseMs) => failures.push(pauseMs),
  })
  async function ask(signal = live()) {
    const result = read(signal)
    result.catch(() => undefined)
    await clock.tick(100)
    return result
  }
  return { clock, read, ask, failures, calls: () => calls }
}

describe('FEED-02', () => {
  test('fresh for 20 s to the millisecond, then asked again', async () => {
    const { ask, clock, read, calls } = rig([1, 2])
    expect(await ask()).toBe(1)
    await clock.tick(19_999)
    expect(await read(live())).toBe(1)
    expect(calls()).toBe(1)
    await clock.tick(1)
    expect(await ask()).toBe(2)
    expect(calls()).toBe(2)
  })

  test('all who ask at once share one flight, and one who leaves does not end it', async () => {
    const { clock, read, calls } = rig([1])
    const stop = new AbortController()
    const [left, ...stayed] = [read(stop.signal), read(live()), read(live())]
    stop.abort(new Error('enough'))
    await expect(left).rejects.toThrow('enough')
    await clock.tick(100)
    expect(await Promise.all(stayed)).toEqual([1, 1])
    expect(calls()).toBe(1)
  })

  test('a flight has a time limit, also when the read does not heed its signal', async () => {
    const { clock, read } = rig(['hang', 7])
    const result = read(live()).catch((error: unknown) => error)
    await clock.tick(4_000)
    expect(await result).toMatchObject({ code: 'feed.timeout', retry: 'later' })
  })

  test('a clock that was set back makes nothing fresh', async () => {
    let nowMs = 50_000
    let calls = 0
    const clock = { now: () => nowMs, sleep: () => new Promise<void>(() => undefined) }
    const read = createPacedReader({ clock, freshMs: 20_000, timeoutMs: 1, read: async () => ++calls })
    await read(live())
    nowMs = 1_000
    expect(await read(live())).toBe(2)
  })
})

describe('after a failure', () => {
  test('not asked again before the time that the service named', async () => {
    const { ask, clock, read, calls, failures } = rig([new BusyError(30_000, '429'), 2])
    await expect(ask()).rejects.toBeInstanceOf(BusyError)
    await clock.tick(29_999)
    await expect(read(live())).rejects.toBeInstanceOf(BusyError)
    expect(calls()).toBe(1)
    await clock.tick(1)
    expect(await ask()).toBe(2)
    expect(failures).toEqual([30_000])
  })

  test('else two seconds, doubling up to a minute; a success begins anew', async () => {
    const { ask, clock, failures, calls } = rig([down, down, down, down, down, down, down, 1, down])
    for (let i = 0; i < 7; i++) {
      await ask().catch(() => undefined)
      await clock.tick(failures.at(-1) ?? 0)
    }
    expect(failures).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
    expect(await ask()).toBe(1)
    await clock.tick(20_000)
    await ask().catch(() => undefined)
    expect(failures.at(-1)).toBe(2_000)
    expect(calls()).toBe(9)
  })
})
