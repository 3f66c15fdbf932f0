// Akash as a provider: reads the Console's public GPU prices over REST.
import type { Clock } from '../../clock.ts'
import { fetchBytes, jsonOf } from '../../http.ts'
import type { SynapseProvider } from '../../market/provider.ts'
import { setting, url } from '../../settings.ts'
import { defineProvider } from '../module.ts'
import { akashOffers } from './offers.ts'

/** `baseUrl` is the Console API, https://console-api.akash.network; it needs no key. */
export function createAkashProvider(deps: { baseUrl: string; clock: Clock; timeoutMs?: number }): SynapseProvider {
  const { clock, timeoutMs = 10_000 } = deps
  const url = `${deps.baseUrl.replace(/\/+$/, '')}/v1/gpu-prices`
  return {
    id: 'akash',
    name: 'Akash',
    // One reply holds every GPU.
    cacheKey: () => 'all',
    async offers(_ask, signal) {
      const fetched = await fetchBytes({ url, signal, clock, timeoutMs })
      const { offers, warnings } = akashOffers(jsonOf(fetched), fetched.evidence.fetchedAtMs)
      return { offers, evidence: [fetched.evidence], warnings }
    },
  }
}

export const provider = defineProvider({
  id: 'akash',
  settings: [setting('AKASH_API_URL', url, 'Akash Console API', 'https://console-api.akash.network')],
  create: ({ clock, settings }) => createAkashProvider({ baseUrl: settings.AKASH_API_URL, clock }),
})
