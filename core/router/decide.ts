// The decision: filter, rank, select, explain. Pure, integer, deterministic.
import { NectoError } from '../errors.ts'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import type { Policy } from '../pricing/policy.ts'
import { isQuote, type Priced } from '../pricing/quote.ts'
import { type Explanation, explain, type Judged } from './explain.ts'
import { createJudge } from './judgeOffer.ts'
import { lazy } from './lazy.ts'
import { type Candidate, compareText, rankCandidates } from './rank.ts'
import type { Verdict } from './rejection.ts'
import { engine2Rules, type Rules } from './rules.ts'

export interface Decision {
  /** pick-does-not-fit: the offer a person chose was rejected, see its verdict; nothing is selected then. */
  outcome: 'selected' | 'nothing-fits' | 'pick-does-not-fit'
  /** One per offer, by offer id. Written out when first read: a large market has far more of them than anybody looks at. */
  readonly verdicts: Verdict[]
  /** Ids of the offers that fit, best first. */
  ranking: string[]
  /** The picked offer, else the best. */
  selection?: string
  explanation: Explanation
}

/**
 * Decides which offer serves the ask at `nowMs`; `pick` is an offer that a person chose instead of the best.
 * `quotes` holds one entry per offer, else `router.quote-missing` is thrown: at once, or when the verdict of an offer is
 * read that loses whatever it costs. The order of offers and quotes does not matter. The decision goes on reading them,
 * so they must not be changed.
 */
export function decide(options: {
  ask: Ask
  offers: readonly Offer[]
  quotes: readonly Priced[]
  policy: Policy
  nowMs: number
  pick?: string | undefined
  /** Of an older engine, to replay what it decided. */
  rules?: Rules
}): Decision {
  const { ask, offers, policy, nowMs, pick, rules = engine2Rules } = options
  const quoteOf = findQuotes(offers, options.quotes)
  const judge = createJudge({ ask, policy, nowMs, rules })
  const candidates: Candidate[] = []
  for (let i = 0; i < offers.length; i++) {
    const offer = offers[i] as Offer
    if (!judge.offerFits(offer)) continue
    const quote = quoteOf(offer, i)
    if (isQuote(quote) && judge.priceFits(offer, quote)) candidates.push({ offer, quote })
  }
  const ranked = rankCandidates({ candidates, ask, policy })
  const selected = pick === undefined ? ranked[0] : ranked.find(({ offer }) => offer.id === pick)
  const judged = lazy(() =>
    offers.map((offer, i): Judged => {
      const priced = quoteOf(offer, i)
      return { offer, priced, verdict: { offerId: offer.id, rejections: judge.rejectionsOf(offer, priced) } }
    }),
  )
  const verdicts = lazy(() =>
    judged()
      .map(({ verdict }) => verdict)
      .sort((a, b) => compareText(a.offerId, b.offerId)),
  )
  return {
    outcome: selected ? 'selected' : pick === undefined ? 'nothing-fits' : 'pick-does-not-fit',
    get verdicts() {
      return verdicts()
    },
    ranking: ranked.map(({ offer }) => offer.id),
    ...(selected && { selection: selected.offer.id }),
    explanation: explain({ ask, policy, judged, ranked, selected }),
  }
}

/** The quote of the offer at an index, where they nearly always come in one order. */
function findQuotes(offers: readonly Offer[], quotes: readonly Priced[]): (offer: Offer, index: number) => Priced {
  const byId = lazy(() => new Map(quotes.map((priced) => [priced.offerId, priced])))
  function find(offer: Offer, index: number): Priced {
    const same = quotes[index]
    const priced = same?.offerId === offer.id ? same : byId().get(offer.id)
    if (!priced) throw new NectoError('router.quote-missing', 'An offer was not priced.', { details: offer.id })
    return priced
  }
  if (quotes.length < offers.length) offers.forEach(find)
  return find
}
