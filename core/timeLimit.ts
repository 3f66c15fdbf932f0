// A time limit on anything that leaves the process, on top of the caller's own signal.
import type { Clock } from './clock.ts'

/**
 * Runs `run` with a signal that ends at `timeoutMs` or with the caller's. Rejects with `timeout` in the first case and
 * the caller's reason in the second, at once, even when `run` does not heed its signal.
 */
export async function withTimeLimit<T>(
  limit: { clock: Clock; signal: AbortSignal; timeoutMs: number; timeout: Error },
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  limit.signal.throwIfAborted()
  const late = new AbortController()
  const done = new AbortController()
  limit.clock.sleep(limit.timeoutMs, done.signal).then(
    () => late.abort(limit.timeout),
    () => undefined,
  )
  const signal = AbortSignal.any([limit.signal, late.signal])
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: done.signal })
  })
  try {
    return await Promise.race([stopped, run(signal)])
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    done.abort()
  }
}

/** The result of work that others wait for too, or the reason of this caller's signal: the work itself goes on. */
export function orAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const done = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: done.signal })
  })
  return Promise.race([result, aborted]).finally(() => done.abort())
}
