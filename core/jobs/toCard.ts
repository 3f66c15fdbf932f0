// A decision made small: what people are shown of it, in words, for the job document.
import type { Offer, Volatility } from '../market/offer.ts'
import { showUsd } from '../money.ts'
import { isQuote, type Priced, type Quote } from '../pricing/quote.ts'
import type { TokenPrice } from '../pricing/tokenPrice.ts'
import type { Decision } from '../router/decide.ts'
import type { Naive } from '../router/explain.ts'
import { whyNotBookable } from '../router/judgeOffer.ts'
import {
  lossText,
  rejectionShort,
  rejectionText,
  rejectionTitle,
  relaxationText,
  sortText,
} from '../router/reasonText.ts'
import type { Verdict } from '../router/rejection.ts'
import type { Card, Choice, ComparisonRow } from './card.ts'
import { tokenNotes } from './tokenNotes.ts'

const MAX_ALTERNATIVES = 8
const MAX_NEAR_MISSES = 3
const MAX_RELAXATIONS = 3

export interface DecisionInput {
  readonly decision: Decision
  readonly offers: readonly Offer[]
  readonly quotes: readonly Priced[]
  /** The token prices that the quotes were made with. */
  readonly tokens: readonly TokenPrice[]
  /** Names of providers by id, and of sellers by offer id where a provider stands for several. */
  readonly names: Readonly<Record<string, string>>
  readonly nowMs: number
}

/** The card of a decision. */
export function toCard(input: DecisionInput): Card {
  const { decision, offers, names, tokens, nowMs } = input
  const { explanation } = decision
  const winner = explanation.winner
  const alternatives = explanation.alternatives.slice(0, MAX_ALTERNATIVES)
  const nearMisses = explanation.notBookable.slice(0, MAX_NEAR_MISSES)
  const compared = bestOfEach(input)
  const shown = [winner, ...alternatives, ...nearMisses, ...compared].flatMap((one) => one?.quote ?? [])
  const notes = tokenNotes({ quotes: shown, tokens, names, nowMs })
  const ofGpu = decision.verdicts.filter(isOfGpu)
  const offerOf = new Map(offers.map((offer) => [offer.id, offer]))
  return {
    offersTotal: offers.length,
    offersOfGpu: ofGpu.filter(({ rejections }) => rejections.every(({ code }) => code !== 'gpu-unmapped')).length,
    offersFitting: decision.ranking.length,
    ...(winner && { choice: toChoice(input, winner.offer, winner.quote) }),
    alternatives: alternatives.flatMap((alternative) => {
      const offer = offerOf.get(alternative.offerId)
      return offer ? [{ choice: toChoice(input, offer, alternative.quote), why: lossText(alternative) }] : []
    }),
    comparison: compare(input, compared),
    nearMisses: nearMisses.map(({ offer, quote }) => ({
      name: nameOf(input, offer),
      usdPerGpuHour: quote.usdPerGpuHour,
      why: whyNotBookable(offer, quote) ?? '',
    })),
    histogram: countFirst(ofGpu),
    relaxations: explanation.relaxations.slice(0, MAX_RELAXATIONS).map(relaxationText),
    ...(explanation.secondarySort && { sorted: sortText(explanation.secondarySort) }),
    ...(explanation.naive && naiveText(input, explanation.naive)),
    ...(notes.length > 0 && { tokenNotes: notes }),
  }
}

/** Of the asked GPU, or of one that Necto does not know and that could therefore be it. */
const isOfGpu = ({ rejections }: Verdict): boolean => rejections.every(({ code }) => code !== 'gpu-mismatch')

/** Each rejected offer counts once, under the reason that was found first. */
function countFirst(verdicts: readonly Verdict[]): Card['histogram'] {
  const counts = new Map<string, number>()
  for (const { rejections } of verdicts) {
    const first = rejections[0] && rejectionTitle(rejections[0].code)
    if (first) counts.set(first, (counts.get(first) ?? 0) + 1)
  }
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))
}

/** "Berlin", "DE", "us-east-1": a code as people write it. */
const regionName = (code: string): string =>
  /\d/.test(code) ? code : code.length === 2 ? code.toUpperCase() : code.charAt(0).toUpperCase() + code.slice(1)

const nameOf = ({ names }: DecisionInput, offer: Offer) => names[offer.id] ?? names[offer.provider] ?? offer.provider

/** A spot price's figure is a deviation, which goes either way; the others' is a spread from lowest to highest. */
const eitherWayBps = ({ price }: Offer, { bps }: Volatility): number =>
  price.model === 'spot' ? bps : Math.round(bps / 2)

function toChoice(input: DecisionInput, offer: Offer, quote: Quote): Choice {
  const { volatility } = quote
  const notBookable = whyNotBookable(offer, quote)
  return {
    offerId: offer.id,
    provider: offer.provider,
    providerName: nameOf(input, offer),
    gpu: offer.gpu?.id ?? offer.rawGpu,
    region: regionName(offer.region.at(-1) ?? ''),
    model: offer.price.model,
    usdPerGpuHour: quote.usdPerGpuHour,
    usdPerHour: quote.usdPerHour,
    totalUsd: quote.totalUsd,
    minSeconds: quote.minSeconds,
    lines: quote.lines,
    ...(volatility && { volatility: `±${(eitherWayBps(offer, volatility) / 100).toFixed(1)} %, ${volatility.basis}` }),
    ageMs: Math.max(0, input.nowMs - offer.observedAtMs),
    ...(notBookable !== undefined && { notBookable }),
  }
}

interface Compared {
  readonly offer: Offer
  readonly quote: Quote | undefined
}

/** Of each provider its chosen offer, else its cheapest of the asked GPU, else none. */
function bestOfEach({ decision, offers, quotes }: DecisionInput): Compared[] {
  const quoteOf = new Map(quotes.flatMap((priced) => (isQuote(priced) ? [[priced.offerId, priced]] : [])))
  const verdictOf = new Map(decision.verdicts.map((verdict) => [verdict.offerId, verdict.rejections]))
  const best = new Map<string, Compared & { faults: number }>()
  for (const offer of offers) {
    const rejections = verdictOf.get(offer.id) ?? []
    if (rejections.some(({ code }) => code === 'gpu-mismatch' || code === 'gpu-unmapped')) continue
    const quote = quoteOf.get(offer.id)
    const faults = decision.selection === offer.id ? -1 : rejections.length
    const known = best.get(offer.provider)
    const order = known && (faults - known.faults || comparePrices(quote?.usdPerGpuHour, known.quote?.usdPerGpuHour))
    if (order === undefined || order < 0) best.set(offer.provider, { offer, quote, faults })
  }
  return [...best.values()]
}

/** One row per provider, cheapest first; those without the asked GPU last. */
function compare(input: DecisionInput, compared: readonly Compared[]): ComparisonRow[] {
  const { decision, offers, names } = input
  const verdictOf = new Map(decision.verdicts.map((verdict) => [verdict.offerId, verdict.rejections]))
  const lossOf = new Map(
    decision.explanation.alternatives.map((alternative) => [alternative.offerId, lossText(alternative)]),
  )
  const having = new Set(compared.map(({ offer }) => offer.provider))
  const without = new Set(offers.map(({ provider }) => provider).filter((provider) => !having.has(provider)))
  const rows = [...compared]
    .sort((a, b) => comparePrices(a.quote?.usdPerGpuHour, b.quote?.usdPerGpuHour))
    .map(({ offer, quote }) => {
      const rejection = verdictOf.get(offer.id)?.[0]
      const verdictWords = () =>
        decision.selection === offer.id
          ? { verdict: 'chosen', why: 'chosen' }
          : rejection
            ? { verdict: rejectionShort(rejection), why: rejectionText(rejection) }
            : { verdict: 'fits', why: lossOf.get(offer.id) ?? 'fits' }
      return {
        providerName: nameOf(input, offer),
        gpu: offer.gpu?.id ?? offer.rawGpu,
        region: regionName(offer.region.at(-1) ?? ''),
        model: offer.price.model,
        ...(quote && { usdPerGpuHour: quote.usdPerGpuHour }),
        ...(quote?.volatility && { volatilityBps: eitherWayBps(offer, quote.volatility) }),
        ...(offer.estimated !== undefined && { estimated: true as const }),
        ...verdictWords(),
      }
    })
  return [
    ...rows,
    ...[...without].map((provider) => ({
      providerName: names[provider] ?? provider,
      gpu: '',
      region: '',
      model: '',
      verdict: 'no such GPU',
      why: 'has no such GPU',
    })),
  ]
}

/** Unknown prices come last. */
function comparePrices(a: bigint | undefined, b: bigint | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return a < b ? -1 : a > b ? 1 : 0
}

function naiveText(input: DecisionInput, naive: Naive): { naive?: string } {
  if (naive.isSelection) return {}
  const offer = input.offers.find(({ id }) => id === naive.offerId)
  const name = offer ? nameOf(input, offer) : naive.offerId
  const sticker = `The cheapest sticker was ${name} at $${showUsd(naive.stickerUsdPerGpuHour)}`
  const [rejection] = naive.rejections
  if (rejection) return { naive: `${sticker}: it ${rejectionText(rejection)}.` }
  return { naive: `${sticker}; for this job it would really cost $${showUsd(naive.realUsdPerGpuHour)} per GPU-hour.` }
}
