// Tasks that stand or fall together.
import { describe, expect, test } from 'vitest'
import { runTogether } from './runTogether.ts'

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

describe('runTogether', () => {
  test('ends when each has ended after the signal', async () => {
    const stop = new AbortController()
    const running = runTogether(stop.signal, [untilAborted, untilAborted])
    stop.abort()
    await expect(running).resolves.toBeUndefined()
  })

  test('what one throws ends the others, and is thrown when they have ended', async () => {
    const ended: string[] = []
    const slow = async (signal: AbortSignal) => {
      await untilAborted(signal)
      await new Promise((resolve) => setImmediate(resolve))
      ended.push('slow')
      throw new Error('only because the other failed')
    }
    const failing = async () => {
      throw new Error('the chain took back a block')
    }
    await expect(runTogether(new AbortController().signal, [slow, failing])).rejects.toThrow('took back')
    expect(ended).toEqual(['slow'])
  })
})
