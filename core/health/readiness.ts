// Whether this process does its work now, and if not, why: asked at most once in ten seconds, however often it is probed.
import type { Clock } from '../clock.ts'
import { errorText } from '../errors.ts'
import { withTimeLimit } from '../timeLimit.ts'

export interface Check {
  /** A few words that stand before the fault. */
  readonly name: string
  /** What is wrong, for operators; undefined when nothing is. */
  fault(): Promise<string | undefined>
}

const KEPT_MS = 10_000
const LIMIT_MS = 2_000

/** Answers "name: what is wrong" for everything that is; none = ready. A check that fails or hangs is a fault itself. */
export function createReadiness(options: {
  checks: () => readonly Check[]
  clock: Clock
}): () => Promise<readonly string[]> {
  const { checks, clock } = options
  let kept: { atMs: number; faults: Promise<readonly string[]> } | undefined

  async function ask({ name, fault }: Check): Promise<string[]> {
    const limit = { clock, signal: new AbortController().signal, timeoutMs: LIMIT_MS, timeout: new Error('no answer') }
    const found = await withTimeLimit(limit, fault).catch(errorText)
    return found === undefined ? [] : [`${name}: ${found}`]
  }

  return () => {
    const nowMs = clock.now()
    if (!kept || nowMs - kept.atMs >= KEPT_MS)
      kept = { atMs: nowMs, faults: Promise.all(checks().map(ask)).then((all) => all.flat()) }
    return kept.faults
  }
}
