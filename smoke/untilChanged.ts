// Waits for documents: looks now and after every change, within a limit that says what was waited for.
import type { Clock } from '../core/clock.ts'
import { NectoError } from '../core/errors.ts'
import type { Collection } from '../core/store/store.ts'
import { withTimeLimit } from '../core/timeLimit.ts'

export interface Limits {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** For each single thing that is waited for. */
  readonly waitMs: number
}

/** The first answer of `look` that is one. Throws 'smoke.waited' naming `what` when none came in time. */
export function untilChanged<T, Answer>(options: {
  what: string
  collection: Collection<T>
  limits: Limits
  look: () => Promise<Answer | undefined>
}): Promise<Answer> {
  const { what, collection, limits, look } = options
  const timeout = new NectoError('smoke.waited', `Waited ${limits.waitMs / 1000} s in vain for ${what}.`, {
    retry: 'later',
  })
  return withTimeLimit({ ...limits, timeoutMs: limits.waitMs, timeout }, async (signal) => {
    const done = new AbortController()
    try {
      const changes = collection.watch(AbortSignal.any([signal, done.signal]))[Symbol.asyncIterator]()
      for (let found = await look(); ; found = await look()) {
        if (found !== undefined) return found
        const { done: ended } = await changes.next()
        signal.throwIfAborted()
        if (ended) throw new NectoError('smoke.closed', 'The store was closed.')
      }
    } finally {
      done.abort()
    }
  })
}
