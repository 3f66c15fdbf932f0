// The cache of providers' answers: fresh for a minute, older served at once and renewed behind, one flight at a time.
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { retryPauseMs } from '../retryPause.ts'
import { orAborted, withTimeLimit } from '../timeLimit.ts'
import { type Ask, askSchema } from './ask.ts'
import type { Batch, SynapseProvider } from './provider.ts'

/** An answer with its age. `stale` is set when it is past its minute and is being renewed, or could not be. */
interface CachedBatch {
  readonly batch: Batch
  readonly ageMs: number
  readonly stale?: string
}

export interface OfferCache {
  /** Throws what the provider throws when there is nothing recent enough to serve instead. */
  offers(provider: SynapseProvider, ask: Ask, signal: AbortSignal): Promise<CachedBatch>
  /** What was last answered to anybody and is no older than this, oldest first; asks nobody. */
  recent(maxAgeMs: number): readonly { readonly batch: Batch; readonly atMs: number }[]
}

interface Entry {
  good?: { batch: Batch; atMs: number }
  flight?: Promise<Batch>
  failure?: { error: unknown; count: number; againAtMs: number }
}

const MAX_ENTRIES = 500

/**
 * `freshMs`: served as it is. `maxStaleMs`: the oldest that is served while a renewal is under way. `flightMs`: how long
 * one renewal may take; it goes on when its asker has gone, so that the next one finds the answer. A provider that
 * failed is left alone for a while: as long as it asked for, else two seconds, doubling up to a minute.
 */
export function createOfferCache(options: {
  clock: Clock
  freshMs?: number
  maxStaleMs?: number
  flightMs?: number
}): OfferCache {
  const { clock, freshMs = 60_000, maxStaleMs = 15 * 60_000, flightMs = 30_000 } = options
  const entries = new Map<string, Entry>()

  function entryOf(key: string): Entry {
    const entry = entries.get(key) ?? {}
    entries.set(key, entry)
    const [oldest] = entries.keys()
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest)
    return entry
  }

  async function fly(entry: Entry, provider: SynapseProvider, ask: Ask): Promise<Batch> {
    const timeout = new NectoError('market.timeout', `It did not answer within ${flightMs / 1000} s.`, {
      retry: 'later',
    })
    const signal = new AbortController().signal
    try {
      const limit = { clock, signal, timeoutMs: flightMs, timeout }
      const batch = await withTimeLimit(limit, async (limited) => provider.offers(ask, limited))
      entry.good = { batch, atMs: clock.now() }
      delete entry.failure
      return batch
    } catch (error) {
      const count = (entry.failure?.count ?? 0) + 1
      entry.failure = { error, count, againAtMs: clock.now() + retryPauseMs(error, count) }
      throw error
    } finally {
      delete entry.flight
    }
  }

  function renew(entry: Entry, provider: SynapseProvider, ask: Ask): Promise<Batch> {
    if (entry.flight) return entry.flight
    if (entry.failure && clock.now() < entry.failure.againAtMs) return Promise.reject(entry.failure.error)
    entry.flight = fly(entry, provider, ask)
    // Whoever waits sees the failure; nobody may be waiting.
    entry.flight.catch(() => undefined)
    return entry.flight
  }

  return {
    async offers(provider, ask, signal) {
      const key = askKey(provider, ask)
      if (key === undefined) return { batch: await provider.offers(ask, signal), ageMs: 0 }
      const entry = entryOf(`${provider.id} ${key}`)
      const ageMs = entry.good ? clock.now() - entry.good.atMs : Number.POSITIVE_INFINITY
      if (entry.good && ageMs < freshMs) return { batch: entry.good.batch, ageMs }
      const renewal = renew(entry, provider, ask)
      if (entry.good && ageMs < maxStaleMs) {
        renewal.catch(() => undefined)
        return { batch: entry.good.batch, ageMs, stale: staleText(entry) }
      }
      return { batch: await orAborted(renewal, signal), ageMs: 0 }
    },
    recent: (maxAgeMs) =>
      [...entries.values()]
        .flatMap(({ good }) => (good && clock.now() - good.atMs <= maxAgeMs ? good : []))
        .sort((a, b) => a.atMs - b.atMs),
  }
}

function askKey(provider: SynapseProvider, ask: Ask): string | undefined {
  return provider.cacheKey ? provider.cacheKey(ask) : JSON.stringify(z.encode(askSchema, ask))
}

function staleText({ failure }: Entry): string {
  if (!failure) return 'being renewed'
  return failure.error instanceof NectoError ? `could not be renewed: ${failure.error.message}` : 'could not be renewed'
}
