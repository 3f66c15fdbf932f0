// What tokens cost in the world: each walks around its usual price, a new one every minute, unless a test pins it.
import { walk } from './priceWalk.ts'
import type { PricePoint, StandInContext } from './standIn.ts'

interface WorldToken {
  readonly symbol: string
  /** CoinGecko's. */
  readonly id: string
  readonly name: string
  readonly usd: number
}

/** At levels as of late 2026. */
export const WORLD_TOKENS: readonly WorldToken[] = [
  { symbol: 'AKT', id: 'akash-network', name: 'Akash Network', usd: 0.54 },
  { symbol: 'RENDER', id: 'render-token', name: 'Render', usd: 1.51 },
  { symbol: 'NOS', id: 'nosana', name: 'Nosana', usd: 0.2 },
  { symbol: 'IO', id: 'io', name: 'io.net', usd: 0.137 },
  { symbol: 'ETH', id: 'ethereum', name: 'Ethereum', usd: 2_500 },
  { symbol: 'SOL', id: 'solana', name: 'Solana', usd: 118 },
  { symbol: '0G', id: 'zero-gravity', name: '0G', usd: 0.2 },
]

const STEP_MS = 60_000
const SAMPLES_A_DAY = 48
const DAY_MS = 86_400_000

type WalkContext = Pick<StandInContext, 'seed' | 'originMs' | 'pinned'>

export const tokenSeries = (symbol: string) => `coingecko/${symbol}`

/** The price of a token and since when it stands: what any stand-in that prices it should be near to. */
export function tokenPoint(context: WalkContext, symbol: string, nowMs: number): PricePoint {
  const { seed, originMs, pinned } = context
  const series = tokenSeries(symbol)
  const step = Math.floor((nowMs - originMs) / STEP_MS)
  const steppedAtMs = originMs + step * STEP_MS
  const pin = pinned(series)
  if (pin && pin.atMs <= nowMs) return { usd: pin.usd, atMs: Math.max(pin.atMs, steppedAtMs) }
  const usual = WORLD_TOKENS.find((token) => token.symbol === symbol)?.usd ?? 0
  return { usd: usual * walk({ seed, series, step, amplitude: 0.05 }), atMs: steppedAtMs }
}

/** The lowest and the highest price of the 24 hours before `nowMs`. */
export function tokenRange(context: WalkContext, symbol: string, nowMs: number): { low: number; high: number } {
  const samples = Array.from(
    { length: SAMPLES_A_DAY },
    (_, i) => tokenPoint(context, symbol, nowMs - (i * DAY_MS) / SAMPLES_A_DAY).usd,
  )
  return { low: Math.min(...samples), high: Math.max(...samples) }
}
