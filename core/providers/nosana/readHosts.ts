// Nosana's API has moved and may move again: the same path is asked of one host after the other.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { fetchBytes, jsonOf } from '../../http.ts'
import type { Evidence } from '../../market/provider.ts'

export interface HostsOptions<T> {
  /** At least one, as https://api.nosana.com. */
  readonly hosts: readonly string[]
  readonly path: string
  /** Throws a NectoError when the JSON is not what was asked for. */
  readonly parse: (json: unknown) => T
  readonly clock: Clock
  readonly signal: AbortSignal
  /** For one host. */
  readonly timeoutMs: number
}

/**
 * What the first host that answers with data says, with a warning when it was not the first. A host that asks to be
 * left alone is the right one, so http.busy is thrown at once; when none answers, the first one's failure is.
 */
export async function readHosts<T>(
  options: HostsOptions<T>,
): Promise<{ value: T; evidence: Evidence; warnings: string[] }> {
  const { hosts, path, parse, clock, signal, timeoutMs } = options
  const failures: NectoError[] = []
  for (const host of hosts) {
    try {
      const fetched = await fetchBytes({ url: `${host.replace(/\/+$/, '')}${path}`, signal, clock, timeoutMs })
      const { evidence } = fetched
      const value = parse(jsonOf(fetched))
      const warnings = failures.map(({ message }, index) => `${new URL(hosts[index] ?? '').host} failed: ${message}`)
      return { value, evidence, warnings }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof NectoError) || error.code === 'http.busy') throw error
      failures.push(error)
    }
  }
  throw failures[0] ?? new NectoError('nosana.hosts', 'No host of Nosana is set.')
}
