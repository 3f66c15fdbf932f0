// The clock: sleeping, waking, being stopped.
import { describe, expect, test } from 'vitest'
import { createManualClock, systemClock, timerSteps } from './clock.ts'

describe('the clock', () => {
  test('moves only when told, wakes sleepers in order, and lets a signal end a sleep', async () => {
    const clock = createManualClock(1_000)
    const woken: string[] = []
    void clock.sleep(200).then(() => woken.push(`b at ${clock.now()}`))
    void clock.sleep(100).then(() => woken.push(`a at ${clock.now()}`))
    const stop = new AbortController()
    const stopped = clock.sleep(50, stop.signal)
    stop.abort(new Error('enough'))
    await expect(stopped).rejects.toThrow('enough')
    await clock.tick(99)
    expect(woken).toEqual([])
    await clock.tick(101)
    expect(woken).toEqual(['a at 1100', 'b at 1200'])
  })
  test('a wait longer than a timer can hold is cut in pieces', () => {
    const longest = 2 ** 31 - 1
    expect(timerSteps(0)).toEqual([0])
    expect(timerSteps(longest - 1)).toEqual([longest - 1])
    expect(timerSteps(60 * 86_400_000)).toEqual([longest, longest, 60 * 86_400_000 - 2 * longest])
  })
  test('the machine’s own ends a sleep on a signal too', async () => {
    const stop = new AbortController()
    const sleeping = systemClock.sleep(60_000, stop.signal)
    stop.abort(new Error('enough'))
    await expect(sleeping).rejects.toThrow('enough')
    await expect(systemClock.sleep(1, stop.signal)).rejects.toThrow('enough')
  })
})
