// Pricing: whole nodes, minimum billing, token conversion, and that nothing is ever rounded down or zero.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import { defaultPolicy } from './policy.ts'
import { priceOffer } from './priceOffer.ts'
import { isQuote, pricedSchema, type Quote } from './quote.ts'
import { anyAsk, anyOffer, nodePrice, nowMs, plainAsk, plainOffer, tokens, usd } from './testOffers.ts'

const price = (offer: Offer, ask: Ask = plainAsk, given = tokens) =>
  priceOffer({ offer, ask, tokens: given, policy: defaultPolicy, nowMs })
function quote(offer: Offer, ask: Ask = plainAsk, given = tokens): Quote {
  const priced = price(offer, ask, given)
  if (!isQuote(priced)) throw new Error(priced.unpriced)
  return priced
}

describe('effective price', () => {
  test('PRICE-01 a fixed rate per GPU', () => {
    expect(quote(plainOffer(), { ...plainAsk, gpuCount: 2 })).toMatchObject({
      listedUsdPerGpuHour: usd(2),
      usdPerGpuHour: usd(2),
      usdPerHour: usd(4),
      totalUsd: usd(16),
      maxSeconds: 14_400,
      minSeconds: 0,
    })
  })

  test('PROV-03 a node is paid whole and shared over the GPUs used, not over those it owns', () => {
    const priced = quote(plainOffer({ price: nodePrice(16, 8) }), { ...plainAsk, gpuCount: 2 })
    expect(priced).toMatchObject({
      listedUsdPerGpuHour: usd(2),
      usdPerGpuHour: usd(8),
      usdPerHour: usd(16),
      totalUsd: usd(64),
    })
  })

  test('a job shorter than the minimum billing pays the minimum, and may use the time it pays for', () => {
    const priced = quote(plainOffer({ minSeconds: 3600 }), { ...plainAsk, maxSeconds: 900 })
    expect(priced).toMatchObject({
      usdPerGpuHour: usd(8),
      usdPerHour: usd(2),
      totalUsd: usd(2),
      maxSeconds: 3600,
      minSeconds: 3600,
    })
    expect(priced.lines.map(({ label, usd: amount }) => [label, amount])).toContainEqual([
      'minimum billing of 3600 s for a job of 900 s adds',
      usd(1.5),
    ])
  })

  test('PRICE-02 the spread of a spot or auction price goes with the quote; unknown is absent', () => {
    const volatility = { bps: 900, basis: 'AZ history, 24 h' }
    const unit = { per: 'gpu' as const, usdPerHour: usd(2) }
    expect(quote(plainOffer({ price: { model: 'auction', unit, volatility } })).volatility).toEqual(volatility)
    expect(quote(plainOffer({ price: { model: 'spot', unit } }))).not.toHaveProperty('volatility')
  })

  test('a dynamic price is its price now', () => {
    const unit = (dollars: number) => ({ per: 'gpu' as const, usdPerHour: usd(dollars) })
    const priced = quote(plainOffer({ price: { model: 'dynamic', unit: unit(3), floor: unit(1), ceiling: unit(5) } }))
    expect(priced.usdPerGpuHour).toBe(usd(3))
  })

  test('PRICE-03 PRICE-05 a token price is converted with its source, time and volatility', () => {
    const offer = plainOffer({ price: { model: 'token', token: 'AKT', tokensPerHour: '3.9', per: 'gpu', gpus: 1 } })
    const priced = quote(offer)
    // 3.9 × 0.51234568, the token price rounded up at its eighth decimal.
    expect(priced.usdPerGpuHour).toBe(1_998_149n)
    expect(priced.token).toEqual({ token: 'AKT', price: 51_234_568n, source: 'coingecko', standing: 'unverified' })
    expect(priced.volatility?.basis).toBe('24 h of AKT/USD')
    expect(priced.lines[0]).toEqual({
      label: '1 AKT = 0.51234568 USD',
      usd: 512_346n,
      source: 'coingecko, 2026-11-20T11:59:30.000Z',
    })
  })

  test('FEED-03 a last known token price is named as such in quote and arithmetic', () => {
    const offer = plainOffer({ price: { model: 'token', token: 'AKT', tokensPerHour: '1', per: 'gpu', gpus: 1 } })
    const atMs = nowMs - 720_000
    const known = [{ token: 'AKT', usdPerToken: '0.5', source: 'coingecko', atMs, lastKnown: true as const }]
    const priced = quote(offer, plainAsk, known)
    expect(priced.token).toMatchObject({ source: 'coingecko', standing: 'single-source', lastKnown: true })
    expect(priced.lines[0]?.source).toBe('coingecko, last known, 2026-11-20T11:48:00.000Z')
    expect(pricedSchema.parse(pricedSchema.encode(priced))).toEqual(priced)
  })

  test('a token price of a node is paid whole too', () => {
    const offer = plainOffer({ price: { model: 'token', token: 'NOS', tokensPerHour: '40', per: 'node', gpus: 8 } })
    expect(quote(offer, { ...plainAsk, gpuCount: 4 })).toMatchObject({
      usdPerHour: usd(8),
      usdPerGpuHour: usd(2),
      listedUsdPerGpuHour: usd(1),
    })
  })

  test('every line names its source and the last one is what offers are ranked by', () => {
    const priced = quote(plainOffer({ price: nodePrice(16, 8), minSeconds: 86_400 }))
    expect(priced.lines.every(({ source }) => source.length > 0)).toBe(true)
    expect(priced.lines.at(-1)?.usd).toBe(priced.usdPerGpuHour)
  })
})

describe('what is not priced', () => {
  const aktOffer = plainOffer({ price: { model: 'token', token: 'AKT', tokensPerHour: '1', per: 'gpu', gpus: 1 } })
  const akt = (atMs: number) => [{ token: 'AKT', usdPerToken: '0.5', source: 'coingecko', atMs }]

  test.each([
    ['no-token-price', aktOffer, []],
    ['token-price-too-old', aktOffer, akt(nowMs - defaultPolicy.tokenPriceMaxAgeMs - 1)],
    ['token-price-in-future', aktOffer, akt(nowMs + defaultPolicy.clockSkewMs + 1)],
    ['token-price-zero', aktOffer, [{ token: 'AKT', usdPerToken: '0.000', source: 'coingecko', atMs: nowMs }]],
    ['price-zero', plainOffer({ price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: usd(0) } } }), tokens],
    [
      'price-zero',
      plainOffer({ price: { model: 'token', token: 'AKT', tokensPerHour: '0', per: 'gpu', gpus: 1 } }),
      tokens,
    ],
    [
      'price-zero',
      plainOffer({ price: { model: 'token', token: 'AKT', tokensPerHour: '1e3', per: 'gpu', gpus: 1 } }),
      tokens,
    ],
    [
      'price-out-of-range',
      plainOffer({ price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: usd(1_000_001) } } }),
      tokens,
    ],
    ['price-out-of-range', plainOffer({ minSeconds: 400 * 86_400 }), tokens],
    ['not-on-one-node', plainOffer({ price: nodePrice(5, 4) }), tokens],
  ])('PRICE-04 %s', (unpriced, offer, given) => {
    expect(price(offer, { ...plainAsk, gpuCount: unpriced === 'not-on-one-node' ? 5 : 1 }, given)).toEqual({
      offerId: offer.id,
      unpriced,
    })
  })

  test('PRICE-04 exactly at the limits a price still counts', () => {
    expect(isQuote(price(aktOffer, plainAsk, akt(nowMs - defaultPolicy.tokenPriceMaxAgeMs)))).toBe(true)
    expect(isQuote(price(aktOffer, plainAsk, akt(nowMs + defaultPolicy.clockSkewMs)))).toBe(true)
  })
})

test('PROV-05 fees are a line each, of the listed price, and the sticker stays without them', () => {
  const fees = [
    { label: 'network fee', bps: 1000 },
    { label: 'conversion', bps: 50 },
  ]
  const priced = price(plainOffer({ fees }), { ...plainAsk, gpuCount: 2 })
  if (!isQuote(priced)) throw new Error('not priced')
  expect(priced.lines.slice(1, 3).map(({ label, usd }) => [label, usd])).toEqual([
    ['network fee, 10 % of it', 200_000n],
    ['conversion, 0.5 % of it', 10_000n],
  ])
  expect([priced.listedUsdPerGpuHour, priced.usdPerGpuHour, priced.usdPerHour]).toEqual([
    2_000_000n,
    2_210_000n,
    4_420_000n,
  ])
})

describe('always', () => {
  const longerAsk = fc.tuple(anyAsk, fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 86_400 }))

  test('never zero, never rounded down, and the deposit covers the promised time', () => {
    fc.assert(
      fc.property(anyOffer, anyAsk, (offer, ask) => {
        const priced = price(offer, ask)
        expect(pricedSchema.parse(pricedSchema.encode(priced))).toEqual(priced)
        if (!isQuote(priced)) return
        const count = BigInt(ask.gpuCount)
        const useful = BigInt(ask.maxSeconds) * count
        const paid = priced.usdPerHour * BigInt(priced.maxSeconds)
        expect(priced.usdPerGpuHour > 0n && priced.usdPerHour > 0n && priced.totalUsd > 0n).toBe(true)
        // Rounded up by less than one micro-dollar.
        expect(priced.usdPerGpuHour * useful >= paid && (priced.usdPerGpuHour - 1n) * useful < paid).toBe(true)
        expect(priced.totalUsd * 3600n >= paid && (priced.totalUsd - 1n) * 3600n < paid).toBe(true)
        expect(priced.maxSeconds).toBe(Math.max(ask.maxSeconds, offer.minSeconds))
      }),
    )
  })

  test('the effective price is never below the share of the listed price', () => {
    fc.assert(
      fc.property(anyOffer, anyAsk, (offer, ask) => {
        const priced = price(offer, ask)
        if (!isQuote(priced)) return
        expect(priced.usdPerGpuHour >= priced.listedUsdPerGpuHour).toBe(true)
        if (offer.price.model === 'spot' && offer.price.unit.per === 'node' && !offer.fees)
          expect<bigint>(priced.usdPerHour).toBe(offer.price.unit.usdPerHour)
      }),
    )
  })

  test('more GPUs or more time never cost less', () => {
    fc.assert(
      fc.property(anyOffer, longerAsk, (offer, [ask, moreGpus, moreSeconds]) => {
        const [small, large] = [
          price(offer, ask),
          price(offer, { ...ask, gpuCount: ask.gpuCount + moreGpus, maxSeconds: ask.maxSeconds + moreSeconds }),
        ]
        if (!isQuote(large)) return
        expect(isQuote(small) && small.totalUsd <= large.totalUsd && small.usdPerHour <= large.usdPerHour).toBe(true)
      }),
    )
  })
})
