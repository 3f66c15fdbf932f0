// Reads one outside answer that stays fresh for a while: one flight at a time, and a pause after each failure.
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { retryPauseMs } from '../retryPause.ts'
import { orAborted, withTimeLimit } from '../timeLimit.ts'

interface Failure {
  readonly error: unknown
  readonly count: number
  readonly againAtMs: number
}

/**
 * A function that answers what `read` last gave for `freshMs`, and asks again after that. Whoever asks meanwhile waits
 * for the same flight, which goes on for up to `timeoutMs` when its asker has gone. After a failure it throws the same
 * error without asking again, as long as the service asked for, else two seconds, doubling up to a minute.
 */
export function createPacedReader<T>(options: {
  clock: Clock
  freshMs: number
  timeoutMs: number
  read: (signal: AbortSignal) => Promise<T>
  /** Told of every failed flight once, with when it is tried again. */
  onFailure?: (error: unknown, pauseMs: number) => void
}): (signal: AbortSignal) => Promise<T> {
  const { clock, freshMs, timeoutMs, read, onFailure } = options
  const timeout = new NectoError('feed.timeout', `It did not answer within ${timeoutMs / 1000} s.`, { retry: 'later' })
  let good: { value: T; atMs: number } | undefined
  let flight: Promise<T> | undefined
  let failure: Failure | undefined

  async function fly(): Promise<T> {
    try {
      const value = await withTimeLimit({ clock, signal: new AbortController().signal, timeoutMs, timeout }, read)
      good = { value, atMs: clock.now() }
      failure = undefined
      return value
    } catch (error) {
      const count = (failure?.count ?? 0) + 1
      const pauseMs = retryPauseMs(error, count)
      failure = { error, count, againAtMs: clock.now() + pauseMs }
      onFailure?.(error, pauseMs)
      throw error
    } finally {
      flight = undefined
    }
  }

  return async (signal) => {
    const ageMs = good ? clock.now() - good.atMs : Number.POSITIVE_INFINITY
    // A clock that was set back makes nothing fresh.
    if (good && ageMs >= 0 && ageMs < freshMs) return good.value
    if (!flight && failure && clock.now() < failure.againAtMs) throw failure.error
    flight ??= fly()
    // Whoever waits sees the failure; nobody may be waiting.
    flight.catch(() => undefined)
    return orAborted(flight, signal)
  }
}
