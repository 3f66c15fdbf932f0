// Nosana as a provider: markets and prices over REST, idle hosts from their queues on Solana.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import type { SynapseProvider } from '../../market/provider.ts'
import { list, optional, setting, text, url } from '../../settings.ts'
import { defineProvider } from '../module.ts'
import { createNosanaLauncher } from './launch.ts'
import { type IdleHosts, readIdleHosts } from './marketQueues.ts'
import { createNosPriceSource } from './nosPrice.ts'
import { marketRows, nosanaOffers, replayNosana } from './offers.ts'
import { readHosts } from './readHosts.ts'

export interface NosanaOptions {
  readonly clock: Clock
  /** Asked in this order; they need no key. */
  readonly hosts: readonly string[]
  /** A Solana RPC; without one nobody knows how many hosts are idle. */
  readonly rpcUrl?: string | undefined
  /** For one host, short enough that a second one has its turn before a scan's deadline. */
  readonly timeoutMs?: number
  /** For Solana, whose public RPCs are slow: prices wait no longer for idle hosts than a scan may take. */
  readonly rpcTimeoutMs?: number
}

export function createNosanaProvider(options: NosanaOptions): SynapseProvider {
  const { clock, hosts, rpcUrl, timeoutMs = 2_500, rpcTimeoutMs = 5_000 } = options

  /** Worth having, but not worth failing for. */
  async function idleHosts(signal: AbortSignal): Promise<Partial<IdleHosts>> {
    if (rpcUrl === undefined) return {}
    return readIdleHosts({ rpcUrl, clock, signal, timeoutMs: rpcTimeoutMs }).catch((error: unknown) => {
      const reason = error instanceof NectoError ? error.message : 'Solana could not be read.'
      return { warnings: [`idle hosts are not known: ${reason}`] }
    })
  }

  return {
    id: 'nosana',
    name: 'Nosana',
    // One reply holds every market.
    cacheKey: () => 'all',
    async offers(_ask, signal) {
      signal.throwIfAborted()
      const done = new AbortController()
      try {
        const reading = idleHosts(AbortSignal.any([signal, done.signal]))
        const markets = await readHosts({ hosts, path: '/api/markets/', parse: marketRows, clock, signal, timeoutMs })
        const idle = await reading
        signal.throwIfAborted()
        const observed = { observedAtMs: markets.evidence.fetchedAtMs, idleHosts: idle.idleHosts }
        const { offers, warnings } = nosanaOffers(markets.value, observed)
        return {
          offers,
          evidence: [markets.evidence, ...(idle.evidence ?? [])],
          warnings: [...markets.warnings, ...warnings, ...(idle.warnings ?? [])],
        }
      } finally {
        done.abort()
      }
    },
  }
}

const hostList = list.refine(
  (hosts) => hosts.length > 0 && hosts.every((host) => url.safeParse(host).success),
  'http(s) addresses, comma separated',
)

export const provider = defineProvider({
  id: 'nosana',
  settings: [
    setting(
      'NOSANA_API_URL',
      hostList,
      'Nosana API hosts, comma separated, asked in this order',
      'https://api.nosana.com,https://dashboard.k8s.prd.nos.ci',
    ),
    optional('NOSANA_RPC_URL', url, 'Solana RPC for the idle hosts of Nosana markets; it may hold a key', {
      secret: true,
      off: 'idle hosts of Nosana markets',
    }),
    optional('NOSANA_API_KEY', text, "Key of Necto's account at Nosana (nos_…), whose credits pay for jobs there", {
      secret: true,
      off: 'jobs at Nosana',
    }),
    setting(
      'NOSANA_DEPLOYMENTS_URL',
      url,
      'Where the deployments of that account are; only with NOSANA_API_KEY',
      'https://dashboard.k8s.prd.nos.ci',
    ),
  ],
  create: ({ clock, settings }) =>
    createNosanaProvider({ clock, hosts: settings.NOSANA_API_URL, rpcUrl: settings.NOSANA_RPC_URL }),
  replay: replayNosana,
  launcher({ clock, settings }) {
    const { NOSANA_API_KEY: apiKey, NOSANA_API_URL: hosts, NOSANA_DEPLOYMENTS_URL: deploymentsUrl } = settings
    return apiKey === undefined ? undefined : createNosanaLauncher({ clock, hosts, deploymentsUrl, apiKey })
  },
  tokenSource: ({ clock, settings }) => createNosPriceSource({ hosts: settings.NOSANA_API_URL, clock }),
})
