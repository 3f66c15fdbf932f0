// For tests: the decision as it would be written if markets were small, to hold the fast one against.
import { gpuMatches } from '../gpu/gpuMatches.ts'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import type { Policy } from '../pricing/policy.ts'
import { isQuote, type Priced, type Quote } from '../pricing/quote.ts'
import { regionPath } from '../region/region.ts'
import type { Rejection } from './rejection.ts'

const NOT_BOOKABLE: Record<string, string> = {
  'price-too-old-to-book': 'the price of its token is too old to settle on',
  'feed-stale': 'the on-chain feed of its token is stale',
  'feed-deviates': 'the price of its token deviates from the on-chain feed',
  'single-source': 'only one source prices its token',
  'sources-disagree': 'the sources of its token price disagree',
}

interface Judged {
  offer: Offer
  quote: Quote | undefined
  rejections: Rejection[]
}
type Priceable = Judged & { quote: Quote }

/** What `decide` must come to for the current engine, without its ranking's reasons. */
export function referenceDecision(options: {
  ask: Ask
  offers: readonly Offer[]
  quotes: readonly Priced[]
  policy: Policy
  nowMs: number
}) {
  const { ask, offers, quotes, policy } = options
  const judged = [...offers]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((offer): Judged => {
      const priced = quotes.find(({ offerId }) => offerId === offer.id)
      if (!priced) throw new Error(`no quote of ${offer.id}`)
      return { offer, quote: isQuote(priced) ? priced : undefined, rejections: reasons({ ...options, offer, priced }) }
    })
  const priceable = judged.filter((one): one is Priceable => one.quote !== undefined).sort(byPrice)
  const ranked = rank(
    priceable.filter(({ rejections }) => rejections.length === 0),
    ask,
    policy,
  )
  const lackOnly = (code: Rejection['code']) =>
    priceable.filter(({ rejections: [first, ...more] }) => first?.code === code && more.length === 0)
  const codes = judged.flatMap(({ rejections }) => rejections.map(({ code }) => code))
  const naive = priceable
    .filter(({ rejections }) => !rejections.some(({ code }) => code === 'gpu-mismatch' || code === 'gpu-unmapped'))
    .sort((a, b) => Number(a.quote.listedUsdPerGpuHour - b.quote.listedUsdPerGpuHour))[0]
  return {
    verdicts: judged.map(({ offer, rejections }) => ({ offerId: offer.id, rejections })),
    ranking: ranked.map(({ offer }) => offer.id),
    notBookable: lackOnly('not-bookable')
      .filter(({ offer }, i, all) => all.findIndex((other) => other.offer.provider === offer.provider) === i)
      .map(({ offer, quote }) => ({ offer, quote })),
    histogram: [...new Set(codes)]
      .map((code) => ({ code, count: codes.filter((other) => other === code).length }))
      .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1)),
    naive: naive && { offerId: naive.offer.id, rejections: naive.rejections },
    overCap: lackOnly('over-price-cap').slice(0, 3),
  }
}

const byPrice = (a: Priceable, b: Priceable) =>
  Number(a.quote.usdPerGpuHour - b.quote.usdPerGpuHour) || (a.offer.id < b.offer.id ? -1 : 1)

function rank(byPrice: readonly Priceable[], { sort, withinBps }: Ask, policy: Policy): Priceable[] {
  const cheapest = byPrice[0]?.quote.usdPerGpuHour ?? 0n
  const limit = cheapest * (10_000n + BigInt(withinBps ?? policy.withinBps))
  const near = byPrice.filter(({ quote }) => sort && quote.usdPerGpuHour * 10_000n <= limit)
  const worth = ({ offer }: Priceable) =>
    sort === 'latency' ? -(offer.latencyMs?.value ?? Infinity) : (offer.uptimePercent?.value ?? -Infinity)
  // A stable sort, and Infinity less Infinity is not a number.
  return [...near.sort((a, b) => worth(b) - worth(a) || 0), ...byPrice.filter((one) => !near.includes(one))]
}

function reasons(options: { ask: Ask; offer: Offer; priced: Priced; policy: Policy; nowMs: number }): Rejection[] {
  const { ask, offer, priced, policy, nowMs } = options
  const { gpu, price, provider, freeGpus, region, bookable, uptimePercent } = offer
  const quote = isQuote(priced) ? priced : undefined
  const match = gpu && gpuMatches(ask.gpu, gpu)
  const node = price.model === 'token' ? price : 'gpus' in price.unit ? price.unit : undefined
  const gpusPerNode = node?.per === 'node' ? Math.min(node.gpus, offer.gpusPerNode) : offer.gpusPerNode
  const needed = node?.per === 'node' ? gpusPerNode : ask.gpuCount
  const isIn = !ask.regions || ask.regions.length === 0 || ask.regions.some((code) => region.includes(code))
  const isAround = region.length === 0 || ask.regions?.some((code) => region.every((p) => regionPath(code).includes(p)))
  const ageMs = nowMs - offer.observedAtMs
  const freshMs = (ask.maxAgeSeconds ?? Infinity) * 1000
  const { minMemoryGib, minUptimePercent, runtime, maxUsdPerGpuHour: cap } = ask
  const standing = quote?.token && NOT_BOOKABLE[quote.token.standing]
  const notBookable =
    bookable !== true ? bookable.no : offer.payee ? standing : 'nobody is registered to be paid for it'
  const all: (Rejection | false | undefined)[] = [
    !gpu && { code: 'gpu-unmapped', rawGpu: offer.rawGpu },
    gpu && match === 'no' && { code: 'gpu-mismatch', offered: gpu.id },
    match === 'maybe' && ask.gpu.interface && { code: 'interface-unknown', wanted: ask.gpu.interface },
    gpu &&
      minMemoryGib !== undefined &&
      gpu.memoryGib < minMemoryGib && {
        code: 'memory-too-small',
        memoryGib: gpu.memoryGib,
        wantedGib: minMemoryGib,
      },
    ask.gpuCount > gpusPerNode && { code: 'not-on-one-node', gpusPerNode, wanted: ask.gpuCount },
    freeGpus !== undefined && freeGpus < needed && { code: 'no-free-capacity', freeGpus, wanted: needed },
    !isIn && { code: isAround ? 'region-unknown' : 'region-mismatch', region },
    quote &&
      cap !== undefined &&
      quote.usdPerGpuHour > cap && { code: 'over-price-cap', price: quote.usdPerGpuHour, cap },
    ask.excludeModels?.includes(price.model) && { code: 'model-excluded', model: price.model },
    ask.excludeProviders?.includes(provider) && { code: 'provider-excluded', provider },
    ask.onlyProviders && !ask.onlyProviders.includes(provider) && { code: 'provider-not-allowed', provider },
    runtime && !offer.runtimes.includes(runtime) && { code: 'runtime-unsupported', wanted: runtime },
    minUptimePercent !== undefined && !uptimePercent && { code: 'uptime-unknown', wantedPercent: minUptimePercent },
    minUptimePercent !== undefined &&
      uptimePercent &&
      uptimePercent.value < minUptimePercent && {
        code: 'uptime-too-low',
        percent: uptimePercent.value,
        wantedPercent: minUptimePercent,
      },
    offer.estimated !== undefined && { code: 'estimated', card: offer.estimated },
    !isQuote(priced) && priced.unpriced !== 'not-on-one-node' && { code: 'unpriced', why: priced.unpriced },
    ageMs > policy.offerMaxAgeMs && { code: 'offer-too-old', ageMs, limitMs: policy.offerMaxAgeMs },
    ageMs > freshMs && { code: 'older-than-asked', ageMs, limitMs: freshMs },
    (ask.runtime || ask.bookableOnly) && notBookable !== undefined && { code: 'not-bookable', why: notBookable },
  ]
  return all.filter((reason): reason is Rejection => typeof reason === 'object')
}
