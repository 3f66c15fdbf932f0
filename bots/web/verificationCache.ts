// One verification for many who look: link previews and reloads of a page must not each read the chain and 0G anew.
import type { Clock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import { withTimeLimit } from '../../core/timeLimit.ts'
import type { JobVerification } from './webOptions.ts'

export type Verification = JobVerification | { readonly why: string }

const FRESH_MS = 30_000
const TIMEOUT_MS = 20_000
const MAX_ENTRIES = 500

/**
 * Verifies by reference: at most once in 30 s, and once for all who ask meanwhile. It goes on when its asker has left,
 * for the next one. What could not be done is told to those who waited and tried again by the next; `onFailure` is told.
 */
export function createVerificationCache(options: {
  clock: Clock
  verify: (ref: string, signal: AbortSignal) => Promise<JobVerification>
  onFailure: (ref: string, error: unknown) => void
}): (ref: string) => Promise<Verification> {
  const { clock, verify, onFailure } = options
  const known = new Map<string, { atMs: number; result: Promise<Verification> }>()

  async function run(ref: string): Promise<Verification> {
    const timeout = new NectoError('verify.timeout', '0G or the chain does not answer. Try again in a minute.')
    const limit = { clock, signal: new AbortController().signal, timeoutMs: TIMEOUT_MS, timeout }
    try {
      return await withTimeLimit(limit, (signal) => verify(ref, signal))
    } catch (error) {
      known.delete(ref)
      onFailure(ref, error)
      return { why: error instanceof NectoError ? error.message : timeout.message }
    }
  }

  return (ref) => {
    const found = known.get(ref)
    if (found && clock.now() - found.atMs < FRESH_MS) return found.result
    known.delete(ref)
    const [oldest] = known.keys()
    if (known.size >= MAX_ENTRIES && oldest !== undefined) known.delete(oldest)
    const result = run(ref)
    known.set(ref, { atMs: clock.now(), result })
    return result
  }
}
