// What holds of the decision on any market: total order, independence of the order of offers, monotone filters.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import { perGpuHour } from '../money.ts'
import { defaultPolicy as policy } from '../pricing/policy.ts'
import { priceOffer } from '../pricing/priceOffer.ts'
import { isQuote } from '../pricing/quote.ts'
import { anyAsk, anyOffers, nowMs, tokens } from '../pricing/testOffers.ts'
import { decide } from './decide.ts'

const quotesOf = (offers: readonly Offer[], ask: Ask) =>
  offers.map((offer) => priceOffer({ offer, ask, tokens, policy, nowMs }))
const route = (offers: readonly Offer[], ask: Ask) =>
  decide({ ask, offers, quotes: quotesOf(offers, ask), policy, nowMs })

describe('for any market', () => {
  const shuffled = anyOffers.chain((offers) =>
    fc.tuple(fc.constant(offers), fc.shuffledSubarray(offers, { minLength: offers.length, maxLength: offers.length })),
  )

  test('the order in which offers come does not matter', () => {
    fc.assert(
      fc.property(shuffled, anyAsk, ([offers, others], ask) => {
        expect(route(others, ask)).toEqual(route(offers, ask))
      }),
    )
  })

  test('the ranking is a total order of exactly the offers that fit, and every offer has a verdict', () => {
    fc.assert(
      fc.property(anyOffers, anyAsk, (offers, ask) => {
        const { verdicts, ranking, selection, explanation } = route(offers, ask)
        const fitting = verdicts.filter(({ rejections }) => rejections.length === 0).map(({ offerId }) => offerId)
        expect(verdicts.map(({ offerId }) => offerId).sort()).toEqual(offers.map(({ id }) => id).sort())
        expect([...ranking].sort()).toEqual([...fitting].sort())
        expect(selection).toBe(ranking[0])
        expect(explanation.alternatives.map(({ offerId }) => offerId)).toEqual(ranking.slice(1))
        for (const { rejections } of verdicts) {
          const at = rejections.findIndex(({ code }) => code === 'not-bookable')
          expect(at === -1 || at === rejections.length - 1).toBe(true)
        }
      }),
    )
  })

  test('leaving out any other offer changes no relative order without a secondary sort', () => {
    fc.assert(
      fc.property(anyOffers, anyAsk, (all, { sort: _sort, ...ask }) => {
        const half = all.filter((_offer, i) => i % 2 === 0)
        const kept = new Set(half.map(({ id }) => id))
        expect(route(half, ask).ranking).toEqual(route(all, ask).ranking.filter((id) => kept.has(id)))
      }),
    )
  })

  test('the selection is never dearer than the secondary sort allows', () => {
    fc.assert(
      fc.property(anyOffers, anyAsk, (offers, ask) => {
        const { ranking } = route(offers, ask)
        const prices = new Map(
          quotesOf(offers, ask).flatMap((each) => (isQuote(each) ? [[each.offerId, each.usdPerGpuHour]] : [])),
        )
        const of = (id: string | undefined) => prices.get(id ?? '') ?? 0n
        const cheapest = ranking.map(of).sort((a, b) => (a < b ? -1 : 1))[0] ?? 0n
        const within = ask.sort ? BigInt(ask.withinBps ?? policy.withinBps) : 0n
        expect(of(ranking[0]) * 10_000n <= cheapest * (10_000n + within)).toBe(true)
      }),
    )
  })

  test('one more constraint never lets an offer in', () => {
    const tighten = fc.constantFrom<(ask: Ask) => Ask>(
      (ask) => ({ ...ask, maxUsdPerGpuHour: perGpuHour((ask.maxUsdPerGpuHour ?? 4_000_000n) / 2n) }),
      (ask) => ({ ...ask, minMemoryGib: (ask.minMemoryGib ?? 79) + 1 }),
      (ask) => ({ ...ask, excludeModels: [...(ask.excludeModels ?? []), 'fixed'] }),
      (ask) => ({ ...ask, excludeProviders: [...(ask.excludeProviders ?? []), 'akash'] }),
      (ask) => ({ ...ask, onlyProviders: (ask.onlyProviders ?? ['akash', 'ionet', 'nosana']).slice(1) }),
      (ask) => ({ ...ask, regions: (ask.regions ?? ['eu', 'us']).slice(1, 2) }),
      (ask) => ({ ...ask, minUptimePercent: Math.min(100, (ask.minUptimePercent ?? 0) + 20) }),
      (ask) => ({ ...ask, maxAgeSeconds: Math.ceil((ask.maxAgeSeconds ?? 3600) / 3) }),
      (ask) => ({ ...ask, bookableOnly: true }),
      (ask) => ({ ...ask, runtime: ask.runtime ?? 'container' }),
      (ask) => ({ ...ask, gpu: { ...ask.gpu, memoryGib: 80, interface: 'sxm' } }),
    )
    fc.assert(
      fc.property(anyOffers, anyAsk, tighten, (offers, ask, stricter) => {
        fc.pre(ask.regions === undefined || ask.regions.length > 1)
        const loose = new Set(route(offers, ask).ranking)
        expect(route(offers, stricter(ask)).ranking.filter((id) => !loose.has(id))).toEqual([])
      }),
    )
  })
})
