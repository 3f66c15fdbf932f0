// The filter: holds one offer against the ask and collects every reason against it (AGENT-01).
import { gpuMatches } from '../gpu/gpuMatches.ts'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import type { Policy } from '../pricing/policy.ts'
import { isQuote, type Priced } from '../pricing/quote.ts'
import type { TokenStanding } from '../pricing/tokenPrice.ts'
import { regionMatches } from '../region/region.ts'
import type { Rejection, Verdict } from './rejection.ts'
import type { Rules } from './rules.ts'

interface Judged {
  ask: Ask
  offer: Offer
  priced: Priced
  policy: Policy
  nowMs: number
  rules: Rules
}

/** The verdict on one offer. Not-bookable is judged last and stands last. */
export function judgeOffer(judged: Judged): Verdict {
  const rejections = [
    gpu,
    memory,
    oneNode,
    capacity,
    region,
    cap,
    model,
    provider,
    runtimes,
    uptime,
    estimated,
    priced,
    age,
    freshness,
    bookable,
  ].flatMap((rule) => rule(judged) ?? [])
  return { offerId: judged.offer.id, rejections }
}

/** GPUs that one rented unit can hold together: those of a node-priced node, else those of the machine. */
export function gpusOnOneNode(offer: Offer): number {
  const { price } = offer
  if (price.model === 'token') return price.per === 'node' ? Math.min(price.gpus, offer.gpusPerNode) : offer.gpusPerNode
  return price.unit.per === 'node' ? Math.min(price.unit.gpus, offer.gpusPerNode) : offer.gpusPerNode
}

function gpu({ ask, offer }: Judged): Rejection | undefined {
  if (!offer.gpu) return { code: 'gpu-unmapped', rawGpu: offer.rawGpu }
  const match = gpuMatches(ask.gpu, offer.gpu)
  if (match === 'no') return { code: 'gpu-mismatch', offered: offer.gpu.id }
  if (match === 'maybe' && ask.gpu.interface) return { code: 'interface-unknown', wanted: ask.gpu.interface }
}

function memory({ ask, offer }: Judged): Rejection | undefined {
  if (!offer.gpu || ask.minMemoryGib === undefined || offer.gpu.memoryGib >= ask.minMemoryGib) return
  return { code: 'memory-too-small', memoryGib: offer.gpu.memoryGib, wantedGib: ask.minMemoryGib }
}

function oneNode({ ask, offer }: Judged): Rejection | undefined {
  const gpusPerNode = gpusOnOneNode(offer)
  if (ask.gpuCount > gpusPerNode) return { code: 'not-on-one-node', gpusPerNode, wanted: ask.gpuCount }
}

function capacity({ ask, offer }: Judged): Rejection | undefined {
  const { price, freeGpus } = offer
  // Who does not say what is free is not rejected for it.
  if (freeGpus === undefined) return
  const per = price.model === 'token' ? price.per : price.unit.per
  const wanted = per === 'node' ? gpusOnOneNode(offer) : ask.gpuCount
  if (freeGpus < wanted) return { code: 'no-free-capacity', freeGpus, wanted }
}

function region({ ask, offer }: Judged): Rejection | undefined {
  const match = regionMatches(ask.regions ?? [], offer.region)
  if (match === 'yes') return
  return { code: match === 'no' ? 'region-mismatch' : 'region-unknown', region: offer.region }
}

function cap({ ask, priced }: Judged): Rejection | undefined {
  if (ask.maxUsdPerGpuHour === undefined || !isQuote(priced) || priced.usdPerGpuHour <= ask.maxUsdPerGpuHour) return
  return { code: 'over-price-cap', price: priced.usdPerGpuHour, cap: ask.maxUsdPerGpuHour }
}

function model({ ask, offer }: Judged): Rejection | undefined {
  if (ask.excludeModels?.includes(offer.price.model)) return { code: 'model-excluded', model: offer.price.model }
}

function provider({ ask, offer }: Judged): Rejection[] {
  const excluded = ask.excludeProviders?.includes(offer.provider)
  const allowed = !ask.onlyProviders || ask.onlyProviders.includes(offer.provider)
  return [
    ...(excluded ? [{ code: 'provider-excluded' as const, provider: offer.provider }] : []),
    ...(allowed ? [] : [{ code: 'provider-not-allowed' as const, provider: offer.provider }]),
  ]
}

function runtimes({ ask, offer }: Judged): Rejection | undefined {
  if (ask.runtime && !offer.runtimes.includes(ask.runtime)) return { code: 'runtime-unsupported', wanted: ask.runtime }
}

function uptime({ ask, offer }: Judged): Rejection | undefined {
  const wantedPercent = ask.minUptimePercent
  if (wantedPercent === undefined) return
  const percent = offer.uptimePercent?.value
  if (percent === undefined) return { code: 'uptime-unknown', wantedPercent }
  if (percent < wantedPercent) return { code: 'uptime-too-low', percent, wantedPercent }
}

function estimated({ offer }: Judged): Rejection | undefined {
  if (offer.estimated !== undefined) return { code: 'estimated', card: offer.estimated }
}

function priced({ priced }: Judged): Rejection | undefined {
  // That a node is too small is said once, by its own code.
  if (!isQuote(priced) && priced.unpriced !== 'not-on-one-node') return { code: 'unpriced', why: priced.unpriced }
}

function age({ offer, policy, nowMs }: Judged): Rejection | undefined {
  const ageMs = nowMs - offer.observedAtMs
  if (ageMs > policy.offerMaxAgeMs) return { code: 'offer-too-old', ageMs, limitMs: policy.offerMaxAgeMs }
}

function freshness({ ask, offer, nowMs }: Judged): Rejection | undefined {
  if (ask.maxAgeSeconds === undefined) return
  const [ageMs, limitMs] = [nowMs - offer.observedAtMs, ask.maxAgeSeconds * 1000]
  if (ageMs > limitMs) return { code: 'older-than-asked', ageMs, limitMs }
}

function bookable({ ask, offer, priced, rules }: Judged): Rejection | undefined {
  if (!rules.alwaysBookable && !ask.bookableOnly && !ask.runtime) return
  const why = whyNotBookable(offer, priced)
  if (why !== undefined) return { code: 'not-bookable', why }
}

/** Why Necto cannot start a job on it, or take money for it at this price; undefined when it can. */
export function whyNotBookable(offer: Offer, priced: Priced): string | undefined {
  if (offer.bookable !== true) return offer.bookable.no
  if (!offer.payee) return 'nobody is registered to be paid for it'
  const standing = isQuote(priced) ? priced.token?.standing : undefined
  return standing && UNBOOKABLE_STANDING[standing]
}

const UNBOOKABLE_STANDING: Record<TokenStanding, string | undefined> = {
  verified: undefined,
  unverified: undefined,
  'price-too-old-to-book': 'the price of its token is too old to settle on',
  'feed-stale': 'the on-chain feed of its token is stale',
  'feed-deviates': 'the price of its token deviates from the on-chain feed',
  'single-source': 'only one source prices its token',
  'sources-disagree': 'the sources of its token price disagree',
}
