// Nosana: the list of its markets, turned into offers.
import { z } from 'zod'
import { NectoError } from '../../errors.ts'
import { cannotStart } from '../../launch/cannotStart.ts'
import type { Offer } from '../../market/offer.ts'
import { perNodeHour, usdFromNumber } from '../../money.ts'
import { type DroppedRow, dropWarnings, type ParsedOffers, unmappedWarnings } from '../dropped.ts'
import type { RecordedReply } from '../module.ts'
import { PRIVATE_MARKETS } from './knownMarkets.ts'
import { gpusOfHost, marketGpu } from './marketGpu.ts'

const marketRow = z.object({
  address: z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/),
  slug: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  /** PREMIUM (staked, benchmarked), COMMUNITY (cheaper), OTHER (several GPUs, special hosts). */
  type: z.string().min(1),
  usd_reward_per_hour: z.number().nullish(),
  network_fee_percentage: z.number().min(0).max(100),
  gpu_types: z.array(z.string()).default([]),
  lowest_vram: z.number().nullish(),
})
export type MarketRow = z.output<typeof marketRow>

// Billed "per second, from when a job starts running on a host until it stops" (nosana.com/pricing.md, 2026-09-03).
// The 60 minutes that deployments on credits need are their least timeout: a cap, whose unused rest is given back.
const MIN_SECONDS = 1

/** Left out by design, so nobody is warned of them. */
const EXPECTED = { laptop: 'a laptop market', private: 'a private market' } as const

interface Observed {
  readonly observedAtMs: number
  /** Hosts that wait for a job, by market address; a market that is not here is unknown. */
  readonly idleHosts?: ReadonlyMap<string, number> | undefined
}

/** One offer per market: a whole host at what the host is paid, with the network's fee on top. */
export function nosanaOffers(rows: readonly (MarketRow | undefined)[], observed: Observed): ParsedOffers<Offer[]> {
  const offers = new Map<string, Offer>()
  const mixed: string[] = []
  const dropped: DroppedRow[] = []
  for (const [index, row] of rows.entries()) {
    const offer = row ? marketOffer(row, observed) : { reason: 'not readable' }
    if ('reason' in offer) dropped.push({ row: row?.slug ?? `markets[${index}]`, reason: offer.reason })
    else if (offers.has(offer.id)) dropped.push({ row: offer.id, reason: 'listed twice' })
    else {
      offers.set(offer.id, offer)
      if (row && row.gpu_types.length > 1 && offer.gpu) mixed.push(row.slug)
    }
  }
  const all = [...offers.values()]
  const expected: readonly string[] = Object.values(EXPECTED)
  const unexpected = dropped.filter(({ reason }) => !expected.includes(reason))
  return {
    offers: all,
    warnings: [...dropWarnings(unexpected), ...unmappedWarnings(all), ...mixedWarnings(mixed)],
    dropped,
  }
}

/**
 * The rows of a reply of `GET /api/markets/`, undefined where one cannot be read. Throws NectoError 'nosana.reply' when
 * it is no list of markets.
 */
export function marketRows(reply: unknown): (MarketRow | undefined)[] {
  const list = z.array(z.unknown()).safeParse(reply)
  const parsed = (list.data ?? []).map((raw) => marketRow.safeParse(raw))
  // A list in which not one row is a market is a list of something else.
  if (list.success && (parsed.length === 0 || parsed.some(({ success }) => success)))
    return parsed.map(({ data }) => data)
  const error = list.error ?? parsed[0]?.error
  const details = error && z.prettifyError(error)
  throw new NectoError('nosana.reply', 'Nosana answered in a form Necto does not know.', { retry: 'later', details })
}

/** The parse of recorded replies of `GET /api/markets/`; throws NectoError 'nosana.reply' that names another file. */
export function replayNosana(replies: readonly RecordedReply[], observedAtMs: number): ParsedOffers<Offer[]> {
  const rows = replies.flatMap(({ name, json }) => {
    try {
      return marketRows(json)
    } catch (cause) {
      const message = `${name} is no reply of Nosana: that is a list of markets with slug, address and usd_reward_per_hour.`
      throw new NectoError('nosana.reply', message, { cause })
    }
  })
  return nosanaOffers(rows, { observedAtMs })
}

function marketOffer(row: MarketRow, { observedAtMs, idleHosts }: Observed): Offer | { reason: string } {
  const { address, slug, type, gpu_types: gpuTypes, usd_reward_per_hour: reward } = row
  if (PRIVATE_MARKETS.has(slug)) return { reason: EXPECTED.private }
  if (/laptop/.test(slug)) return { reason: EXPECTED.laptop }
  if (reward === null || reward === undefined) return { reason: 'no price' }
  const usd = usdFromNumber(reward)
  if (usd === undefined || usd === 0n) return { reason: 'a price that is none' }
  const gpus = gpusOfHost(slug)
  const lowestVramGib = row.lowest_vram && row.lowest_vram > 0 ? row.lowest_vram : undefined
  const gpu = marketGpu({ address, slug, gpuTypes, lowestVramGib })
  const hosts = idleHosts?.get(address)
  const feeBps = Math.ceil(Number((row.network_fee_percentage * 100).toFixed(6)))
  return {
    id: `nosana:${slug}`,
    provider: 'nosana',
    ...(gpu ? { gpu } : {}),
    rawGpu: `${gpus > 1 ? `${gpus}x ` : ''}${gpuTypes.join(' or ') || slug} (${type})`,
    gpusPerNode: gpus,
    price: { model: 'fixed', unit: { per: 'node', usdPerHour: perNodeHour(usd), gpus } },
    region: [],
    ...(hosts === undefined ? {} : { freeGpus: hosts * gpus }),
    bookable: { no: cannotStart('Nosana', 'NOSANA_API_KEY') },
    runtimes: ['container'],
    ...(feeBps > 0 ? { fees: [{ label: 'network fee', bps: feeBps }] } : {}),
    minSeconds: MIN_SECONDS,
    observedAtMs,
  }
}

function mixedWarnings(slugs: readonly string[]): string[] {
  if (slugs.length === 0) return []
  return [
    `${slugs.length} ${slugs.length === 1 ? 'market' : 'markets'} of several GPUs, taken as the weakest: ${slugs.join(', ')}`,
  ]
}
