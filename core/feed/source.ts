// The port of whoever says what tokens are worth: CoinGecko for all of them, some providers for their own.
import type { TokenPrice } from '../pricing/tokenPrice.ts'

export interface TokenSource {
  /** As records and people see it: "coingecko", "akash". */
  readonly name: string
  /** Symbols it may answer for, upper case. */
  readonly tokens: readonly string[]
  /** Prices with the source's own time. Throws NectoError (retry 'later') when it cannot be read; honours the signal. */
  read(signal: AbortSignal): Promise<TokenPrice[]>
}
