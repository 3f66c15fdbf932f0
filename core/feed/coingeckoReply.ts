// CoinGecko's replies turned into token prices and their ranges, as exact decimals with the source's own time.
import { z } from 'zod'
import { NectoError } from '../errors.ts'
import { BusyError } from '../http.ts'
import type { Volatility } from '../market/offer.ts'
import { decimalFromNumber, scaleUp } from '../pricing/decimal.ts'
import type { TokenPrice } from '../pricing/tokenPrice.ts'
import type { DroppedRow } from '../providers/dropped.ts'
import { type Token, tokenTable } from './tokenTable.ts'

export const COINGECKO = 'coingecko'

const priceTable = z.record(z.string(), z.unknown())
const priceRow = z.object({ usd: z.number().positive(), last_updated_at: z.int().positive() })
const marketRow = z.object({ id: z.string(), high_24h: z.number().positive(), low_24h: z.number().positive() })
// Over the limit it may also answer 200 with this.
const errorReply = z.object({ status: z.object({ error_code: z.int() }) })

/**
 * The reply of `GET /api/v3/simple/price?…&include_last_updated_at=true`. A token without a price or without the time of
 * it is left out: a price whose age is not known must price nothing. Throws BusyError when the reply says that the
 * limit is reached, else NectoError 'coingecko.reply' when it prices none of our tokens.
 */
export function coinGeckoPrices(reply: unknown): { prices: TokenPrice[]; dropped: DroppedRow[] } {
  refuseError(reply)
  const table = priceTable.safeParse(reply).data ?? {}
  const prices: TokenPrice[] = []
  const dropped: DroppedRow[] = []
  for (const { symbol, coinGeckoId } of tokenTable) {
    const row = priceRow.safeParse(Object.hasOwn(table, coinGeckoId) ? table[coinGeckoId] : undefined).data
    const usdPerToken = row && decimalFromNumber(row.usd)
    if (row && usdPerToken) {
      prices.push({ token: symbol, usdPerToken, source: COINGECKO, atMs: row.last_updated_at * 1000 })
    } else dropped.push({ row: coinGeckoId, reason: 'no price with a time' })
  }
  if (prices.length === 0) throw unknownReply(reply)
  return { prices, dropped }
}

/**
 * The reply of `GET /api/v3/coins/markets?vs_currency=usd`: by symbol, how far apart the highest and the lowest price
 * of the last 24 hours are, over the middle between them (PRICE-05). What is not said is left out, not zero.
 */
export function coinGeckoRanges(reply: unknown): Map<string, Volatility> {
  refuseError(reply)
  const rows = z.array(z.unknown()).safeParse(reply).data
  if (!rows) throw unknownReply(reply)
  return new Map(
    rows.flatMap((raw) => {
      const row = marketRow.safeParse(raw).data
      const token = tokenTable.find(({ coinGeckoId }) => coinGeckoId === row?.id)
      const bps = row && rangeBps(row.high_24h, row.low_24h)
      return token && bps !== undefined ? [[token.symbol, volatilityOf(token, bps)] as const] : []
    }),
  )
}

const volatilityOf = ({ symbol }: Token, bps: number): Volatility => ({ bps, basis: `24 h range of ${symbol}/USD` })

function rangeBps(highUsd: number, lowUsd: number): number | undefined {
  const [high, low] = [highUsd, lowUsd].map((usd) => scaleUp(decimalFromNumber(usd) ?? '', 30))
  if (!high || !low || high < low) return undefined
  return Number(((high - low) * 20_000n) / (high + low))
}

function refuseError(reply: unknown) {
  const code = errorReply.safeParse(reply).data?.status.error_code
  if (code === 429) throw new BusyError(undefined, JSON.stringify(reply).slice(0, 300))
}

function unknownReply(reply: unknown) {
  const details = JSON.stringify(reply)?.slice(0, 300)
  return new NectoError('coingecko.reply', 'CoinGecko answered in a form Necto does not know.', {
    retry: 'later',
    details,
  })
}
