// Akash: the Console's public price table and its price of AKT, in their own shapes; its chain is in akashLcd.ts.
import type { IncomingMessage } from 'node:http'
import { AKASH_KEY, type AkashConsole } from './akashConsole.ts'
import { answerLcd, LCD_HOSTS, type LcdHost } from './akashLcd.ts'
import { AKASH_MODELS, type AkashModel } from './catalog.ts'
import { akashSeries, createMarketPrices, type MarketPrices } from './marketPrices.ts'
import type { StandIn, StandInContext } from './standIn.ts'
import { type Reply, startStandInServer } from './standInServer.ts'

const PRICES = ['/v1/gpu-prices', '/internal/gpu-prices']

const json = (status: number, value: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
  body: JSON.stringify(value),
})

/** Starts it on a free port: the Console and two hosts of the chain, whose faults by name `lcd` holds. */
export async function startAkash(
  context: StandInContext & {
    readonly lcd: ReadonlyMap<string, LcdHost>
    readonly lcdPageSize: number
    readonly console: AkashConsole
  },
): Promise<StandIn> {
  const market = createMarketPrices(context)
  const { clock, lcd, lcdPageSize, console } = context

  function answer(request: IncomingMessage, body: string): Reply {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://akash')
    const nowMs = clock.now()
    const name = LCD_HOSTS.find((host) => pathname.startsWith(`/${host}/`))
    if (request.method === 'GET' && name) {
      const path = pathname.slice(name.length + 1)
      return answerLcd({ path, query, host: lcd.get(name) ?? {}, market, nowMs, pageSize: lcdPageSize })
    }
    if (request.method === 'GET' && PRICES.includes(pathname)) return priceTable(market, nowMs)
    if (request.method === 'GET' && pathname === '/v1/market-data') return marketData(market, nowMs)
    const rented = console.answer(request, body, market)
    if (rented) return rented
    return json(404, { error: 'NotFoundError', message: 'Not Found', code: 'not_found', type: 'client_error' })
  }

  const server = await startStandInServer({ delayMs: context.delay('akash', [250, 500]), answer, busy: akashBusy })
  return {
    name: 'akash',
    server,
    env: {
      AKASH_CONSOLE_API_KEY: AKASH_KEY,
      AKASH_API_URL: server.url,
      AKASH_LCD_URLS: LCD_HOSTS.map((host) => `${server.url}/${host}`).join(','),
    },
    prices: () =>
      Object.fromEntries(
        AKASH_MODELS.flatMap((model) =>
          market
            .akashBids(model, clock.now())
            .slice(0, 1)
            .map((usd) => [akashSeries(model), usd]),
        ),
      ),
  }
}

function priceTable(prices: MarketPrices, nowMs: number): Reply {
  const models = AKASH_MODELS.map((model) => modelRow(model, prices, nowMs))
  const sum = (key: 'total' | 'available') => models.reduce((total, row) => total + row.availability[key], 0)
  const table = { availability: { total: sum('total'), available: sum('available') }, models }
  return json(200, table, { 'cache-control': 'public, max-age=120, stale-while-revalidate=300' })
}

/** Only the price is filled, as in the real one. */
function marketData(prices: MarketPrices, nowMs: number): Reply {
  const nothing = { volume: 0, marketCap: 0, marketCapRank: 0, priceChange24h: 0, priceChangePercentage24: 0 }
  return json(200, { price: Number(prices.aktUsd(nowMs).toFixed(7)), ...nothing })
}

const akashBusy = (retryAfterSeconds: number | undefined): Reply =>
  json(
    429,
    { error: 'TooManyRequestsError', message: 'Too many requests', code: 'rate_limited', type: 'client_error' },
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  )

function modelRow(model: AkashModel, prices: MarketPrices, nowMs: number) {
  const bids = prices.akashBids(model, nowMs)
  const free = prices.akashFree(model, nowMs)
  const { vendor, model: name, ram, interface: board, total } = model
  const bidders = Math.max(1, model.bidders)
  return {
    vendor,
    model: name,
    ram,
    interface: board,
    availability: { total, available: free },
    providerAvailability: { total: bidders, available: Math.min(bidders, free) },
    price: bids.length === 0 ? null : summary('USD', bids),
    priceUakt:
      bids.length === 0
        ? null
        : summary(
            'uakt',
            bids.map((usd) => (usd / prices.aktUsd(nowMs)) * 1_000_000),
          ),
  }
}

function summary(currency: string, sorted: readonly number[]) {
  const round = (value: number) => Number(value.toFixed(2))
  const middle = Math.floor(sorted.length / 2)
  const at = (index: number) => sorted[index] ?? 0
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    currency,
    min: round(at(0)),
    max: round(at(sorted.length - 1)),
    avg: round(mean(sorted)),
    // The real one weighs by each provider's GPUs; here the cheapest has the most.
    weightedAverage: round(mean([at(0), ...sorted])),
    med: round(sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2),
  }
}
