// Token prices: which one is used and what it may be used for.
import { describe, expect, test } from 'vitest'
import { defaultPolicy } from './policy.ts'
import { nowMs } from './testOffers.ts'
import { findTokenPrice, formatTokenPrice, type TokenPrice } from './tokenPrice.ts'

const from = (source: string, usdPerToken: string, ageMs = 0): TokenPrice => ({
  token: 'AKT',
  usdPerToken,
  source,
  atMs: nowMs - ageMs,
})
const feed = (usdPerToken: string, ageMs = 0): TokenPrice => ({
  ...from('chainlink', usdPerToken, ageMs),
  onChain: true,
})
const find = (...tokens: TokenPrice[]) => findTokenPrice({ token: 'AKT', tokens, policy: defaultPolicy, nowMs })
const hour = 3_600_000

describe('FEED-04 standing', () => {
  test.each([
    ['a feed that agrees', 'verified', [from('coingecko', '1'), feed('1.02')]],
    ['a feed may be hours old', 'verified', [from('coingecko', '1'), feed('1', 24 * hour)]],
    ['a feed that deviates', 'feed-deviates', [from('coingecko', '1'), feed('1.03')]],
    ['a feed that deviates is not outvoted', 'feed-deviates', [from('coingecko', '1'), from('kraken', '1'), feed('2')]],
    ['a stale feed', 'feed-stale', [from('coingecko', '1'), from('kraken', '1'), feed('1', 26 * hour)]],
    ['two sources that agree', 'unverified', [from('coingecko', '1'), from('kraken', '0.99')]],
    ['two sources that do not', 'sources-disagree', [from('coingecko', '1'), from('kraken', '0.9')]],
    ['one source', 'single-source', [from('coingecko', '1')]],
    ['one source said twice', 'single-source', [from('coingecko', '1'), from('coingecko', '1')]],
    ['a second source that is old', 'single-source', [from('coingecko', '1'), from('kraken', '1', hour)]],
    [
      'FEED-03 the last known price',
      'price-too-old-to-book',
      [from('coingecko', '1', hour), from('kraken', '1', hour)],
    ],
  ])('%s', (_, standing, tokens) => {
    expect(find(...tokens)).toMatchObject({ standing, price: 100_000_000n })
  })
})

test('the first source that can be used is used; a feed prices nothing itself', () => {
  expect(find(from('coingecko', '1', 7 * hour), from('kraken', '2'))).toMatchObject({ source: 'kraken' })
  expect(find(feed('1'))).toEqual({ refused: 'no-token-price' })
  expect(find({ ...from('coingecko', '1'), token: 'NOS' })).toEqual({ refused: 'no-token-price' })
})

describe('PRICE-04 ages, to the millisecond', () => {
  const { tokenPriceMaxAgeMs, tokenPriceBookMaxAgeMs, clockSkewMs } = defaultPolicy
  const second = (ageMs: number) => [from('coingecko', '1', ageMs), from('kraken', '1')] as const

  test.each([
    ['may be settled on up to its age for booking', tokenPriceBookMaxAgeMs, 'unverified'],
    ['is only shown past it', tokenPriceBookMaxAgeMs + 1, 'price-too-old-to-book'],
    ['is still shown at its greatest age', tokenPriceMaxAgeMs, 'price-too-old-to-book'],
    ['may be ahead of our clock by the skew', -clockSkewMs, 'unverified'],
  ])('a price %s', (_, ageMs, standing) => {
    expect(find(...second(ageMs))).toMatchObject({ source: 'coingecko', standing })
  })

  test.each([
    ['older than that', tokenPriceMaxAgeMs + 1, 'token-price-too-old'],
    ['further ahead', -clockSkewMs - 1, 'token-price-in-future'],
  ])('a price %s prices nothing', (_, ageMs, refused) => {
    expect(find(from('coingecko', '1', ageMs))).toEqual({ refused })
    // Another source may, and this one then confirms nothing.
    expect(find(...second(ageMs))).toMatchObject({ source: 'kraken', standing: 'single-source' })
  })

  test('the second source is held to the age for booking too', () => {
    const with2nd = (ageMs: number) => find(from('coingecko', '1'), from('kraken', '1', ageMs))
    expect(with2nd(tokenPriceBookMaxAgeMs)).toMatchObject({ standing: 'unverified' })
    expect(with2nd(tokenPriceBookMaxAgeMs + 1)).toMatchObject({ standing: 'single-source' })
    expect(with2nd(-clockSkewMs - 1)).toMatchObject({ standing: 'single-source' })
  })

  test('sources agree up to the deviation and not past it', () => {
    expect(find(from('coingecko', '1.02'), from('kraken', '1'))).toMatchObject({ standing: 'unverified' })
    expect(find(from('coingecko', '1.02000001'), from('kraken', '1'))).toMatchObject({ standing: 'sources-disagree' })
  })
})

describe('FEED-03 last known', () => {
  const lastKnown = (source: string, usd: string, ageMs = 0) => ({
    ...from(source, usd, ageMs),
    lastKnown: true as const,
  })

  test('prices where no source could be read, and says so', () => {
    expect(find(lastKnown('coingecko', '1', hour))).toMatchObject({
      lastKnown: true,
      standing: 'price-too-old-to-book',
    })
    expect(find(from('coingecko', '1'))).toMatchObject({ lastKnown: false })
  })

  test('gives way to a source that could be read, and still confirms it while recent', () => {
    const used = find(lastKnown('coingecko', '1.01', 600_000), from('akash', '1'))
    expect(used).toMatchObject({ source: 'akash', price: 100_000_000n, standing: 'unverified', lastKnown: false })
    expect(find(lastKnown('coingecko', '1', hour), from('akash', '2'))).toMatchObject({
      source: 'akash',
      standing: 'single-source',
    })
  })
})

test('prices are rounded up at the eighth decimal', () => {
  expect(find(from('coingecko', '0.123456781'))).toMatchObject({ price: 12_345_679n })
  expect(formatTokenPrice(12_345_679n)).toBe('0.12345679')
  expect(formatTokenPrice(100_000_000n)).toBe('1.00000000')
})
