// Akash as a provider: the Console's published GPU prices and the chain's open bids, read side by side.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { fetchBytes, jsonOf } from '../../http.ts'
import type { Evidence, SynapseProvider } from '../../market/provider.ts'
import { list, optional, setting, text, url } from '../../settings.ts'
import { defineProvider } from '../module.ts'
import { bidOffers } from './bidOffers.ts'
import { type AkashOffers, joinOffers } from './joinOffers.ts'
import { createAkashLauncher } from './launch.ts'
import { createLcd } from './lcd.ts'
import { createAktSource } from './marketData.ts'
import { publishedOffers } from './offers.ts'
import { replayAkash } from './replay.ts'

interface Read extends AkashOffers {
  readonly evidence: readonly Evidence[]
  /** What is missing of this source. */
  readonly partial?: string
}

/**
 * `baseUrl` is the Console API, https://console-api.akash.network, `lcdUrls` are REST gateways of the chain, tried in
 * order; neither needs a key for prices. Each source has its own time limit within a scan's six seconds, and either may fail: then
 * the answer is the other's, and says what is missing.
 */
export function createAkashProvider(deps: {
  baseUrl: string
  lcdUrls: readonly string[]
  clock: Clock
}): SynapseProvider {
  const { clock } = deps
  const url = `${deps.baseUrl.replace(/\/+$/, '')}/v1/gpu-prices`
  const lcd = createLcd({ urls: deps.lcdUrls, clock })

  async function readPrices(signal: AbortSignal): Promise<Read> {
    const fetched = await fetchBytes({ url, signal, clock, timeoutMs: 5_000 })
    return { ...publishedOffers(jsonOf(fetched), fetched.evidence.fetchedAtMs), evidence: [fetched.evidence] }
  }

  async function readBids(signal: AbortSignal): Promise<Read> {
    const { rows, evidence, cut, ...now } = await lcd.openBids(signal)
    return { ...bidOffers(rows, now), evidence, ...(cut && { partial: `some live bids are missing: ${cut}` }) }
  }

  return {
    id: 'akash',
    name: 'Akash',
    // One reading holds every GPU.
    cacheKey: () => 'all',
    async offers(_ask, signal) {
      const [prices, bids] = await Promise.allSettled([readPrices(signal), readBids(signal)])
      signal.throwIfAborted()
      // The Console is the better known of the two: with neither, its word is the one to pass on.
      if (prices.status === 'rejected' && bids.status === 'rejected') throw prices.reason
      const sources = [orMissing(prices, 'published prices are missing'), orMissing(bids, 'live bids are missing')]
      const { offers, warnings } = joinOffers(sources)
      const partial = sources.flatMap((source) => source.partial ?? []).join('; ')
      return { offers, warnings, evidence: sources.flatMap((source) => source.evidence), ...(partial && { partial }) }
    },
  }
}

function orMissing(outcome: PromiseSettledResult<Read>, what: string): Read {
  if (outcome.status === 'fulfilled') return outcome.value
  if (!(outcome.reason instanceof NectoError)) throw outcome.reason
  return { offers: [], dropped: [], evidence: [], partial: `${what}: ${outcome.reason.message}` }
}

const LCD_URLS = [
  'https://api.akashnet.net',
  'https://akash-api.polkachu.com',
  'https://rest-akash.ecostake.com',
  'https://akash-rest.publicnode.com',
  'https://rpc.akt.dev/rest',
]
const urls = list.refine((items) => items.every((item) => url.safeParse(item).success), 'http(s) addresses')

export const provider = defineProvider({
  id: 'akash',
  settings: [
    setting('AKASH_API_URL', url, 'Akash Console API', 'https://console-api.akash.network'),
    setting('AKASH_LCD_URLS', urls, "REST gateways of Akash's chain, tried in order", LCD_URLS.join(',')),
    optional('AKASH_CONSOLE_API_KEY', text, 'Key of the Akash Console account that Necto rents machines with', {
      secret: true,
      off: 'renting machines at Akash',
    }),
  ],
  create: ({ clock, settings }) =>
    createAkashProvider({ baseUrl: settings.AKASH_API_URL, lcdUrls: settings.AKASH_LCD_URLS, clock }),
  launcher: ({ clock, settings }) =>
    settings.AKASH_CONSOLE_API_KEY === undefined
      ? undefined
      : createAkashLauncher({ clock, baseUrl: settings.AKASH_API_URL, key: settings.AKASH_CONSOLE_API_KEY }),
  replay: replayAkash,
  tokenSource: ({ clock, settings }) => createAktSource({ baseUrl: settings.AKASH_API_URL, clock }),
})
