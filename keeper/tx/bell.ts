// Sleep that a ring ends early: how a loop reacts at once and still looks round by itself.
import type { Clock } from '../../core/clock.ts'

export interface Bell {
  /** Ends the wait under way, or the next one at once. */
  ring(): void
  /** Resolves after `ms`, on a ring, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function createBell(clock: Clock): Bell {
  let isRung = false
  let wake = () => {}
  return {
    ring() {
      isRung = true
      wake()
    },
    async wait(ms, signal) {
      if (!isRung && !signal.aborted) {
        const rung = new AbortController()
        wake = () => rung.abort()
        // Both ends of the wait, a ring and the outer signal, come as a rejection that says nothing.
        await clock.sleep(ms, AbortSignal.any([signal, rung.signal])).catch(() => {})
        wake = () => {}
      }
      isRung = false
    },
  }
}
