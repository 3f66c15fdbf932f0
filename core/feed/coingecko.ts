// CoinGecko as a source of token prices: one request for all tokens, and now and then one for their 24 h ranges.
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { BusyError, fetchBytes, jsonOf } from '../http.ts'
import type { Log } from '../log.ts'
import type { Volatility } from '../market/offer.ts'
import { withTimeLimit } from '../timeLimit.ts'
import { COINGECKO, coinGeckoPrices, coinGeckoRanges } from './coingeckoReply.ts'
import { createPacedReader } from './pacedReader.ts'
import type { TokenSource } from './source.ts'
import { tokenTable } from './tokenTable.ts'

const IDS = tokenTable.map(({ coinGeckoId }) => coinGeckoId).join(',')
const PRICES = `/api/v3/simple/price?ids=${IDS}&vs_currencies=usd&include_last_updated_at=true&precision=full`
const RANGES = `/api/v3/coins/markets?vs_currency=usd&ids=${IDS}&precision=full`

const TIMEOUT_MS = 3_000
const RANGES_FRESH_MS = 10 * 60_000
const RANGES_WAIT_MS = 1_000

/** A demo key goes to api.coingecko.com, a paid one to pro-api.coingecko.com, each in a header of its own. */
export function keyHeaders(baseUrl: string, apiKey: string | undefined): Record<string, string> {
  if (apiKey === undefined) return {}
  const isPaid = new URL(baseUrl).hostname.startsWith('pro-api.')
  return { [isPaid ? 'x-cg-pro-api-key' : 'x-cg-demo-api-key']: apiKey }
}

/**
 * `baseUrl` is https://api.coingecko.com, without a key or with a demo one, or https://pro-api.coingecko.com with a paid
 * key. The ranges refine: where they cannot be read, or not within a second, volatility is unknown. Told to wait, it
 * asks for neither until then.
 */
export function createCoinGecko(deps: {
  baseUrl: string
  apiKey?: string | undefined
  clock: Clock
  log: Log
}): TokenSource {
  const { apiKey, clock, log } = deps
  const baseUrl = deps.baseUrl.replace(/\/+$/, '')
  const headers = keyHeaders(baseUrl, apiKey)
  let quietUntilMs = 0

  async function ask(path: string, signal: AbortSignal): Promise<unknown> {
    const waitMs = quietUntilMs - clock.now()
    if (waitMs > 0) throw new BusyError(waitMs, `${COINGECKO} said so before`)
    try {
      return jsonOf(await fetchBytes({ url: `${baseUrl}${path}`, headers, signal, clock, timeoutMs: TIMEOUT_MS }))
    } catch (error) {
      // The limit is of the address, not of the path.
      if (error instanceof BusyError) quietUntilMs = clock.now() + (error.retryAfterMs ?? 0)
      throw error
    }
  }

  const readRanges = createPacedReader({
    clock,
    freshMs: RANGES_FRESH_MS,
    timeoutMs: TIMEOUT_MS,
    read: async (signal) => coinGeckoRanges(await ask(RANGES, signal)),
  })

  /** What is known of them soon; the flight goes on, so that the next read finds it. */
  async function rangesSoon(signal: AbortSignal): Promise<ReadonlyMap<string, Volatility>> {
    const timeout = new NectoError('coingecko.slow', 'The ranges take too long.', { retry: 'later' })
    const limit = { clock, signal, timeoutMs: RANGES_WAIT_MS, timeout }
    return withTimeLimit(limit, readRanges).catch(() => new Map())
  }

  return {
    name: COINGECKO,
    tokens: tokenTable.map(({ symbol }) => symbol),
    async read(signal) {
      const { prices, dropped } = coinGeckoPrices(await ask(PRICES, signal))
      if (dropped.length > 0) log.warn({ msg: 'CoinGecko prices left out', dropped })
      const ranges = await rangesSoon(signal)
      return prices.map((price) => {
        const volatility = ranges.get(price.token)
        return volatility ? { ...price, volatility } : price
      })
    },
  }
}
