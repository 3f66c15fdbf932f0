// The ranking: effective price, then offer id; with a secondary sort, near-equals by that key first (AGENT-02, PRICE-06).
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import type { Policy } from '../pricing/policy.ts'
import type { Quote } from '../pricing/quote.ts'

export interface Candidate {
  offer: Offer
  quote: Quote
}

/** The candidates, best first: a total order that does not depend on how they came in. */
export function rankCandidates(options: { candidates: readonly Candidate[]; ask: Ask; policy: Policy }): Candidate[] {
  const byPrice = [...options.candidates].sort(comparePrice)
  const { sort } = options.ask
  if (!sort) return byPrice
  const near = nearCheapest({ ...options, candidates: byPrice })
  const band = byPrice.filter(near)
  const rest = byPrice.filter((candidate) => !near(candidate))
  return [...band.sort((a, b) => compareKey(sort, a, b) || comparePrice(a, b)), ...rest]
}

/** Whether a candidate is close enough to the cheapest for the secondary sort to apply to it. */
export function nearCheapest(options: {
  candidates: readonly Candidate[]
  ask: Ask
  policy: Policy
}): (candidate: Candidate) => boolean {
  const cheapest = [...options.candidates].sort(comparePrice)[0]?.quote.usdPerGpuHour ?? 0n
  const withinBps = BigInt(options.ask.withinBps ?? options.policy.withinBps)
  return ({ quote }) => quote.usdPerGpuHour * 10_000n <= cheapest * (10_000n + withinBps)
}

/** Negative when `a` is better by the key; who does not say comes last. */
export function compareKey(sort: 'latency' | 'uptime', a: Candidate, b: Candidate): number {
  const [ours, theirs] = [keyOf(sort, a), keyOf(sort, b)]
  if (ours === undefined || theirs === undefined) return Number(ours === undefined) - Number(theirs === undefined)
  return sort === 'latency' ? ours - theirs : theirs - ours
}

export const keyOf = (sort: 'latency' | 'uptime', { offer }: Candidate): number | undefined =>
  (sort === 'latency' ? offer.latencyMs : offer.uptimePercent)?.value

function comparePrice(a: Candidate, b: Candidate): number {
  if (a.quote.usdPerGpuHour !== b.quote.usdPerGpuHour) return a.quote.usdPerGpuHour < b.quote.usdPerGpuHour ? -1 : 1
  return compareText(a.offer.id, b.offer.id)
}

/** By UTF-16 code units: the same on every machine, whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
