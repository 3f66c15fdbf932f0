// The decision: filter, rank, select, explain. Pure, integer, deterministic.
import { NectoError } from '../errors.ts'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import type { Policy } from '../pricing/policy.ts'
import { isQuote, type Priced } from '../pricing/quote.ts'
import { type Explanation, explain } from './explain.ts'
import { judgeOffer } from './judgeOffer.ts'
import { type Candidate, compareText, rankCandidates } from './rank.ts'
import type { Verdict } from './rejection.ts'
import { engine2Rules, type Rules } from './rules.ts'

export interface Decision {
  /** pick-does-not-fit: the offer a person chose was rejected, see its verdict; nothing is selected then. */
  outcome: 'selected' | 'nothing-fits' | 'pick-does-not-fit'
  /** One per offer, by offer id. */
  verdicts: Verdict[]
  /** Ids of the offers that fit, best first. */
  ranking: string[]
  /** The picked offer, else the best. */
  selection?: string
  explanation: Explanation
}

/**
 * Decides which offer serves the ask at `nowMs`; `pick` is an offer that a person chose instead of the best.
 * `quotes` holds one entry per offer, else `router.quote-missing` is thrown. The order of offers and quotes does not matter.
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
  const { ask, policy, nowMs, pick, rules = engine2Rules } = options
  const pricedById = new Map(options.quotes.map((priced) => [priced.offerId, priced]))
  const judged = [...options.offers]
    .sort((a, b) => compareText(a.id, b.id))
    .map((offer) => {
      const priced = pricedById.get(offer.id)
      if (!priced) throw new NectoError('router.quote-missing', 'An offer was not priced.', { details: offer.id })
      return { offer, priced, verdict: judgeOffer({ ask, offer, priced, policy, nowMs, rules }) }
    })
  const candidates = judged.flatMap(({ offer, priced, verdict }): Candidate[] =>
    verdict.rejections.length === 0 && isQuote(priced) ? [{ offer, quote: priced }] : [],
  )
  const ranked = rankCandidates({ candidates, ask, policy })
  const selected = pick === undefined ? ranked[0] : ranked.find(({ offer }) => offer.id === pick)
  return {
    outcome: selected ? 'selected' : pick === undefined ? 'nothing-fits' : 'pick-does-not-fit',
    verdicts: judged.map(({ verdict }) => verdict),
    ranking: ranked.map(({ offer }) => offer.id),
    ...(selected && { selection: selected.offer.id }),
    explanation: explain({ ask, policy, judged, ranked, selected }),
  }
}
