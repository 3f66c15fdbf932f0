// What holds of the decision on any market: total order, independence of the order of offers, monotone filters.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import { perGpuHour } from '../money.ts'
import { defaultPolicy as policy } from '../pricing/policy.ts'
import { priceOffer } from '../pricing/priceOffer.ts'
import { isQuote } from '../pricing/quote.ts'
import { anyAsk, anyOffer, anyOffers, nowMs, plainOffer, tokens, usd } from '../pricing/testOffers.ts'
import { decide } from './decide.ts'
import { referenceDecision } from './testReference.ts'

const quotesOf = (offers: readonly Offer[], ask: Ask) =>
  offers.map((offer) => priceOffer({ offer, ask, tokens, policy, nowMs }))
const route = (offers: readonly Offer[], ask: Ask) =>
  decide({ ask, offers, quotes: quotesOf(offers, ask), policy, nowMs })

describe('for any market', () => {
  const shuffled = anyOffers.chain((offers) =>
    fc.tuple(fc.constant(offers), fc.shuffledSubarray(offers, { minLength: offers.length, maxLength: offers.length })),
  )

  const unit = { per: 'gpu' as const, usdPerHour: usd(2) }
  const token = { model: 'token' as const, tokensPerHour: '3', per: 'gpu' as const, gpus: 1 }
  const odd = fc.constantFrom<Partial<Offer> | 'unpaid'>(
    {},
    {},
    'unpaid',
    { price: { model: 'auction', unit } },
    { price: { model: 'dynamic', unit, floor: unit, ceiling: unit } },
    { price: { ...token, token: 'NOS' } },
    { price: { ...token, token: 'XYZ' } },
  )
  const oddOffer = fc.tuple(anyOffer, odd).map(([{ payee, ...offer }, change]): Offer => {
    return change === 'unpaid' ? offer : { ...offer, ...(payee && { payee }), ...change }
  })
  // Alike but for what decides between them, so that ties are many.
  const twin = fc
    .record({
      key: fc.integer({ min: 0, max: 99 }),
      provider: fc.constantFrom('akash', 'necto'),
      price: fc.constantFrom(1, 2).map((dollars) => ({
        model: 'fixed' as const,
        unit: { per: 'gpu' as const, usdPerHour: usd(dollars) },
      })),
      bookable: fc.constantFrom<Offer['bookable']>(true, { no: 'no launcher' }),
    })
    .map(({ key, ...changes }) => plainOffer({ id: `${changes.provider}:${key}`, ...changes }))
  const oddOffers = fc.uniqueArray(fc.oneof(oddOffer, twin), { selector: ({ id }) => id, maxLength: 25 })

  test('AGENT-01 AGENT-05 every verdict, the ranking and the explanation are what the rules say of each offer alone', () => {
    fc.assert(
      fc.property(oddOffers, anyAsk, (offers, ask) => {
        const market = { ask, offers, quotes: quotesOf(offers, ask), policy, nowMs }
        const { verdicts, ranking, explanation } = decide(market)
        const { overCap, naive, ...expected } = referenceDecision(market)
        const { notBookable, histogram, relaxations } = explanation
        expect({ verdicts, ranking, notBookable, histogram }).toEqual(expected)
        expect(explanation.naive?.offerId).toBe(naive?.offerId)
        expect(explanation.naive?.rejections).toEqual(naive?.rejections)
        const last = overCap.at(-1)?.quote.usdPerGpuHour
        expect(relaxations.find(({ codes }) => codes.join() === 'over-price-cap')).toEqual(
          ranking.length > 0 || last === undefined
            ? undefined
            : { codes: ['over-price-cap'], count: overCap.length, usdPerGpuHour: last },
        )
      }),
      { numRuns: 500 },
    )
  })

  test('the order in which offers come does not matter', () => {
    fc.assert(
      fc.property(shuffled, anyAsk, ([offers, others], ask) => {
        expect(route(others, ask)).toEqual(route(offers, ask))
      }),
    )
  })

  test('nor does the order of their quotes', () => {
    fc.assert(
      fc.property(shuffled, anyAsk, ([offers, others], ask) => {
        const decision = decide({ ask, offers, quotes: quotesOf(others, ask), policy, nowMs })
        expect(decision).toEqual(route(offers, ask))
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
