// The explanation: what the winner costs, why each other offer lost, and what would have to give (AGENT-04, AGENT-05).
import { gpuFamilies } from '../gpu/gpuTable.ts'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import type { MicroUsd, MicroUsdPerGpuHour } from '../money.ts'
import type { Policy } from '../pricing/policy.ts'
import { isQuote, type Priced, type Quote } from '../pricing/quote.ts'
import { lazy } from './lazy.ts'
import {
  type Candidate,
  compareAmounts,
  compareKey,
  comparePrice,
  compareText,
  findFirst,
  keyOf,
  nearCheapest,
  sortByPrice,
} from './rank.ts'
import type { Rejection, RejectionCode, Verdict } from './rejection.ts'

export interface Judged {
  offer: Offer
  priced: Priced
  verdict: Verdict
}

/** Why an offer that fits was not taken. same-price: the offer id decided. not-picked: a person chose a worse-ranked one. */
export type LossReason =
  | 'dearer'
  | 'slower'
  | 'latency-unknown'
  | 'less-uptime'
  | 'uptime-unknown'
  | 'same-price'
  | 'not-picked'

export interface Alternative {
  offerId: string
  quote: Quote
  because: LossReason
  /** Against the winner, per useful GPU-hour; negative when it is cheaper. */
  dearerUsd: bigint
  /** The same in basis points of the winner's price, rounded towards zero. */
  dearerBps: number
}

/** What taking the cheapest sticker blindly would have come to. */
export interface Naive {
  offerId: string
  stickerUsdPerGpuHour: MicroUsdPerGpuHour
  realUsdPerGpuHour: MicroUsdPerGpuHour
  totalUsd: MicroUsd
  /** Why it could not have been taken; empty when it fits. */
  rejections: Rejection[]
  /** Its total less the selection's; absent when nothing was selected. */
  extraUsd?: bigint
  isSelection: boolean
}

/** Giving up these constraints (one, where one is enough), `count` offers fit at up to this price: "3 fit at $3.40". */
export interface Relaxation {
  codes: RejectionCode[]
  count: number
  usdPerGpuHour: MicroUsdPerGpuHour
  /** Ids of what would do instead, when it is the GPU that gives. */
  gpus?: string[]
}

/** What a secondary sort had to choose from: the offers within `withinBps` of the cheapest. */
export interface SecondarySort {
  key: 'latency' | 'uptime'
  withinBps: number
  near: number
  /** How many of them say what is sorted by. */
  measured: number
}

export interface Explanation {
  /** Its quote's lines are the cost breakdown. */
  winner?: Candidate
  /** The others that fit, best first. */
  readonly alternatives: Alternative[]
  /** Per provider, the cheapest offer that only lacks being bookable; cheapest first. */
  readonly notBookable: Candidate[]
  /** How many offers each reason hit, most frequent first; an offer counts once under each of its reasons. */
  readonly histogram: { code: RejectionCode; count: number }[]
  readonly naive: Naive | undefined
  /** Absent when nothing fits or no secondary sort was asked for. */
  readonly secondarySort: SecondarySort | undefined
  /** Only when nothing fits; cheapest first. */
  readonly relaxations: Relaxation[]
}

const RELAXABLE: readonly RejectionCode[] = [
  'over-price-cap',
  'region-mismatch',
  'region-unknown',
  'gpu-mismatch',
  'interface-unknown',
  'memory-too-small',
  'model-excluded',
  'provider-excluded',
  'provider-not-allowed',
  'runtime-unsupported',
  'uptime-too-low',
  'uptime-unknown',
  'older-than-asked',
]
const RELAXED_OFFERS = 3

/** Explains a ranking. `ranked` are the offers that fit, best first; `selected` is one of them. */
export function explain(options: {
  ask: Ask
  policy: Policy
  judged: () => readonly Judged[]
  ranked: readonly Candidate[]
  selected: Candidate | undefined
}): Explanation {
  const { ask, judged, ranked, selected } = options
  const secondarySort = lazy(() => describeSort(options))
  const alternatives = lazy(() => (selected ? explainLosses({ ...options, selected }) : []))
  const notBookable = lazy(() => cheapestNotBookable(judged()))
  const histogram = lazy(() => countRejections(judged()))
  const naive = lazy(() => findNaive(judged(), selected))
  const relaxations = lazy(() => (ranked.length === 0 ? findRelaxations(ask, judged()) : []))
  return {
    ...(selected && { winner: selected }),
    get secondarySort() {
      return secondarySort()
    },
    get alternatives() {
      return alternatives()
    },
    get notBookable() {
      return notBookable()
    },
    get histogram() {
      return histogram()
    },
    get naive() {
      return naive()
    },
    get relaxations() {
      return relaxations()
    },
  }
}

function describeSort(options: { ask: Ask; policy: Policy; ranked: readonly Candidate[] }): SecondarySort | undefined {
  const { ask, policy, ranked } = options
  const { sort: key, withinBps = policy.withinBps } = ask
  if (!key || ranked.length === 0) return undefined
  const near = ranked.filter(nearCheapest({ candidates: ranked, ask, policy }))
  const measured = near.filter((candidate) => keyOf(key, candidate) !== undefined)
  return { key, withinBps, near: near.length, measured: measured.length }
}

function explainLosses(options: {
  ask: Ask
  policy: Policy
  ranked: readonly Candidate[]
  selected: Candidate
}): Alternative[] {
  const { ask, policy, ranked, selected } = options
  const near = nearCheapest({ candidates: ranked, ask, policy })
  const selectedRank = ranked.indexOf(selected)
  return ranked.flatMap((candidate, rank): Alternative[] => {
    if (candidate === selected) return []
    const dearerUsd = candidate.quote.usdPerGpuHour - selected.quote.usdPerGpuHour
    const dearerBps = Number((dearerUsd * 10_000n) / selected.quote.usdPerGpuHour)
    const because = rank < selectedRank ? 'not-picked' : lossReason(candidate)
    return [{ offerId: candidate.offer.id, quote: candidate.quote, because, dearerUsd, dearerBps }]
  })

  function lossReason(candidate: Candidate): LossReason {
    const { sort } = ask
    if (sort && near(candidate) && near(selected) && compareKey(sort, candidate, selected) > 0) {
      if (keyOf(sort, candidate) === undefined) return sort === 'latency' ? 'latency-unknown' : 'uptime-unknown'
      return sort === 'latency' ? 'slower' : 'less-uptime'
    }
    return candidate.quote.usdPerGpuHour === selected.quote.usdPerGpuHour ? 'same-price' : 'dearer'
  }
}

function cheapestNotBookable(judged: readonly Judged[]): Candidate[] {
  const cheapest = new Map<string, Candidate>()
  for (const candidate of pricedWith(judged, (rejections) => onlyCode(rejections) === 'not-bookable')) {
    const known = cheapest.get(candidate.offer.provider)
    if (!known || comparePrice(candidate, known) < 0) cheapest.set(candidate.offer.provider, candidate)
  }
  return sortByPrice([...cheapest.values()])
}

function countRejections(judged: readonly Judged[]): { code: RejectionCode; count: number }[] {
  const counts = new Map<RejectionCode, number>()
  for (const { verdict } of judged) {
    for (const { code } of verdict.rejections) counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return [...counts]
    .map(([code, count]) => ({ code, count }))
    .sort((a, b) => b.count - a.count || compareText(a.code, b.code))
}

function findNaive(judged: readonly Judged[], selected: Candidate | undefined): Naive | undefined {
  const ofGpu = pricedWith(judged, (rejections) =>
    rejections.every(({ code }) => code !== 'gpu-mismatch' && code !== 'gpu-unmapped'),
  )
  const cheapest = findFirst(
    ofGpu,
    (a, b) => compareAmounts(a.quote.listedUsdPerGpuHour, b.quote.listedUsdPerGpuHour) || comparePrice(a, b),
  )
  if (!cheapest) return undefined
  const { offer, quote } = cheapest
  return {
    offerId: offer.id,
    stickerUsdPerGpuHour: quote.listedUsdPerGpuHour,
    realUsdPerGpuHour: quote.usdPerGpuHour,
    totalUsd: quote.totalUsd,
    rejections: judged.find((one) => one.offer === offer)?.verdict.rejections ?? [],
    ...(selected && { extraUsd: quote.totalUsd - selected.quote.totalUsd }),
    isSelection: offer.id === selected?.offer.id,
  }
}

/** What giving up one constraint would bring; or two, where one alone brings nothing of the GPU asked for. */
function findRelaxations(ask: Ask, judged: readonly Judged[]): Relaxation[] {
  const rejectionsOf = new Map(judged.map(({ offer, verdict }) => [offer.id, verdict.rejections]))
  const found = new Map<string, Relaxation>()
  for (const { offer, quote } of sortByPrice(pricedWith(judged, (rejections) => rejections.length > 0))) {
    const codes = [...new Set(rejectionsOf.get(offer.id)?.map(({ code }) => code))]
    if (!couldDo(ask, offer, codes)) continue
    const known = found.get(codes.join())
    if (known && known.count === RELAXED_OFFERS) continue
    const gpus = codes.includes('gpu-mismatch') && [...new Set([...(known?.gpus ?? []), offer.gpu?.id ?? offer.rawGpu])]
    found.set(codes.join(), {
      codes,
      count: (known?.count ?? 0) + 1,
      usdPerGpuHour: quote.usdPerGpuHour,
      ...(gpus && { gpus }),
    })
  }
  const all = [...found.values()]
  const isEnough = all.some(({ codes }) => codes.length === 1 && !codes.includes('gpu-mismatch'))
  return all
    .filter(({ codes }) => codes.length === 1 || !isEnough)
    .sort((a, b) => compareAmounts(a.usdPerGpuHour, b.usdPerGpuHour) || compareText(a.codes.join(), b.codes.join()))
}

/** Another GPU is worth a word only alone, and with the memory that was asked for: a T4 is no help to who wants an H100. */
function couldDo(ask: Ask, offer: Offer, codes: readonly RejectionCode[]): boolean {
  if (codes.length > 2 || !codes.every((code) => RELAXABLE.includes(code))) return false
  if (!codes.includes('gpu-mismatch')) return true
  const smallest = gpuFamilies.find(({ family }) => family === ask.gpu.family)?.sizes.map(({ gib }) => gib) ?? []
  const leastGib = ask.gpu.memoryGib ?? Math.min(...smallest)
  return codes.length === 1 && (offer.gpu?.memoryGib ?? 0) >= leastGib
}

/** Priced offers whose rejections pass. */
function pricedWith(judged: readonly Judged[], passes: (rejections: readonly Rejection[]) => boolean): Candidate[] {
  return judged.flatMap(({ offer, priced, verdict }): Candidate[] =>
    isQuote(priced) && passes(verdict.rejections) ? [{ offer, quote: priced }] : [],
  )
}

/** The one reason against an offer, where there is just one. */
const onlyCode = ([first, ...others]: readonly Rejection[]): RejectionCode | undefined =>
  others.length === 0 ? first?.code : undefined
