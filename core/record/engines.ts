// The engines that have ever sealed a record, by number: a changed rule is a new number, and old ones stay for ever.
import { priceOffer } from '../pricing/priceOffer.ts'
import { type Decision, decide } from '../router/decide.ts'
import type { DecisionInputs, DecisionOutputs, Selection } from './record.ts'

export interface EngineResult {
  outputs: DecisionOutputs
  /** With its explanation, which a record does not hold since it follows from the rest. */
  decision: Decision
}
export type Engine = (inputs: DecisionInputs) => EngineResult

/** New records are sealed by this one. */
export const currentEngine = 1

export const engines: Readonly<Record<number, Engine>> = { 1: runEngine1 }

function runEngine1(inputs: DecisionInputs): EngineResult {
  const { ask, offers, tokens, policy, createdAtMs: nowMs, pick } = inputs
  const quotes = offers.map((offer) => priceOffer({ offer, ask, tokens, policy, nowMs }))
  const decision = decide({ ask, offers, quotes, policy, nowMs, pick })
  const { verdicts, ranking } = decision
  const selection = select(inputs, decision)
  return { outputs: { quotes, verdicts, ranking, ...(selection && { selection }) }, decision }
}

function select({ policy, createdAtMs }: DecisionInputs, decision: Decision): Selection | undefined {
  const { winner } = decision.explanation
  if (!winner?.offer.payee) return undefined
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
