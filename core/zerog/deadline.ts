// Gives a task a signal that ends with the caller's, or when its time is up, and does not wait for it after that.
import type { Clock } from '../clock.ts'

/** Runs `task` for at most `timeoutMs`; throws `timedOut()` or the caller's abort reason as soon as either happens. */
export async function withDeadline<T>(
  options: { clock: Clock; timeoutMs: number; signal: AbortSignal | undefined; timedOut: () => Error },
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, timeoutMs, signal: callerSignal } = options
  callerSignal?.throwIfAborted()
  const ended = new AbortController()
  const late = new AbortController()
  const signal = AbortSignal.any(callerSignal ? [callerSignal, late.signal] : [late.signal])
  clock.sleep(timeoutMs, ended.signal).then(
    () => late.abort(options.timedOut()),
    () => undefined,
  )
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: ended.signal })
  })
  try {
    return await Promise.race([task(signal), aborted])
  } finally {
    ended.abort()
  }
}
