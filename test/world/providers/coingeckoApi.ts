// CoinGecko's public API in its own shapes, with its limits: GET /api/v3/simple/price and /api/v3/coins/markets.
import type { IncomingMessage } from 'node:http'
import type { StandIn, StandInContext } from './standIn.ts'
import { type Reply, startStandInServer } from './standInServer.ts'
import { tokenPoint, tokenRange, tokenSeries, WORLD_TOKENS } from './tokenWalk.ts'

// Requests a minute from one address without a key, and with a demo key.
const KEYLESS_LIMIT = 30
const KEYED_LIMIT = 100
const WINDOW_MS = 60_000

const json = (status: number, value: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
})

const busy = (retryAfterSeconds: number | undefined): Reply =>
  json(
    429,
    {
      status: {
        error_code: 429,
        error_message:
          "You've exceeded the Rate Limit. Please visit https://www.coingecko.com/en/api/pricing to subscribe to our API plans for higher rate limits.",
      },
    },
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  )

/** Starts it on a free port. From `frozenAtMs` on, if that is an instant, prices and their times stand still. */
export async function startCoinGecko(
  context: StandInContext & { readonly frozenAtMs: () => number | undefined },
): Promise<StandIn> {
  const { clock, frozenAtMs } = context
  const atMs = () => Math.min(clock.now(), frozenAtMs() ?? Number.POSITIVE_INFINITY)
  const limit = createLimit()
  const server = await startStandInServer({
    delayMs: context.delay('coingecko', [80, 200]),
    answer: (request) => limit(request, clock.now()) ?? answerCoinGecko(request, context, atMs()),
    busy,
  })
  return {
    name: 'coingecko',
    server,
    env: { COINGECKO_API_URL: server.url },
    prices: () =>
      Object.fromEntries(
        WORLD_TOKENS.map(({ symbol }) => [tokenSeries(symbol), tokenPoint(context, symbol, atMs()).usd]),
      ),
  }
}

/** Refuses what is more than the limit of the last minute; a refused request does not count. */
function createLimit(): (request: IncomingMessage, nowMs: number) => Reply | undefined {
  const served: number[] = []
  return (request, nowMs) => {
    while ((served[0] ?? nowMs) <= nowMs - WINDOW_MS) served.shift()
    const limit = request.headers['x-cg-demo-api-key'] === undefined ? KEYLESS_LIMIT : KEYED_LIMIT
    if (served.length >= limit) return busy(Math.max(1, Math.ceil(((served[0] ?? nowMs) + WINDOW_MS - nowMs) / 1000)))
    served.push(nowMs)
  }
}

function answerCoinGecko(request: IncomingMessage, context: StandInContext, nowMs: number): Reply {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://coingecko')
  if (request.method === 'GET' && pathname === '/api/v3/simple/price') return simplePrice(searchParams, context, nowMs)
  if (request.method === 'GET' && pathname === '/api/v3/coins/markets')
    return coinsMarkets(searchParams, context, nowMs)
  return json(404, { error: 'Incorrect path. Please check https://www.coingecko.com/api/' })
}

const missing = (name: string) => json(422, { error: `Missing parameter ${name}` })

/** Ids that it does not know are left out without a word. */
const asked = (ids: string | null) => WORLD_TOKENS.filter(({ id }) => (ids ?? '').split(',').includes(id))

/** All digits when asked for, else few. */
const shown = (usd: number, precision: string | null) =>
  precision === 'full' ? usd : Number(usd.toFixed(precision === null ? (usd < 1 ? 6 : 2) : Number(precision)))

function simplePrice(query: URLSearchParams, context: StandInContext, nowMs: number): Reply {
  if (!query.has('vs_currencies')) return missing('vs_currencies')
  if (!query.has('ids')) return missing('ids')
  const isUsd = query.get('vs_currencies')?.split(',').includes('usd')
  const rows = asked(query.get('ids')).map(({ id, symbol }) => {
    const { usd, atMs } = tokenPoint(context, symbol, nowMs)
    return [
      id,
      {
        ...(isUsd && { usd: shown(usd, query.get('precision')) }),
        ...(query.get('include_last_updated_at') === 'true' && { last_updated_at: Math.floor(atMs / 1000) }),
      },
    ]
  })
  return json(200, Object.fromEntries(rows), { 'cache-control': 'max-age=30, public, must-revalidate' })
}

function coinsMarkets(query: URLSearchParams, context: StandInContext, nowMs: number): Reply {
  if (!query.has('vs_currency')) return missing('vs_currency')
  const rows = asked(query.get('ids')).map(({ id, symbol, name }, rank) => {
    const { usd, atMs } = tokenPoint(context, symbol, nowMs)
    const { low, high } = tokenRange(context, symbol, nowMs)
    const precision = query.get('precision')
    return {
      id,
      symbol: symbol.toLowerCase(),
      name,
      image: `https://coin-images.coingecko.com/coins/images/${rank}/large/${id}.png`,
      current_price: shown(usd, precision),
      market_cap: null,
      market_cap_rank: null,
      fully_diluted_valuation: null,
      total_volume: null,
      high_24h: shown(high, precision),
      low_24h: shown(low, precision),
      price_change_24h: null,
      roi: null,
      last_updated: new Date(atMs).toISOString(),
    }
  })
  return json(200, rows, { 'cache-control': 'max-age=45, public, must-revalidate' })
}
