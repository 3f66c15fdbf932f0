// Necto's own Akash provider reading the stand-in: published prices, live bids of the chain, the price of AKT.
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import type { Offer } from '../../../core/market/offer.ts'
import { testAsk } from '../../../core/market/testMarket.ts'
import { provider as akash } from '../../../core/providers/akash/index.ts'
import { AKASH_MODELS } from './catalog.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')
const running: WorldProviders[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((world) => world.stop()))
})

async function open(more: Partial<Parameters<typeof startProviders>[0]> = {}) {
  const clock = createManualClock(nowMs)
  const world = await startProviders({ seed: 'test', clock, delayMs: [0, 0], ...more })
  running.push(world)
  const deps = { clock, env: world.env, listings: async () => [] }
  const provider = akash.create(deps)
  const live = () => new AbortController().signal
  return {
    world,
    clock,
    read: () => provider.offers(testAsk(), live()),
    akt: async () => (await akash.tokenSource?.(deps).read(live()))?.[0],
    get: (path: string) => fetch(`${world.env.AKASH_API_URL}${path}`),
  }
}
const LIST = '/lcd-1/akash/market/v1beta5/bids/list'
const bidsOf = (offers: readonly Offer[]) => offers.filter(({ id }) => id.startsWith('akash:bid/'))
const usdOf = (offer: Offer | undefined) =>
  offer && 'unit' in offer.price ? Number(offer.price.unit.usdPerHour) / 1e6 : undefined

describe('PROV-01 a reading of the stand-in of Akash', () => {
  test('published prices are fixed; where several providers bid there is an auction as well, with its spread', async () => {
    const { world, read } = await open()
    const { offers, partial } = await read()
    expect(partial).toBeUndefined()
    const prices = Object.entries(world.prices()).filter(([series]) => series.startsWith('akash/'))
    expect(offers.filter(({ price }) => price.model === 'fixed')).toHaveLength(prices.length)
    const contested = AKASH_MODELS.filter(({ bidders }) => bidders > 1)
    const auctions = offers.filter(({ price }) => price.model === 'auction')
    expect(auctions).toHaveLength(contested.length)
    for (const { model, ram, interface: board, bidders } of contested) {
      const kind = `${model}/${ram}/${board.replace(/^SXM\d$/, 'SXM')}`.toLowerCase()
      const auction = auctions.find(({ id }) => id === `akash:bid/nvidia/${kind}/usd`)
      const usd = world.prices()[`akash/${model}/${ram}/${board}`] ?? 0
      // The published prices are older, and both walk by ±6 %.
      expect((usdOf(auction) ?? 0) / usd).toBeGreaterThan(0.87)
      expect((usdOf(auction) ?? 0) / usd).toBeLessThan(1.15)
      expect(auction).not.toHaveProperty('freeGpus')
      expect(auction?.gpu).toBeDefined()
      if (bidders > 2) expect(auction?.price).toHaveProperty('volatility')
    }
    expect(auctions.find(({ id }) => id.includes('h100/80gi/sxm'))).toMatchObject({ gpusPerNode: 8 })
  })

  test('the dearest of some bids is in AKT, at what AKT costs', async () => {
    const { world, read, akt } = await open()
    const tokens = bidsOf((await read()).offers).filter(({ price }) => price.model === 'token')
    expect(tokens.length).toBeGreaterThan(1)
    const price = await akt()
    expect(price).toMatchObject({ token: 'AKT', source: 'akash', atMs: nowMs })
    // As CoinGecko has it, but for the digits.
    expect(Number(price?.usdPerToken)).toBeCloseTo(world.prices()['coingecko/AKT'] ?? 0, 6)
    for (const { id, price: asked } of tokens) {
      if (asked.model !== 'token') throw new Error('not a token price')
      const usual = AKASH_MODELS.find(({ model, ram }) => id.includes(`/${model}/${ram}/`.toLowerCase()))?.usd ?? 0
      const usd = Number(asked.tokensPerHour) * Number(price?.usdPerToken)
      expect(usd).toBeGreaterThan(usual * 0.9)
      expect(usd).toBeLessThan(usual * 1.6)
    }
  })

  test('prices and AKT walk, from the seed', async () => {
    const [first, second, other] = [await open(), await open(), await open({ seed: 'other' })]
    const before = { offers: (await first.read()).offers, akt: await first.akt() }
    expect((await second.read()).offers).toEqual(before.offers)
    expect(await second.akt()).toEqual(before.akt)
    expect(bidsOf((await other.read()).offers)).not.toEqual(bidsOf(before.offers))
    await first.clock.tick(3_600_000)
    const after = (await first.read()).offers
    expect(bidsOf(after).map(usdOf)).not.toEqual(bidsOf(before.offers).map(usdOf))
    expect((await first.akt())?.usdPerToken).not.toBe(before.akt?.usdPerToken)
  })

  test('a price that is set is the price of both', async () => {
    const { world, read } = await open()
    world.setPrice('akash/rtx4090/24Gi/PCIe', 0.3)
    const { offers } = await read()
    expect(usdOf(offers.find(({ id }) => id === 'akash:nvidia/rtx4090/24gi/pcie'))).toBe(0.3)
    expect(usdOf(offers.find(({ id }) => id === 'akash:bid/nvidia/rtx4090/24gi/pcie/usd'))).toBe(0.3)
  })

  test('short pages make no difference', async () => {
    const [long, short] = [await open(), await open({ lcdPageSize: 10 })]
    expect((await short.read()).offers).toEqual((await long.read()).offers)
    const pages = (world: WorldProviders) => world.requests('akash').filter((request) => request.includes('/bids/list'))
    expect(pages(long.world)).toHaveLength(1)
    expect(pages(short.world).length).toBeGreaterThan(3)
  })

  test('a host that is out, or serves another version, costs nothing but a request', async () => {
    const { world, read } = await open()
    const healthy = (await read()).offers
    world.faults.setLcd('lcd-1', { status: 503 })
    world.faults.setLcd('lcd-2', { versions: ['v1beta4'] })
    expect(await read()).toMatchObject({ offers: healthy })
    world.faults.setLcd('lcd-2', { versions: [] })
    const { offers, partial } = await read()
    expect(offers).toEqual(healthy.filter(({ price }) => price.model === 'fixed'))
    expect(partial).toMatch(/^live bids are missing: /)
    world.faults.clear()
    expect(await read()).toMatchObject({ offers: healthy })
  })
})

describe("the protocol of Akash's chain", () => {
  test('keys go on where the page before ended, and have to be encoded', async () => {
    const { get } = await open()
    const page = async (query: string) => (await get(`${LIST}?filters.state=open&${query}`)).json()
    const all = await page('pagination.limit=1000')
    expect(all.pagination.next_key).toBeNull()
    const first = await page('pagination.limit=7')
    const key = first.pagination.next_key as string
    expect(key).toMatch(/^\+\//)
    const second = await page(`pagination.limit=1000&pagination.key=${encodeURIComponent(key)}`)
    expect([...first.bids, ...second.bids]).toEqual(all.bids)
    expect((await page('pagination.limit=1000&pagination.offset=7')).bids).toEqual(second.bids)
    expect(await page(`pagination.key=${key}`)).toMatchObject({ code: 3 })
  })

  test('other states are empty, unknown ones and reversing refused', async () => {
    const { get } = await open()
    expect(await (await get(`${LIST}?filters.state=active`)).json()).toMatchObject({ bids: [] })
    for (const query of ['filters.state=closing', 'pagination.reverse=true']) {
      const response = await get(`${LIST}?${query}`)
      expect([response.status, await response.json()]).toMatchObject([400, { code: 3 }])
    }
  })

  test('a version that is not served is not implemented, older ones call the id by its old name', async () => {
    const { get, world } = await open()
    const response = await get(LIST.replace('v1beta5', 'v1beta4'))
    expect([response.status, await response.json()]).toMatchObject([501, { code: 12, message: 'Not Implemented' }])
    world.faults.setLcd('lcd-1', { versions: ['v1beta4'] })
    const { bids } = await (await get(LIST.replace('v1beta5', 'v1beta4'))).json()
    expect(bids[0].bid).toHaveProperty('bid_id.dseq')
    expect(bids[0].bid).not.toHaveProperty('id')
    expect((await get(LIST)).status).toBe(501)
  })

  test('the chain grows by a block in six seconds', async () => {
    const { get, clock } = await open()
    const height = async () =>
      Number((await (await get('/lcd-2/cosmos/base/tendermint/v1beta1/blocks/latest')).json()).block.header.height)
    const before = await height()
    await clock.tick(60_000)
    expect(await height()).toBe(before + 10)
  })
})
