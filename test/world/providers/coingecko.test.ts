// Necto's own feed reading the stand-in of CoinGecko over HTTP: exact prices, times, limits and faults.
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import { createCoinGecko } from '../../../core/feed/coingecko.ts'
import { createTokenFeed } from '../../../core/feed/createTokenFeed.ts'
import { tokenTable } from '../../../core/feed/tokenTable.ts'
import { silentLog } from '../../../core/log.ts'
import { defaultPolicy } from '../../../core/pricing/policy.ts'
import { findTokenPrice } from '../../../core/pricing/tokenPrice.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')
const running: WorldProviders[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((world) => world.stop()))
})

async function open(more: { seed?: string; apiKey?: string } = {}) {
  const clock = createManualClock(nowMs)
  const world = await startProviders({ seed: more.seed ?? 'test', clock, originMs: nowMs, delayMs: [0, 0] })
  running.push(world)
  const baseUrl = world.env.COINGECKO_API_URL ?? ''
  const coinGecko = createCoinGecko({ baseUrl, clock, log: silentLog, ...more })
  const feed = createTokenFeed({ sources: [coinGecko], clock, log: silentLog })
  const live = () => new AbortController().signal
  return {
    world,
    clock,
    baseUrl,
    read: () => coinGecko.read(live()),
    prices: () => feed.prices(live()),
    of: async (token: string) => (await feed.prices(live())).find((price) => price.token === token),
  }
}

describe('FEED-01 FEED-02 the whole table in one request', () => {
  test('each price to its last digit, with the time that the source gives and its range', async () => {
    const { world, prices } = await open()
    const read = await prices()
    expect(read.map(({ token, usdPerToken }) => [`coingecko/${token}`, Number(usdPerToken)])).toEqual(
      Object.entries(world.prices()).filter(([series]) => series.startsWith('coingecko/')),
    )
    expect(read).toHaveLength(tokenTable.length)
    for (const price of read) {
      expect(price).toMatchObject({ source: 'coingecko', atMs: nowMs })
      // A walk of ±5 % has a range, and not a wide one.
      expect(price.volatility?.bps).toBeGreaterThan(20)
      expect(price.volatility?.bps).toBeLessThan(1_000)
    }
    expect(world.requests('coingecko')).toHaveLength(2)
  })

  test('read again after 20 s, and the price is another after a minute', async () => {
    const { world, clock, of } = await open()
    const first = await of('AKT')
    await clock.tick(19_999)
    expect(await of('AKT')).toEqual(first)
    await clock.tick(40_001)
    const second = await of('AKT')
    expect(second?.atMs).toBe(nowMs + 60_000)
    expect(second?.usdPerToken).not.toBe(first?.usdPerToken)
    expect(world.requests('coingecko').filter((request) => request.includes('simple/price'))).toHaveLength(2)
  })

  test('a price that is set is the price, from then on', async () => {
    const { world, clock, of } = await open()
    world.setPrice('coingecko/AKT', 1.2345e-7)
    expect(await of('AKT')).toMatchObject({ usdPerToken: '0.00000012345', atMs: nowMs })
    await clock.tick(600_000)
    expect(await of('AKT')).toMatchObject({ usdPerToken: '0.00000012345', atMs: nowMs + 600_000 })
    expect(() => world.setPrice('coingecko/DOGE', 1)).toThrow('no such series')
  })

  test('the same seed gives the same prices', async () => {
    const [first, second, other] = [await open(), await open(), await open({ seed: 'other' })]
    expect(await second.prices()).toEqual(await first.prices())
    expect(await other.prices()).not.toEqual(await first.prices())
  })
})

describe('limits and faults', () => {
  test('thirty requests a minute without a key, then 429 with the time to wait, which is kept', async () => {
    const { world, clock, read } = await open()
    for (let i = 0; i < 29; i++) await read()
    await clock.tick(10_000)
    await expect(read()).rejects.toMatchObject({ code: 'http.busy', retryAfterMs: 50_000 })
    const sent = world.requests('coingecko').length
    await clock.tick(49_999)
    await expect(read()).rejects.toMatchObject({ code: 'http.busy', retryAfterMs: 1 })
    expect(world.requests('coingecko')).toHaveLength(sent)
    await clock.tick(1)
    expect(await read()).toHaveLength(tokenTable.length)
  })

  test('with a key more are let through', async () => {
    const { read } = await open({ apiKey: 'CG-demo' })
    for (let i = 0; i < 40; i++) expect(await read()).toHaveLength(tokenTable.length)
  })

  test('PRICE-04 prices that stand still grow old: no longer booked, then no longer used', async () => {
    const { world, clock, prices } = await open()
    world.faults.freezeTokens()
    const standing = async () => {
      const tokens = await prices()
      expect(tokens.map(({ lastKnown }) => lastKnown)).toEqual(tokenTable.map(() => undefined))
      return findTokenPrice({ token: 'AKT', tokens, policy: defaultPolicy, nowMs: clock.now() })
    }
    expect(await standing()).toMatchObject({ standing: 'single-source' })
    await clock.tick(defaultPolicy.tokenPriceBookMaxAgeMs + 1)
    expect(await standing()).toMatchObject({ standing: 'price-too-old-to-book' })
    await clock.tick(defaultPolicy.tokenPriceMaxAgeMs)
    expect(await standing()).toEqual({ refused: 'token-price-too-old' })
    world.faults.clear()
    await clock.tick(20_000)
    expect(await standing()).toMatchObject({ standing: 'single-source' })
  })

  test.each([
    { kind: 'down' },
    { kind: 'busy', retryAfterSeconds: 30 },
    { kind: 'busy' },
    { kind: 'html' },
    { kind: 'truncated' },
  ] as const)('FEED-03 %j: the last known prices, marked, and the new ones when it is over', async (fault) => {
    const { world, clock, prices } = await open()
    const before = await prices()
    world.faults.set('coingecko', fault)
    await clock.tick(60_000)
    expect(await prices()).toEqual(before.map((price) => ({ ...price, lastKnown: true })))
    world.faults.clear()
    await clock.tick(60_000)
    for (const price of await prices()) {
      expect(price.lastKnown).toBeUndefined()
      expect(price.atMs).toBe(nowMs + 120_000)
    }
  })

  test.each([
    ['/api/v3/simple/price?ids=io', 422, 'Missing parameter vs_currencies'],
    ['/api/v3/simple/price?vs_currencies=usd', 422, 'Missing parameter ids'],
    ['/api/v3/coins/markets?ids=io', 422, 'Missing parameter vs_currency'],
    ['/api/v3/simple', 404, 'Incorrect path. Please check https://www.coingecko.com/api/'],
  ])('%s is refused as CoinGecko refuses it', async (path, status, error) => {
    const { baseUrl } = await open()
    const response = await fetch(`${baseUrl}${path}`)
    expect([response.status, await response.json()]).toEqual([status, { error }])
  })

  test('times and digits only when asked for, ids that it does not know without a word', async () => {
    const { baseUrl } = await open()
    const response = await fetch(`${baseUrl}/api/v3/simple/price?ids=io,no-such-coin&vs_currencies=usd`)
    expect(await response.json()).toEqual({ io: { usd: expect.any(Number) } })
  })
})
