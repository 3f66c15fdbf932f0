// The last known price of each token and source, kept across restarts where there is a store (FEED-03).
import type { z } from 'zod'
import type { Clock } from '../clock.ts'
import { errorText } from '../errors.ts'
import type { Log } from '../log.ts'
import { defaultPolicy } from '../pricing/policy.ts'
import { type TokenPrice, tokenPriceSchema } from '../pricing/tokenPrice.ts'
import type { Collection, CollectionDefinition } from '../store/store.ts'
import type { TokenSource } from './source.ts'

export const keptTokenPrice = tokenPriceSchema.omit({ lastKnown: true })
export type KeptTokenPrice = z.output<typeof keptTokenPrice>

/** By `<source>:<token>`. */
export const tokenPrices: CollectionDefinition<KeptTokenPrice> = {
  name: 'tokenPrices',
  schema: keptTokenPrice,
  indexes: {},
}

// A crash loses at most this much of what was read, for a write a minute instead of one at every read.
const SAVE_EVERY_MS = 60_000

export interface LastKnown {
  /** Keeps what is newer than known. Never throws: a store that fails costs the next start its prices, no more. */
  remember(prices: readonly KeptTokenPrice[]): Promise<void>
  /** What is known from this source, marked, in the order of its tokens. */
  of(source: Pick<TokenSource, 'name' | 'tokens'>): Promise<TokenPrice[]>
}

/** Without a collection it lives as long as the process. */
export function createLastKnown(options: {
  clock: Clock
  log: Log
  collection?: Collection<KeptTokenPrice> | undefined
}): LastKnown {
  const { clock, log, collection } = options
  const known = new Map<string, KeptTokenPrice>()
  const savedAtMs = new Map<string, number>()
  let loading: Promise<void> | undefined

  function loaded(): Promise<void> {
    loading ??= load()
    return loading
  }

  async function load(): Promise<void> {
    try {
      for (const { id, value } of (await collection?.list()) ?? []) known.set(id, value)
    } catch (error) {
      log.warn({ msg: 'last known token prices cannot be read', error: errorText(error) })
    }
  }

  async function rememberOne(price: KeptTokenPrice): Promise<void> {
    const id = `${price.source}:${price.token}`
    // One wrong time in the future would keep out every right one after it.
    if (price.atMs > clock.now() + defaultPolicy.clockSkewMs) return
    if (price.atMs <= (known.get(id)?.atMs ?? -1)) return
    known.set(id, price)
    if (!collection || clock.now() - (savedAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < SAVE_EVERY_MS) return
    savedAtMs.set(id, clock.now())
    await save(collection, id, price)
  }

  async function save(into: Collection<KeptTokenPrice>, id: string, price: KeptTokenPrice): Promise<void> {
    try {
      const stored = await into.get(id)
      if (stored) await into.put(stored, price)
      else await into.insert(id, price)
    } catch (error) {
      log.warn({ msg: 'a token price cannot be kept', id, error: errorText(error) })
    }
  }

  return {
    async remember(prices) {
      await loaded()
      await Promise.all(prices.map(rememberOne))
    },
    async of({ name, tokens }) {
      await loaded()
      return tokens.flatMap((token): TokenPrice[] => {
        const price = known.get(`${name}:${token}`)
        return price ? [{ ...price, lastKnown: true }] : []
      })
    },
  }
}
