// Render's rate card to offers: tokens per hour, what an estimate says of itself, and that it is never chosen.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ask } from '../../market/ask.ts'
import type { Offer } from '../../market/offer.ts'
import { defaultPolicy as policy } from '../../pricing/policy.ts'
import { priceOffer } from '../../pricing/priceOffer.ts'
import { isQuote } from '../../pricing/quote.ts'
import { nowMs, plainOffer } from '../../pricing/testOffers.ts'
import type { TokenPrice } from '../../pricing/tokenPrice.ts'
import { decide } from '../../router/decide.ts'
import { cardOffers, tokensPerHour } from './cardOffers.ts'

interface Card {
  tiers: unknown[]
  scores: { octaneBench: unknown; confirmed: boolean; source: string }[]
}
const card: Card = JSON.parse(readFileSync('data/render-rates.json', 'utf8'))
const offers = cardOffers(card, nowMs)?.offers ?? []
const of = (gpu: string) => offers.filter(({ rawGpu }) => rawGpu === gpu)
const tokens: TokenPrice[] = ['coingecko', 'kraken'].map((source) => ({
  token: 'RENDER',
  usdPerToken: '0.02',
  source,
  atMs: nowMs,
}))
const priced = (offer: Offer, ask: Ask) => priceOffer({ offer, ask, tokens, policy, nowMs })

describe('PROV-04 the rate card', () => {
  test('an offer per GPU and tier, its score over what one RENDER buys, with the card and its date', () => {
    expect(of('A100 40GB')).toEqual([
      {
        id: 'render:card/tier-2/a100-40gb',
        provider: 'render',
        gpu: { id: 'a100-40gb', family: 'a100', memoryGib: 40 },
        rawGpu: 'A100 40GB',
        gpusPerNode: 1,
        price: { model: 'token', token: 'RENDER', tokensPerHour: '4.46', per: 'gpu', gpus: 1 },
        region: [],
        bookable: { no: 'Render renders scenes and runs no containers' },
        runtimes: [],
        estimated: 'the Render Network rate card of 2026-11-22: Tier 2, OctaneBench 4.0 score 446',
        minSeconds: 0,
        observedAtMs: nowMs,
      },
      expect.objectContaining({
        id: 'render:card/tier-3/a100-40gb',
        price: { model: 'token', token: 'RENDER', tokensPerHour: '2.23', per: 'gpu', gpus: 1 },
      }),
    ])
    expect(of('RTX 4090').map(({ price }) => price)).toMatchObject([{ tokensPerHour: '13' }, { tokensPerHour: '6.5' }])
  })

  test('every GPU of the card is one that Necto knows, and each score says where it is from', () => {
    expect(offers).toHaveLength(card.scores.length * card.tiers.length)
    expect(offers.filter(({ gpu }) => !gpu)).toEqual([])
    expect(new Set(offers.map(({ id }) => id)).size).toBe(offers.length)
    expect(card.scores.every(({ source }) => source.length > 10)).toBe(true)
  })

  test('a score that nobody confirmed is said to be so, in the answer and in its offers alone', () => {
    expect(cardOffers(card, nowMs)?.warnings).toEqual([
      'OctaneBench scores not confirmed: RTX 5090, RTX 4090, RTX 3090',
    ])
    const doubted = offers.filter(({ estimated }) => estimated?.endsWith('(not confirmed)'))
    expect(new Set(doubted.map(({ rawGpu }) => rawGpu))).toEqual(new Set(['RTX 5090', 'RTX 4090', 'RTX 3090']))
    const sure = { ...card, scores: card.scores.filter(({ confirmed }) => confirmed) }
    expect(cardOffers(sure, nowMs)?.warnings).toEqual([])
  })

  test('what is no card is none', () => {
    const [score] = card.scores
    for (const other of [
      null,
      {},
      { ...card, tiers: [] },
      { ...card, scores: [{ ...score, octaneBench: 1300 }] },
      { ...card, date: 'today' },
    ]) {
      expect(cardOffers(other, nowMs)).toBeUndefined()
    }
  })
})

describe('PROV-04 tokens per hour', () => {
  test.each([
    ['1300', 200, '6.5'],
    ['715.45', 200, '3.57725'],
    ['100', 100, '1'],
    ['2000', 200, '10'],
    ['1', 3, '0.33333334'],
    ['0.00000001', 200, '0.00000001'],
  ])('a score of %s at %d OBh per token is %s', (octaneBench, obhPerToken, expected) => {
    expect(tokensPerHour(octaneBench, obhPerToken)).toBe(expected)
  })

  test('it is never below the exact quotient, and less than one smallest unit above it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 1, max: 5_000 }), (cents, obh) => {
        const text = tokensPerHour(`${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`, obh)
        const [whole = '', fraction = ''] = text.split('.')
        const units = BigInt(whole + fraction.padEnd(8, '0'))
        const rest = units * BigInt(obh) - cents * 10n ** 6n
        expect(rest >= 0n && rest < BigInt(obh)).toBe(true)
        expect(text).not.toMatch(/\.$|\.\d*0$/)
      }),
    )
  })
})

describe('PROV-04 an estimate', () => {
  const rtx4090 = { id: 'rtx4090-24gb-pcie', family: 'rtx4090', memoryGib: 24, interface: 'pcie' as const }
  const dear = plainOffer({ id: 'necto:dear', provider: 'necto', gpu: rtx4090, rawGpu: 'RTX 4090' })
  const prices: Ask = { gpu: { family: 'rtx4090' }, gpuCount: 1, maxSeconds: 3600 }
  const asks: [string, Ask][] = [
    ['a container job', { ...prices, runtime: 'container' }],
    ['a process', { ...prices, runtime: 'process' }],
    ['prices alone', prices],
  ]
  const route = (ask: Ask, all: Offer[], pick?: string) =>
    decide({ ask, offers: all, quotes: all.map((offer) => priced(offer, ask)), policy, nowMs, pick })

  test.each(asks)('for %s is shown at its price, the cheapest of all, and not chosen', (_what, ask) => {
    const [, tier3] = of('RTX 4090')
    if (!tier3) throw new Error('no offer')
    // 6.5 RENDER at 2 cents.
    const quote = priced(tier3, ask)
    expect(isQuote(quote) && quote.usdPerGpuHour).toBe(130_000n)
    const decision = route(ask, [...offers, dear])
    expect(decision.selection).toBe('necto:dear')
    expect(decision.ranking).toEqual(['necto:dear'])
    const verdict = decision.verdicts.find(({ offerId }) => offerId === tier3.id)
    expect(verdict?.rejections).toContainEqual({ code: 'estimated', card: tier3.estimated })
  })

  test.each(asks)('for %s is not chosen either when there is nothing else', (_what, ask) => {
    expect(route(ask, offers)).toMatchObject({ outcome: 'nothing-fits', ranking: [] })
    expect(route(ask, offers)).not.toHaveProperty('selection')
  })
})
