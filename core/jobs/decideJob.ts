// The decision on what a scan brought, and the card people see of it.
import type { Ask } from '../market/ask.ts'
import { defaultPolicy, type Policy as RoutingPolicy } from '../pricing/policy.ts'
import { priceOffer } from '../pricing/priceOffer.ts'
import type { Priced } from '../pricing/quote.ts'
import { type Decision, decide } from '../router/decide.ts'
import type { Card } from './card.ts'
import type { Policy } from './context.ts'
import type { MarketInput } from './marketInput.ts'
import { toCard } from './toCard.ts'

/** The router's limits with the operator's figures in them. */
export const routingPolicy = (policy: Pick<Policy, 'feeBps' | 'quoteSeconds'>): RoutingPolicy => ({
  ...defaultPolicy,
  feeBps: policy.feeBps,
  quoteValidMs: policy.quoteSeconds * 1000,
})

/** Prices every offer, decides, and makes the card; `sellerNames` are shown instead of "Necto" by offer id. */
export function decideJob(options: {
  ask: Ask
  input: MarketInput
  policy: RoutingPolicy
  pick?: string | undefined
  sellerNames: Readonly<Record<string, string>>
}): { decision: Decision; quotes: Priced[]; card: Card } {
  const { ask, input, policy, pick, sellerNames } = options
  const { offers, tokens, decidedAtMs: nowMs } = input
  const quotes = offers.map((offer) => priceOffer({ offer, ask, tokens, policy, nowMs }))
  const decision = decide({ ask, offers, quotes, policy, nowMs, pick })
  const names = { ...Object.fromEntries(input.providers.map(({ id, name }) => [id, name])), ...sellerNames }
  return { decision, quotes, card: toCard({ decision, offers, quotes, tokens, names, nowMs }) }
}
