// Repeats a call until it is answered, waiting longer each time.
import type { Clock } from '../../core/clock.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 10_000

/** The call's answer. Throws what it throws when that says `never`, and the signal's reason when aborted. */
export async function untilAnswered<T>(options: {
  what: string
  call: () => Promise<T>
  clock: Clock
  log: Log
  signal: AbortSignal
}): Promise<T> {
  const { what, call, clock, log, signal } = options
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    signal.throwIfAborted()
    try {
      return await call()
    } catch (error) {
      if (signal.aborted || !(error instanceof NectoError) || error.retry === 'never') throw error
      log.warn({ msg: `${what} not answered, trying again`, waitMs, reason: errorText(error) })
      await clock.sleep(waitMs, signal)
    }
  }
}
