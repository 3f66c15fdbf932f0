// The tokens that a price may be in, read from data/tokens.json.
import { z } from 'zod'
import data from '../../data/tokens.json' with { type: 'json' }

const symbol = z.string().regex(/^[A-Z0-9]{1,10}$/)
const tokenSchema = z.strictObject({
  /** As offers, prices and records name it. */
  symbol,
  name: z.string(),
  coinGeckoId: z.string().regex(/^[a-z0-9-]+$/),
  /** Other symbols of the same token, as of before a migration. */
  aliases: z.array(symbol),
  source: z.string(),
  date: z.iso.date(),
})
export type Token = z.output<typeof tokenSchema>

/** All of them, in the table's order. */
export const tokenTable: readonly Token[] = z.object({ tokens: z.array(tokenSchema) }).parse(data).tokens

const bySymbol = new Map(tokenTable.flatMap((token) => [token.symbol, ...token.aliases].map((key) => [key, token])))

/** The token of a symbol in any case, also an old one (RNDR); undefined when nothing may be priced in it. */
export const tokenOf = (text: string): Token | undefined => bySymbol.get(text.trim().toUpperCase())
