// The time limit: who ends a call, and that nothing is left waiting.
import { expect, test } from 'vitest'
import { createManualClock } from './clock.ts'
import { orAborted, withTimeLimit } from './timeLimit.ts'

const timeout = new Error('too slow')
const never = () => new Promise<never>(() => undefined)

test('the result passes through, and so does a failure', async () => {
  const limit = { clock: createManualClock(0), signal: new AbortController().signal, timeoutMs: 10, timeout }
  expect(await withTimeLimit(limit, async () => 7)).toBe(7)
  await expect(withTimeLimit(limit, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
})

test('work that ignores its signal is still left at the limit', async () => {
  const clock = createManualClock(0)
  const result = withTimeLimit({ clock, signal: new AbortController().signal, timeoutMs: 10, timeout }, never)
  const caught = result.catch((error) => error)
  await clock.tick(10)
  expect(await caught).toBe(timeout)
})

test("the caller's reason wins when the caller gives up first, or had before it began", async () => {
  const clock = createManualClock(0)
  const stop = new AbortController()
  const result = withTimeLimit({ clock, signal: stop.signal, timeoutMs: 10, timeout }, never).catch((error) => error)
  stop.abort(new Error('enough'))
  expect(await result).toMatchObject({ message: 'enough' })
  const again = withTimeLimit({ clock, signal: stop.signal, timeoutMs: 10, timeout }, async () => 7)
  await expect(again).rejects.toThrow('enough')
})

test('who gives up leaves the work to the others', async () => {
  const work = Promise.withResolvers<number>()
  const stop = new AbortController()
  const [left, stayed] = [orAborted(work.promise, stop.signal), orAborted(work.promise, new AbortController().signal)]
  stop.abort(new Error('enough'))
  await expect(left).rejects.toThrow('enough')
  work.resolve(7)
  expect(await stayed).toBe(7)
})
