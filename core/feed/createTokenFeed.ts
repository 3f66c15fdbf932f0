// The token feed: every source read at most each twenty seconds, and where one cannot be read its last known prices.
import type { Clock } from '../clock.ts'
import { errorText } from '../errors.ts'
import type { Log } from '../log.ts'
import type { TokenPrice } from '../pricing/tokenPrice.ts'
import type { Collection } from '../store/store.ts'
import { createLastKnown, type KeptTokenPrice, keptTokenPrice } from './lastKnown.ts'
import { createPacedReader } from './pacedReader.ts'
import type { TokenSource } from './source.ts'
import { tokenOf } from './tokenTable.ts'

export interface TokenFeed {
  /**
   * What every source says of every token now, the preferred source first. A source that cannot be read is no failure:
   * its last known prices come instead, marked. Rejects only with the signal's reason.
   */
  prices(signal: AbortSignal): Promise<TokenPrice[]>
}

/**
 * `sources`, the preferred one first, are read at the same time; none delays the others beyond `sourceTimeoutMs`. With
 * `kept` the last known prices outlive the process.
 */
export function createTokenFeed(options: {
  sources: readonly TokenSource[]
  clock: Clock
  log: Log
  kept?: Collection<KeptTokenPrice>
  freshMs?: number
  sourceTimeoutMs?: number
}): TokenFeed {
  const { sources, clock, log, kept, freshMs = 20_000, sourceTimeoutMs = 5_000 } = options
  const lastKnown = createLastKnown({ clock, log, collection: kept })
  const readers = sources.map((source) => ({
    source,
    read: createPacedReader({
      clock,
      freshMs,
      timeoutMs: sourceTimeoutMs,
      read: async (signal) => usable(source, await source.read(signal), log),
      onFailure: (error, pauseMs) =>
        log.warn({ msg: 'token prices cannot be read', source: source.name, error: errorText(error), pauseMs }),
    }),
  }))

  async function pricesOf({ source, read }: (typeof readers)[number], signal: AbortSignal): Promise<TokenPrice[]> {
    const prices = await read(signal).catch((): KeptTokenPrice[] => [])
    signal.throwIfAborted()
    await lastKnown.remember(prices)
    const tokens = source.tokens.filter((token) => prices.every((price) => price.token !== token))
    return [...prices, ...(await lastKnown.of({ name: source.name, tokens }))]
  }

  return {
    async prices(signal) {
      signal.throwIfAborted()
      return (await Promise.all(readers.map((reader) => pricesOf(reader, signal)))).flat()
    },
  }
}

/** One price for each token of the table, by its symbol of today; anything else must not get into a record. */
function usable({ name }: TokenSource, prices: readonly TokenPrice[], log: Log): KeptTokenPrice[] {
  const bySymbol = new Map<string, KeptTokenPrice>()
  for (const price of prices) {
    const token = tokenOf(price.token)?.symbol
    const parsed = token === undefined ? undefined : keptTokenPrice.safeParse({ ...price, token, source: name }).data
    if (!token || !parsed) log.warn({ msg: 'a token price that cannot be used', source: name, token: price.token })
    else if (!bySymbol.has(token)) bySymbol.set(token, parsed)
  }
  return [...bySymbol.values()]
}
