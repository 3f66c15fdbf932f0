// Gives every chain call an end, and turns what a chain endpoint throws into our error.
import { systemClock } from '../clock.ts'
import { NectoError, wrapError } from '../errors.ts'
import { withTimeLimit } from '../timeLimit.ts'

/** How long a chain call may take, and what may end it sooner. */
export interface CallLimits {
  /** @default 10000 */
  timeoutMs?: number
  signal?: AbortSignal | undefined
}

/**
 * Awaits a chain call under a timeout and a signal.
 * Errors: chain.timeout and chain.failed, both `later` (reads can be repeated); the signal's own reason when aborted.
 */
export async function withDeadline<T>(call: () => Promise<T>, what: string, limits: CallLimits = {}): Promise<T> {
  const { timeoutMs = 10_000, signal = new AbortController().signal } = limits
  const timeout = new NectoError('chain.timeout', 'The chain endpoint does not answer.', {
    retry: 'later',
    details: `${what} took over ${timeoutMs} ms`,
  })
  try {
    return await withTimeLimit({ clock: systemClock, signal, timeoutMs, timeout }, call)
  } catch (error) {
    if (signal.aborted) throw error
    throw wrapError(error, { code: 'chain.failed', message: `The chain could not be read (${what}).` })
  }
}
