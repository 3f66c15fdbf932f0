// Works on every document in a state, now and as they come: the loop around each task of the keeper and the bots.
import type { Clock } from '../clock.ts'
import { errorText } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Collection, Stored } from './store.ts'

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 30_000

/**
 * Calls `work` for each document that `wants` accepts: those here already, then each as it changes. One call at a time
 * per document; a change during a call leads to another call. `work` answers in how many ms to look again without a
 * change, or undefined. What it throws is logged and tried again, ever later. Resolves when the signal aborts and the
 * calls under way have ended.
 */
export async function workOn<T>(options: {
  name: string
  collection: Collection<T>
  wants(value: T): boolean
  work(doc: Stored<T>, signal: AbortSignal): Promise<number | undefined>
  clock: Clock
  log: Log
  signal: AbortSignal
}): Promise<void> {
  const { name, collection, wants, work, clock, log, signal } = options
  const busy = new Map<string, { again: boolean; failures: number; timer?: AbortController | undefined }>()
  const running = new Set<Promise<void>>()

  function poke(id: string): void {
    const state = busy.get(id)
    if (state) {
      state.again = true
      state.timer?.abort()
      return
    }
    const done = loop(id).finally(() => running.delete(done))
    running.add(done)
  }

  async function loop(id: string): Promise<void> {
    const state = { again: false, failures: 0, timer: undefined as AbortController | undefined }
    busy.set(id, state)
    try {
      while (!signal.aborted) {
        state.again = false
        const waitMs = await once(id, state)
        if (state.again) continue
        if (waitMs === undefined) return
        state.timer = new AbortController()
        await clock.sleep(waitMs, AbortSignal.any([signal, state.timer.signal])).catch(() => {})
        state.timer = undefined
      }
    } finally {
      busy.delete(id)
    }
  }

  async function once(id: string, state: { failures: number }): Promise<number | undefined> {
    try {
      const doc = await collection.get(id)
      if (!doc || !wants(doc.value)) return undefined
      const waitMs = await work(doc, signal)
      state.failures = 0
      return waitMs
    } catch (error) {
      if (signal.aborted) return undefined
      state.failures++
      log.warn({ msg: 'task failed, trying again', task: name, id, attempt: state.failures, error: errorText(error) })
      return Math.min(FIRST_RETRY_MS * 2 ** (state.failures - 1), LAST_RETRY_MS)
    }
  }

  // The watch begins before the listing, so that nothing falls between the two.
  const changes = collection.watch(signal)
  for (const doc of await collection.list()) if (wants(doc.value)) poke(doc.id)
  for await (const change of changes) if (!change.removed) poke(change.id)
  await Promise.all(running)
}
