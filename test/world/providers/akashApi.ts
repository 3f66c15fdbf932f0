// Akash Console's public price table, in its own shape: GET /v1/gpu-prices.
import type { IncomingMessage } from 'node:http'
import { AKASH_MODELS, type AkashModel } from './catalog.ts'
import { akashSeries, createMarketPrices, type MarketPrices } from './marketPrices.ts'
import type { StandIn, StandInContext } from './standIn.ts'
import { type Reply, startStandInServer } from './standInServer.ts'

const AKT_USD = 0.54
const PATHS = ['/v1/gpu-prices', '/internal/gpu-prices']

const json = (status: number, value: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
  body: JSON.stringify(value),
})

/** Starts it on a free port. */
export async function startAkash(context: StandInContext): Promise<StandIn> {
  const market = createMarketPrices(context)
  const { clock } = context
  const server = await startStandInServer({
    delayMs: context.delay('akash', [250, 500]),
    answer: (request) => answerAkash(request, market, clock.now()),
    busy: akashBusy,
  })
  return {
    name: 'akash',
    server,
    env: { AKASH_API_URL: server.url },
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

function answerAkash(request: IncomingMessage, prices: MarketPrices, nowMs: number): Reply {
  const path = new URL(request.url ?? '/', 'http://akash').pathname
  if (request.method !== 'GET' || !PATHS.includes(path)) {
    return json(404, { error: 'NotFoundError', message: 'Not Found', code: 'not_found', type: 'client_error' })
  }
  const models = AKASH_MODELS.map((model) => modelRow(model, prices, nowMs))
  const sum = (key: 'total' | 'available') => models.reduce((total, row) => total + row.availability[key], 0)
  const table = { availability: { total: sum('total'), available: sum('available') }, models }
  return json(200, table, { 'cache-control': 'public, max-age=120, stale-while-revalidate=300' })
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
            bids.map((usd) => (usd / AKT_USD) * 1_000_000),
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
