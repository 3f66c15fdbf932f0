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
  const byPrice = sortByPrice(options.candidates)
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
  const cheapest = findFirst(options.candidates, comparePrice)?.quote.usdPerGpuHour ?? 0n
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

/** By effective price, then id. */
export function comparePrice(a: Candidate, b: Candidate): number {
  return compareAmounts(a.quote.usdPerGpuHour, b.quote.usdPerGpuHour) || compareText(a.offer.id, b.offer.id)
}

export function sortByPrice(candidates: readonly Candidate[]): Candidate[] {
  // Numbers compare much faster than bigints. Above 2^53 two prices may become one number, never change places.
  return candidates
    .map((candidate) => ({ candidate, price: Number(candidate.quote.usdPerGpuHour) }))
    .sort((a, b) => a.price - b.price || comparePrice(a.candidate, b.candidate))
    .map(({ candidate }) => candidate)
}

/** What a sort would put first; undefined of nothing. */
export function findFirst<T>(items: readonly T[], compare: (a: T, b: T) => number): T | undefined {
  let first = items[0]
  for (const item of items) if (first === undefined || compare(item, first) < 0) first = item
  return first
}

export const compareAmounts = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
/** By UTF-16 code units: the same on every machine, whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
