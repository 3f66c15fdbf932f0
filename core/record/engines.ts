// The engines that have ever sealed a record, by number: a changed rule is a new number, and old ones stay for ever.
import { priceOffer } from '../pricing/priceOffer.ts'
import { type Decision, decide } from '../router/decide.ts'
import { engine1Rules, engine2Rules, type Rules } from '../router/rules.ts'
import type { DecisionInputs, DecisionOutputs, Selection } from './record.ts'

export interface EngineResult {
  outputs: DecisionOutputs
  /** With its explanation, which a record does not hold since it follows from the rest. */
  decision: Decision
}
export type Engine = (inputs: DecisionInputs) => EngineResult

/** New records are sealed by this one. */
export const currentEngine = 2

export const engines: Readonly<Record<number, Engine>> = {
  1: (inputs) => run(inputs, engine1Rules),
  2: (inputs) => run(inputs, engine2Rules),
}

function run(inputs: DecisionInputs, rules: Rules): EngineResult {
  const { ask, offers, tokens, policy, createdAtMs: nowMs, pick } = inputs
  const quotes = offers.map((offer) => priceOffer({ offer, ask, tokens, policy, nowMs }))
  const decision = decide({ ask, offers, quotes, policy, nowMs, pick, rules })
  const { verdicts, ranking } = decision
  const selection = select(inputs, decision)
  return { outputs: { quotes, verdicts, ranking, ...(selection && { selection }) }, decision }
}

function select({ policy, createdAtMs }: DecisionInputs, decision: Decision): Selection | undefined {
  const { winner } = decision.explanation
  // Of what cannot be booked there are no terms that could equal it.
  if (!winner?.offer.payee || winner.offer.bookable !== true) return undefined
  const { offer, quote } = winner
  return {
    offerId: offer.id,
    provider: offer.provider,
    payee: winner.offer.payee,
    usdPerHour: quote.usdPerHour,
    gpuCount: quote.gpuCount,
    maxSeconds: quote.maxSeconds,
    minSeconds: quote.minSeconds,
    totalUsd: quote.totalUsd,
    feeBps: policy.feeBps,
    ...(quote.token && { priceAsset: quote.token.token, tokenPrice: quote.token.price }),
    expiresAtMs: createdAtMs + policy.quoteValidMs,
  }
}
