// The nonces of authenticated requests, each good for one use.
import type { Hex } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { RUNNER_AUTH_WINDOW_MS } from '../../core/supply/runnerAuth.ts'

export interface Nonces {
  /** false: this runner's nonce was used already, or may have been in an earlier life of this process. */
  use(request: { runner: Hex; nonce: Hex; timestampMs: number }): boolean
}

/**
 * Remembers nonces for as long as their timestamps are good. What was signed before this process began is refused,
 * since its nonce may be one that the process before it has seen; a runner signs anew and gets through.
 */
export function createNonces(clock: Clock): Nonces {
  const startedAtMs = clock.now()
  const seen = new Map<string, number>()
  let sweepAtMs = startedAtMs

  function sweep(nowMs: number) {
    if (nowMs < sweepAtMs) return
    sweepAtMs = nowMs + RUNNER_AUTH_WINDOW_MS
    for (const [key, endMs] of seen) if (endMs < nowMs) seen.delete(key)
  }

  return {
    use({ runner, nonce, timestampMs }) {
      const nowMs = clock.now()
      sweep(nowMs)
      const key = `${runner.toLowerCase()}:${nonce}`
      if (timestampMs < startedAtMs || seen.has(key)) return false
      seen.set(key, timestampMs + RUNNER_AUTH_WINDOW_MS)
      return true
    },
  }
}
