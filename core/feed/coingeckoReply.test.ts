// CoinGecko's replies: exact decimals, the source's own time, ranges, and what is left out rather than guessed.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokenPriceSchema } from '../pricing/tokenPrice.ts'
import { coinGeckoPrices, coinGeckoRanges } from './coingeckoReply.ts'
import { tokenOf, tokenTable } from './tokenTable.ts'

const atSeconds = 1_790_000_000
const row = (usd: unknown, at: unknown = atSeconds) => ({ usd, last_updated_at: at })

describe('FEED-01 prices', () => {
  test('of every token of the table, with the time that the source gives', () => {
    const reply = Object.fromEntries(tokenTable.map(({ coinGeckoId }, i) => [coinGeckoId, row(i + 0.5)]))
    const { prices, dropped } = coinGeckoPrices(reply)
    expect(dropped).toEqual([])
    expect(prices.map(({ token }) => token)).toEqual(tokenTable.map(({ symbol }) => symbol))
    expect(prices[0]).toEqual({ token: 'AKT', usdPerToken: '0.5', source: 'coingecko', atMs: atSeconds * 1000 })
  })

  test('PRICE-03 a small price is a plain decimal, not an exponent, and all its digits are kept', () => {
    const { prices } = coinGeckoPrices({ io: row(1.5e-7), nosana: row(0.20123456789012345) })
    expect(prices.map(({ token, usdPerToken }) => [token, usdPerToken])).toEqual([
      ['NOS', '0.20123456789012345'],
      ['IO', '0.00000015'],
    ])
  })

  test.each([
    ['no price', { last_updated_at: atSeconds }],
    ['a null price', row(null)],
    ['a price of zero', row(0)],
    ['a price below zero', row(-1)],
    ['an absurd price', row(1e21)],
    ['text', row('0.5')],
    ['no time', { usd: 0.5 }],
    ['a null time', row(0.5, null)],
    ['nothing', null],
  ])('PRICE-04 %s is no price of that token; the others stay', (_, broken) => {
    const { prices, dropped } = coinGeckoPrices({ 'akash-network': broken, nosana: row(0.2) })
    expect(prices.map(({ token }) => token)).toEqual(['NOS'])
    expect(dropped).toContainEqual({ row: 'akash-network', reason: 'no price with a time' })
  })

  test.each([null, [], 'x', {}, { error: 'coin not found' }, { status: { error_code: 10_010 } }, { __proto__: null }])(
    'a reply that prices nothing of ours is refused: %j',
    (reply) => {
      expect(() => coinGeckoPrices(reply)).toThrow(expect.objectContaining({ code: 'coingecko.reply', retry: 'later' }))
    },
  )

  test('an answer of 200 that says the limit is reached is the limit', () => {
    const limit = { status: { error_code: 429, error_message: "You've exceeded the Rate Limit." } }
    expect(() => coinGeckoPrices(limit)).toThrow(expect.objectContaining({ code: 'http.busy' }))
    expect(() => coinGeckoRanges(limit)).toThrow(expect.objectContaining({ code: 'http.busy' }))
  })

  test('whatever number comes, a price is a decimal above zero that a record can hold', () => {
    const anyRow = fc.record({ usd: fc.oneof(fc.double(), fc.jsonValue()), last_updated_at: fc.anything() })
    const anyTime = fc.record({ usd: fc.double(), last_updated_at: fc.integer() })
    fc.assert(
      fc.property(fc.oneof(anyRow, anyTime), (raw) => {
        const { prices } = coinGeckoPrices({ 'akash-network': raw, nosana: row(0.2) })
        for (const price of prices) {
          expect(tokenPriceSchema.parse(price)).toEqual(price)
          expect(price.usdPerToken).toMatch(/^\d+(\.\d+)?$/)
          expect(Number(price.usdPerToken)).toBeGreaterThan(0)
        }
      }),
    )
  })
})

describe('PRICE-05 ranges', () => {
  const market = (id: string, high: unknown, low: unknown) => ({ id, high_24h: high, low_24h: low, current_price: 1 })

  test('the highest less the lowest price, over the middle', () => {
    const ranges = coinGeckoRanges([market('akash-network', 0.55, 0.45), market('render-token', 2, 2)])
    expect(ranges.get('AKT')).toEqual({ bps: 2_000, basis: '24 h range of AKT/USD' })
    expect(ranges.get('RENDER')).toEqual({ bps: 0, basis: '24 h range of RENDER/USD' })
    expect(ranges.get('NOS')).toBeUndefined()
  })

  test.each([
    ['null', market('nosana', null, null)],
    ['upside down', market('nosana', 1, 2)],
    ['of zero', market('nosana', 1, 0)],
    ['not numbers', market('nosana', '2', '1')],
    ['of a token we do not know', market('bitcoin', 2, 1)],
    ['nothing', null],
  ])('a range that is %s is unknown, not calm', (_, broken) => {
    expect([...coinGeckoRanges([broken, market('io', 3, 1)]).keys()]).toEqual(['IO'])
  })

  test('a reply of another shape is refused', () => {
    for (const reply of [null, {}, { error: 'Missing parameter vs_currency' }])
      expect(() => coinGeckoRanges(reply)).toThrow(expect.objectContaining({ code: 'coingecko.reply' }))
  })

  test('never below zero or broken, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (high, low) => {
        const bps = coinGeckoRanges([market('io', high, low)]).get('IO')?.bps ?? 0
        expect(Number.isInteger(bps) && bps >= 0 && bps <= 20_000).toBe(true)
      }),
    )
  })
})

test('FEED-01 symbols: any case, RNDR is RENDER, and no symbol or id stands twice', () => {
  expect(['akt', ' NOS ', 'RNDR', 'render', 'io', 'DOGE'].map((text) => tokenOf(text)?.symbol)).toEqual([
    'AKT',
    'NOS',
    'RENDER',
    'RENDER',
    'IO',
    undefined,
  ])
  const symbols = tokenTable.flatMap(({ symbol, aliases }) => [symbol, ...aliases])
  expect(new Set(symbols).size).toBe(symbols.length)
  expect(new Set(tokenTable.map(({ coinGeckoId }) => coinGeckoId)).size).toBe(tokenTable.length)
})

// Recordings of the live service are kept outside the project; where they are not at hand this says "skipped".
const recorded = resolve('../shared/samples/coingecko_akt_recorded.json')
test.skipIf(!existsSync(recorded))('the recorded reply, read with the time that it was not asked for', () => {
  const reply = JSON.parse(readFileSync(recorded, 'utf8'))
  expect(() => coinGeckoPrices(reply)).toThrow(expect.objectContaining({ code: 'coingecko.reply' }))
  Object.assign(reply['akash-network'], { last_updated_at: atSeconds })
  expect(coinGeckoPrices(reply).prices).toEqual([
    { token: 'AKT', usdPerToken: '0.543761', source: 'coingecko', atMs: atSeconds * 1000 },
  ])
})
