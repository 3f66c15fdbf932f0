// What people must know of the token prices behind the offers they are shown (FEED-03).
import type { Quote } from '../pricing/quote.ts'
import type { TokenPrice } from '../pricing/tokenPrice.ts'

// Sources that are no providers, as people write them.
const SOURCE_NAMES: Readonly<Record<string, string>> = { coingecko: 'CoinGecko' }

/** One sentence for each token whose price could not be renewed; `names` are of providers by id. */
export function tokenNotes(options: {
  /** Of the offers that are shown. */
  quotes: readonly Quote[]
  tokens: readonly TokenPrice[]
  names: Readonly<Record<string, string>>
  nowMs: number
}): string[] {
  const { quotes, tokens, names, nowMs } = options
  const notes = quotes.flatMap(({ token }) => {
    if (!token?.lastKnown) return []
    const price = tokens.find((one) => one.token === token.token && one.source === token.source)
    if (!price) return []
    const age = ageText(nowMs - price.atMs)
    const sourceName = SOURCE_NAMES[token.source] ?? names[token.source] ?? token.source
    return [`${token.token} price is ${age} old: ${sourceName} could not be read.`]
  })
  return [...new Set(notes)]
}

/** Rounded up, in hours from two on. */
function ageText(ageMs: number): string {
  const minutes = Math.max(1, Math.ceil(ageMs / 60_000))
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}
