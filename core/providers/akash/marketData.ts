// What AKT is worth, in the Console's word: a second opinion beside CoinGecko's.
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import type { TokenSource } from '../../feed/source.ts'
import { fetchBytes, jsonOf } from '../../http.ts'
import { decimalFromNumber } from '../../pricing/decimal.ts'
import { notAkash } from './offers.ts'

// The reply has volume, market cap and changes too, all of them zero: only the price is filled.
const marketData = z.object({ price: z.number().positive() })

/**
 * `GET /v1/market-data` of the Console API. The reply carries no time of its own, so the price is stamped with the
 * moment it was fetched; how long the Console had kept it by then, it does not say.
 */
export function createAktSource(options: { baseUrl: string; clock: Clock; timeoutMs?: number }): TokenSource {
  const { clock, timeoutMs = 5_000 } = options
  const url = `${options.baseUrl.replace(/\/+$/, '')}/v1/market-data`
  return {
    name: 'akash',
    tokens: ['AKT'],
    async read(signal) {
      const fetched = await fetchBytes({ url, signal, clock, timeoutMs })
      const parsed = marketData.safeParse(jsonOf(fetched))
      if (!parsed.success) throw notAkash(z.prettifyError(parsed.error))
      const usdPerToken = decimalFromNumber(parsed.data.price)
      if (usdPerToken === undefined) throw notAkash(`a price of ${parsed.data.price}`)
      return [{ token: 'AKT', usdPerToken, source: 'akash', atMs: fetched.evidence.fetchedAtMs }]
    },
  }
}
