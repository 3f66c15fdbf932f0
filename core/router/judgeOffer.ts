// The filter: small rules, each holding one offer against the ask, every reason against an offer kept (AGENT-01).
import { gpuMatches } from '../gpu/gpuMatches.ts'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import type { Policy } from '../pricing/policy.ts'
import { isQuote, type Priced } from '../pricing/quote.ts'
import type { TokenStanding } from '../pricing/tokenPrice.ts'
import { regionMatcher } from '../region/region.ts'
import type { Rejection } from './rejection.ts'
import type { Rules } from './rules.ts'

/** What offers are held against. */
export interface Standard {
  readonly ask: Ask
  readonly policy: Policy
  readonly nowMs: number
  readonly rules: Rules
}

export interface Judge {
  /** Whether nothing but its price could speak against the offer. */
  offerFits(offer: Offer): boolean
  /** Whether its price does not speak against it either. */
  priceFits(offer: Offer, priced: Priced): boolean
  /** Every reason against it, in the order of the rules; not-bookable stands last. */
  rejectionsOf(offer: Offer, priced: Priced): Rejection[]
}

/** A rule made ready for one ask gives the reason against an offer, if there is one. */
type OfferRule = (offer: Offer) => Rejection | undefined
type PriceRule = (offer: Offer, priced: Priced) => Rejection | undefined
/** undefined: this ask does not care. */
type Prepare<Rule> = (standard: Standard) => Rule | undefined

/** In the order in which people read the reasons. Whoever looks at the price is asked only where all others let pass. */
const RULES: readonly ({ offer: Prepare<OfferRule> } | { price: Prepare<PriceRule> })[] = [
  { offer: gpu },
  { offer: memory },
  { offer: oneNode },
  { offer: capacity },
  { offer: region },
  { price: cap },
  { offer: model },
  { offer: providerExcluded },
  { offer: providerAllowed },
  { offer: runtimes },
  { offer: uptime },
  { offer: estimated },
  { price: unpriced },
  { offer: age },
  { offer: freshness },
  { price: bookable },
]

/** The rules for one ask. */
export function createJudge(standard: Standard): Judge {
  const ofOffer = RULES.flatMap((rule) => ('offer' in rule && rule.offer(standard)) || [])
  const ofPrice = RULES.flatMap((rule) => ('price' in rule && rule.price(standard)) || [])
  const all = RULES.flatMap((rule): PriceRule | [] => ('offer' in rule ? rule.offer : rule.price)(standard) ?? [])
  return {
    // Plain loops, since this is asked of every offer of a large market.
    offerFits(offer) {
      for (const rule of ofOffer) if (rule(offer)) return false
      return true
    },
    priceFits: (offer, priced) => !ofPrice.some((rule) => rule(offer, priced)),
    rejectionsOf(offer, priced) {
      const rejections: Rejection[] = []
      for (const rule of all) {
        const rejection = rule(offer, priced)
        if (rejection) rejections.push(rejection)
      }
      return rejections
    },
  }
}

function gpu({ ask }: Standard): OfferRule {
  return (offer) => {
    if (!offer.gpu) return { code: 'gpu-unmapped', rawGpu: offer.rawGpu }
    const match = gpuMatches(ask.gpu, offer.gpu)
    if (match === 'no') return { code: 'gpu-mismatch', offered: offer.gpu.id }
    if (match === 'maybe' && ask.gpu.interface) return { code: 'interface-unknown', wanted: ask.gpu.interface }
  }
}

function memory({ ask: { minMemoryGib: wantedGib } }: Standard): OfferRule | undefined {
  if (wantedGib === undefined) return
  return ({ gpu }) => {
    if (gpu && gpu.memoryGib < wantedGib) return { code: 'memory-too-small', memoryGib: gpu.memoryGib, wantedGib }
  }
}

/** GPUs that one rented unit can hold together: those of a node-priced node, else those of the machine. */
export function gpusOnOneNode(offer: Offer): number {
  const { price } = offer
  if (price.model === 'token') return price.per === 'node' ? Math.min(price.gpus, offer.gpusPerNode) : offer.gpusPerNode
  return price.unit.per === 'node' ? Math.min(price.unit.gpus, offer.gpusPerNode) : offer.gpusPerNode
}

function oneNode({ ask: { gpuCount: wanted } }: Standard): OfferRule {
  return (offer) => {
    const gpusPerNode = gpusOnOneNode(offer)
    if (wanted > gpusPerNode) return { code: 'not-on-one-node', gpusPerNode, wanted }
  }
}

function capacity({ ask }: Standard): OfferRule {
  return (offer) => {
    const { price, freeGpus } = offer
    // Who does not say what is free is not rejected for it.
    if (freeGpus === undefined) return
    const per = price.model === 'token' ? price.per : price.unit.per
    const wanted = per === 'node' ? gpusOnOneNode(offer) : ask.gpuCount
    if (freeGpus < wanted) return { code: 'no-free-capacity', freeGpus, wanted }
  }
}

function region({ ask }: Standard): OfferRule | undefined {
  if (!ask.regions || ask.regions.length === 0) return
  const matchOf = regionMatcher(ask.regions)
  return ({ region }) => {
    const match = matchOf(region)
    if (match !== 'yes') return { code: match === 'no' ? 'region-mismatch' : 'region-unknown', region }
  }
}

function cap({ ask: { maxUsdPerGpuHour: cap } }: Standard): PriceRule | undefined {
  if (cap === undefined) return
  return (_offer, priced) => {
    if (isQuote(priced) && priced.usdPerGpuHour > cap)
      return { code: 'over-price-cap', price: priced.usdPerGpuHour, cap }
  }
}

function model({ ask: { excludeModels } }: Standard): OfferRule | undefined {
  if (!excludeModels) return
  return ({ price: { model } }) => {
    if (excludeModels.includes(model)) return { code: 'model-excluded', model }
  }
}

function providerExcluded({ ask: { excludeProviders } }: Standard): OfferRule | undefined {
  if (!excludeProviders) return
  return ({ provider }) => {
    if (excludeProviders.includes(provider)) return { code: 'provider-excluded', provider }
  }
}

function providerAllowed({ ask: { onlyProviders } }: Standard): OfferRule | undefined {
  if (!onlyProviders) return
  return ({ provider }) => {
    if (!onlyProviders.includes(provider)) return { code: 'provider-not-allowed', provider }
  }
}

function runtimes({ ask: { runtime: wanted } }: Standard): OfferRule | undefined {
  if (!wanted) return
  return ({ runtimes }) => {
    if (!runtimes.includes(wanted)) return { code: 'runtime-unsupported', wanted }
  }
}

function uptime({ ask: { minUptimePercent: wantedPercent } }: Standard): OfferRule | undefined {
  if (wantedPercent === undefined) return
  return ({ uptimePercent }) => {
    if (!uptimePercent) return { code: 'uptime-unknown', wantedPercent }
    const percent = uptimePercent.value
    if (percent < wantedPercent) return { code: 'uptime-too-low', percent, wantedPercent }
  }
}

function estimated(): OfferRule {
  return ({ estimated: card }) => {
    if (card !== undefined) return { code: 'estimated', card }
  }
}

function unpriced(): PriceRule {
  return (_offer, priced) => {
    // That a node is too small is said once, by its own code.
    if (!isQuote(priced) && priced.unpriced !== 'not-on-one-node') return { code: 'unpriced', why: priced.unpriced }
  }
}

function age({ policy: { offerMaxAgeMs: limitMs }, nowMs }: Standard): OfferRule {
  return ({ observedAtMs }) => {
    const ageMs = nowMs - observedAtMs
    if (ageMs > limitMs) return { code: 'offer-too-old', ageMs, limitMs }
  }
}

function freshness({ ask: { maxAgeSeconds }, nowMs }: Standard): OfferRule | undefined {
  if (maxAgeSeconds === undefined) return
  const limitMs = maxAgeSeconds * 1000
  return ({ observedAtMs }) => {
    const ageMs = nowMs - observedAtMs
    if (ageMs > limitMs) return { code: 'older-than-asked', ageMs, limitMs }
  }
}

function bookable({ ask, rules }: Standard): PriceRule | undefined {
  if (!rules.alwaysBookable && !ask.bookableOnly && !ask.runtime) return
  return (offer, priced) => {
    const why = whyNotBookable(offer, priced)
    if (why !== undefined) return { code: 'not-bookable', why }
  }
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
