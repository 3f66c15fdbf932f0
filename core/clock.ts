// The clock everything reads time from, so that tests decide what time it is.

/** UTC instants in epoch milliseconds, and waiting that a signal can end. */
export interface Clock {
  /** Now, in epoch milliseconds. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const steps = timerSteps(ms)
      let timer = setTimeout(done, steps.shift())
      function done() {
        const next = steps.shift()
        if (next !== undefined) {
          timer = setTimeout(done, next)
          return
        }
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      function stop() {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', stop, { once: true })
    }),
}

// A timer cannot hold more milliseconds than a signed 32-bit integer, and one that is told to fires at once.
const MAX_TIMER_MS = 2 ** 31 - 1

/** A wait in pieces that a timer can hold. */
export function timerSteps(ms: number): number[] {
  const whole = Math.max(0, Math.floor(ms / MAX_TIMER_MS))
  return [...Array<number>(whole).fill(MAX_TIMER_MS), ms - whole * MAX_TIMER_MS]
}

/** A clock that moves only when told to: `tick` wakes every sleeper whose time has come. */
export function createManualClock(startMs: number): Clock & { tick(ms: number): Promise<void> } {
  let nowMs = startMs
  const sleepers = new Set<{ at: number; wake: () => void }>()
  return {
    now: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        if (ms <= 0) return resolve()
        const sleeper = { at: nowMs + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => sleepers.delete(sleeper) && reject(signal.reason), { once: true })
      }),
    async tick(ms) {
      const end = nowMs + ms
      for (;;) {
        const due = [...sleepers].filter((s) => s.at <= end).sort((a, b) => a.at - b.at)[0]
        if (!due) break
        nowMs = Math.max(nowMs, due.at)
        sleepers.delete(due)
        due.wake()
        // What the sleeper does next may sleep again, so give it the turn before looking further.
        await new Promise((r) => setImmediate(r))
      }
      nowMs = end
      await new Promise((r) => setImmediate(r))
    },
  }
}
