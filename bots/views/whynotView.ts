// What stood against some offers of a decision, each with its figures; many offers only as counts.
import type { ReadDecision } from '../../core/jobs/readDecision.ts'
import type { Offer } from '../../core/market/offer.ts'
import { isQuote } from '../../core/pricing/quote.ts'
import { lossText, rejectionText, rejectionTitle } from '../../core/router/reasonText.ts'
import type { Rejection } from '../../core/router/rejection.ts'
import { safeName } from '../chat/safeText.ts'
import type { Block, View } from '../chat/view.ts'
import { usd } from './words.ts'

const MAX_OFFERS = 5

/** `provider` where all of its offers are meant. */
export function whynotView(options: {
  ref: string
  read: ReadDecision
  name: string
  provider: ReadDecision['providers'][number] | undefined
  offers: readonly Offer[]
}): View {
  const { ref, read, name, provider } = options
  const { decision } = read
  const rejectionsOf = new Map(decision.verdicts.map((verdict) => [verdict.offerId, verdict.rejections]))
  const rankOf = new Map(decision.ranking.map((id, index) => [id, index]))
  const priceOf = new Map(
    read.quotes.flatMap((quote) => (isQuote(quote) ? [[quote.offerId, quote.usdPerGpuHour]] : [])),
  )
  const against = (offer: Offer): readonly Rejection[] => rejectionsOf.get(offer.id) ?? []
  const rank = (offer: Offer) => rankOf.get(offer.id) ?? Number.POSITIVE_INFINITY
  // What came closest first: those that fit by rank, then those with the fewest reasons against them, the cheapest first.
  const sorted = [...options.offers].sort(
    (a, b) =>
      compare(rank(a), rank(b)) ||
      against(a).length - against(b).length ||
      compare(priceOf.get(a.id) ?? NO_PRICE, priceOf.get(b.id) ?? NO_PRICE),
  )

  function verdict(offer: Offer): string {
    const rejections = against(offer)
    if (rejections.length > 0) return rejections.map(rejectionText).join('; ')
    if (decision.selection === offer.id) return 'it fits, and it is the one that was taken'
    const loss = decision.explanation.alternatives.find(({ offerId }) => offerId === offer.id)
    return `it fits, ranked ${rank(offer) + 1} of ${decision.ranking.length}${loss ? `; lost by: ${lossText(loss)}` : ''}`
  }

  const others = sorted.slice(MAX_OFFERS)
  return {
    blocks: [
      { kind: 'heading', text: `Why not ${name}, for ${ref}` },
      ...(sorted.length > 0
        ? [
            {
              kind: 'list' as const,
              items: sorted.slice(0, MAX_OFFERS).map((offer) => {
                const price = priceOf.get(offer.id)
                const what = [
                  offer.gpu?.id ?? offer.rawGpu,
                  offer.region.at(-1),
                  price === undefined ? undefined : usd(price),
                ]
                return [
                  { text: safeName(offer.id, { maxLength: 60 }), style: 'code' as const },
                  ` (${what
                    .filter(Boolean)
                    .map((word) => safeName(String(word)))
                    .join(', ')}): ${verdict(offer)}`,
                ]
              }),
            },
          ]
        : [absent(provider)]),
      ...(others.length > 0 ? [counts(others.map((offer) => against(offer)[0]))] : []),
      ...(provider?.otherFamilies
        ? [
            {
              kind: 'note' as const,
              text: `${provider.otherFamilies} more are of other GPUs, which a record only counts.`,
            },
          ]
        : []),
    ],
  }
}

const NO_PRICE = 2n ** 128n
const compare = <T extends number | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

/** Each offer once, under its first reason. */
function counts(first: readonly (Rejection | undefined)[]): Block {
  const groups = Map.groupBy(first, (rejection) => (rejection ? rejectionTitle(rejection.code) : 'fits, but lost'))
  const said = [...groups].sort(([, a], [, b]) => b.length - a.length).map(([title, all]) => `${all.length} × ${title}`)
  return { kind: 'text', spans: [`And ${first.length} more: ${said.join(', ')}.`] }
}

function absent(provider: ReadDecision['providers'][number] | undefined): Block {
  const text = {
    answered: 'It answered, with no offer of this GPU.',
    failed: `It was absent: ${provider?.reason ?? 'no usable answer'}.`,
    late: 'It was absent: no answer within the deadline.',
    skipped: `It was left out: ${provider?.reason ?? 'not configured'}.`,
  }[provider?.outcome ?? 'answered']
  return { kind: 'text', spans: [text] }
}
