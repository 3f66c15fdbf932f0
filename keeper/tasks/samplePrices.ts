// Notes every quarter of an hour what providers ask, from answers that somebody got anyway and our own sellers; a month is kept.
import type { Clock } from '../../core/clock.ts'
import type { Ask } from '../../core/market/ask.ts'
import type { OfferCache } from '../../core/market/cache.ts'
import type { SampleDay, SampleRow } from '../../core/market/priceSamples.ts'
import type { SynapseProvider } from '../../core/market/provider.ts'
import { sampleOffers } from '../../core/pricing/sampleOffers.ts'
import type { TokenPrice } from '../../core/pricing/tokenPrice.ts'
import type { Collection } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'

const EVERY_MS = 15 * 60_000
const DAY_MS = 86_400_000
const KEPT_DAYS = 30
const ANY_ASK: Ask = { gpu: { family: 'h100' }, gpuCount: 1, maxSeconds: 3600 }

/** Where prices are found. */
export interface SampledMarket {
  readonly providers: readonly SynapseProvider[]
  readonly cache: OfferCache
  /** What tokens are worth now. */
  tokens(signal: AbortSignal): Promise<readonly TokenPrice[]>
}

interface SampleContext {
  readonly market: SampledMarket
  readonly days: Collection<SampleDay>
  readonly clock: Pick<Clock, 'now'>
}

/** Notes them for the quarter of an hour that it is, once however often it is called. */
export async function samplePrices({ market, days, clock }: SampleContext, signal: AbortSignal): Promise<void> {
  const nowMs = clock.now()
  const atMs = Math.floor(nowMs / EVERY_MS) * EVERY_MS
  // Newer answers stand for older ones of the same offer.
  const answers = market.cache.recent(EVERY_MS).flatMap(({ batch }) => batch.offers)
  const own = await Promise.all(market.providers.filter(isFree).map((provider) => provider.offers(ANY_ASK, signal)))
  const all = [...answers, ...own.flatMap((batch) => batch.offers)]
  const offers = [...new Map(all.map((offer) => [offer.id, offer])).values()]
  if (offers.length > 0) {
    const worth = await market.tokens(signal).catch(() => [])
    for (const [family, rows] of sampleOffers({ offers, tokens: worth, nowMs }))
      await note(days, { family, atMs, rows })
  }
  const oldestMs = atMs - KEPT_DAYS * DAY_MS
  for (const doc of await days.list()) if (doc.value.dayMs + DAY_MS <= oldestMs) await days.remove(doc)
}

/** Never cached, since it costs nothing to ask: Necto's own sellers. */
const isFree = ({ missing, cacheKey }: SynapseProvider): boolean =>
  missing === undefined && cacheKey !== undefined && cacheKey(ANY_ASK) === undefined

async function note(
  days: Collection<SampleDay>,
  { family, atMs, rows }: { family: string; atMs: number; rows: SampleRow[] },
): Promise<void> {
  const dayMs = Math.floor(atMs / DAY_MS) * DAY_MS
  const id = `${family}:${new Date(dayMs).toISOString().slice(0, 10)}`
  if (await days.insert(id, { family, dayMs, samples: [{ atMs, rows }] })) return
  await updateDocument({
    collection: days,
    id,
    change: (day) =>
      day.samples.some((sample) => sample.atMs >= atMs)
        ? undefined
        : { ...day, samples: [...day.samples, { atMs, rows }] },
  })
}
