// Open bids to offers: prices per GPU-hour, kinds of GPU, the spread of bidders, and everything that is no offer.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testAsk } from '../../market/testMarket.ts'
import { defaultPolicy } from '../../pricing/policy.ts'
import { priceOffer } from '../../pricing/priceOffer.ts'
import { bidOffers, MAX_BID_AGE_BLOCKS } from './bidOffers.ts'
import { joinOffers } from './joinOffers.ts'
import { AXL_USDC, bidForServices, bidRow, brokenBids, H100_SXM, HEIGHT, healthyBids } from './testBids.ts'

const nowMs = 1_760_000_000_000
const parse = (...rows: unknown[]) => bidOffers(rows, { height: HEIGHT, observedAtMs: nowMs })
const usd = (...rows: unknown[]) => {
  const price = parse(...rows).offers[0]?.price
  return price && 'unit' in price ? price.unit.usdPerHour : undefined
}
const reasons = (...rows: unknown[]) => parse(...rows).dropped.map(({ reason }) => reason)

describe('PROV-01 live bids', () => {
  test('are an auction offer that is whole, and cannot be booked', () => {
    expect(parse(bidRow(), bidRow({ provider: 'akash1two', amount: '2000' })).offers).toEqual([
      {
        id: 'akash:bid/nvidia/h100/80gi/sxm/usd',
        provider: 'akash',
        gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
        rawGpu: 'h100 80gi sxm',
        gpusPerNode: 1,
        price: {
          model: 'auction',
          unit: { per: 'gpu', usdPerHour: 1_016_400n },
          // (1.2 - 1.0164) / 1.1082
          volatility: { bps: 1_656, basis: "spread of 2 providers' open bids over their median" },
        },
        region: [],
        bookable: {
          no: "it was bid on somebody else's order, and Necto cannot start jobs on Akash yet: AKASH_CONSOLE_API_KEY, BROKER_PAYOUT_ADDRESS or MACHINES_URL is not set",
        },
        runtimes: ['container'],
        minSeconds: 6,
        observedAtMs: nowMs,
      },
    ])
  })

  // The golden values of the provider reference, 600 blocks an hour.
  test.each([
    ['1694 uact for one GPU', bidRow(), 1_016_400n],
    ['13552 uact for eight', bidRow({ amount: '13552', units: 8 }), 1_016_400n],
    ['13552 uact for two services of four', bidRow({ amount: '13552', units: 4, count: 2 }), 1_016_400n],
    ['axlUSDC is a dollar', bidRow({ denom: AXL_USDC, amount: '2.526488' }), 1_516n],
    ['rounded up at the micro-dollar', bidRow({ amount: '0.000000000000000001' }), 1n],
  ])('%s', (_what, row, expected) => {
    expect(usd(row)).toBe(expected)
  })

  test('PRICE-03 a bid in AKT is priced in the token, exactly', () => {
    const [offer] = parse(bidRow({ denom: 'uakt', amount: '1432.735519000000000000' })).offers
    expect(offer).toMatchObject({
      id: 'akash:bid/nvidia/h100/80gi/sxm/akt',
      price: { model: 'token', token: 'AKT', tokensPerHour: '0.8596413114', per: 'gpu', gpus: 1 },
    })
    if (!offer) throw new Error('no offer')
    const tokens = [{ token: 'AKT', usdPerToken: '0.543761', source: 'test', atMs: nowMs }]
    const options = { ask: testAsk(), tokens, policy: defaultPolicy, nowMs }
    // 0.8596413114 × 0.543761 = 0.46743941…, rounded up.
    expect(priceOffer({ offer, ...options })).toMatchObject({ listedUsdPerGpuHour: 467_440n })
    const [eight, three] = [8, 3].map((units) =>
      parse(bidRow({ denom: 'uakt', amount: '1.000000000000000001', units })),
    )
    expect(eight?.offers[0]?.price).toMatchObject({ tokensPerHour: '0.000075000000000000000075' })
    expect(three?.offers[0]?.price).toMatchObject({ tokensPerHour: '0.0002000000000000000002' })
    const whole = parse(bidRow({ denom: 'uakt', amount: '10000', units: 3 })).offers[0]?.price
    expect(whole).toMatchObject({ tokensPerHour: '2' })
    const endless = parse(bidRow({ denom: 'uakt', amount: '10000', units: 7 })).offers[0]?.price
    expect(endless).toMatchObject({ tokensPerHour: '0.857142857142857142857142857143' })
  })

  test('one offer per kind and currency: the cheapest bid, whatever the order', () => {
    const rows = [
      bidRow({ amount: '3000', units: 1 }),
      bidRow({ amount: '13552', units: 8, provider: 'akash1two' }),
      bidRow({ amount: '2', denom: 'uakt' }),
      bidRow({ gpus: ['vendor/nvidia/model/h100/ram/80Gi/interface/pcie'] }),
      bidRow({ gpus: ['vendor/nvidia/model/h100'] }),
    ]
    const { offers } = parse(...rows)
    expect(offers.map(({ id, gpu, gpusPerNode }) => [id, gpu?.id, gpusPerNode])).toEqual([
      ['akash:bid/nvidia/h100/80gi/sxm/usd', 'h100-80gb-sxm', 8],
      ['akash:bid/nvidia/h100/80gi/sxm/akt', 'h100-80gb-sxm', 1],
      ['akash:bid/nvidia/h100/80gi/pcie/usd', 'h100-80gb-pcie', 1],
      ['akash:bid/nvidia/h100/-/-/usd', 'h100-80gb', 1],
    ])
    expect(offers[0]?.price).toMatchObject({ unit: { usdPerHour: 1_016_400n } })
    const byId = new Map(parse(...rows.toReversed()).offers.map((offer) => [offer.id, offer]))
    for (const offer of offers) expect(byId.get(offer.id)).toEqual(offer)
  })

  test('the words of a GPU are folded: case, the generation of SXM', () => {
    const same = [H100_SXM, 'vendor/NVIDIA/model/H100/ram/80GI/interface/SXM5', `${H100_SXM}4`]
    const { offers } = parse(...same.map((key, index) => bidRow({ gpus: [key], provider: `akash1${index}` })))
    expect(offers.map(({ id }) => id)).toEqual(['akash:bid/nvidia/h100/80gi/sxm/usd'])
    const other = bidRow({ gpus: ['interconnect/group', H100_SXM] })
    expect(parse(other).offers).toHaveLength(1)
  })

  test('the spread is of distinct providers; with one it is unknown, not calm', () => {
    const volatility = (...rows: unknown[]) => {
      const price = parse(...rows).offers[0]?.price
      return price?.model === 'auction' ? price.volatility?.bps : undefined
    }
    const of = (provider: string, amount: string) => bidRow({ provider, amount })
    expect(volatility(of('a', '1000'), of('a', '2000'))).toBeUndefined()
    expect(volatility(of('a', '1000'), of('b', '1000'))).toBe(0)
    // The dearer bid of b is no second opinion: (1500 - 1000) / 1250.
    expect(volatility(of('a', '1000'), of('b', '1500'), of('b', '9000'))).toBe(4_000)
    // Three: the middle one is the median, (1600 - 1000) / 1200.
    expect(volatility(of('c', '1200'), of('a', '1000'), of('b', '1600'))).toBe(5_000)
  })

  test('services without a GPU cost but do not count; several kinds have no price of their own', () => {
    expect(usd(bidForServices([2, H100_SXM], [0, '']))).toBe(508_200n)
    expect(usd(bidForServices([2, H100_SXM, 3], [2, H100_SXM]))).toBe(127_050n)
    expect(reasons(bidForServices([1, H100_SXM], [1, 'vendor/nvidia/model/t4']))).toEqual([
      'a bid for several kinds of GPU',
    ])
    expect(reasons(bidRow({ gpus: [H100_SXM, 'vendor/nvidia/model/a100'] }))).toEqual([
      'a bid for several kinds of GPU',
    ])
  })

  test('a bid older than ten minutes is forgotten, one of the next block is new', () => {
    expect(parse(bidRow({ createdAt: HEIGHT - MAX_BID_AGE_BLOCKS })).offers).toHaveLength(1)
    expect(parse(bidRow({ createdAt: HEIGHT + 1 })).offers).toHaveLength(1)
    expect(reasons(bidRow({ createdAt: HEIGHT - MAX_BID_AGE_BLOCKS - 1 }))).toEqual(['an old bid'])
    expect(MAX_BID_AGE_BLOCKS).toBe(100)
  })

  test('what is no offer is dropped with its reason, and only what is wrong is told', () => {
    expect(reasons(...healthyBids)).toEqual(['an old bid', 'a bid without a GPU'])
    expect(reasons(bidRow({ state: 'lost' }), bidRow({ gpus: ['vendor/nvidia/model/*'] }))).toEqual([
      'a bid no longer open',
      'a bid for any kind of GPU',
    ])
    expect(reasons(...brokenBids)).toEqual([
      'a bid in a currency Necto does not know',
      'a price that is none',
      'a price that is none',
      'not readable',
      'a bid that names no GPU',
      'not readable',
      'not readable',
    ])
    expect(joinOffers([parse(...healthyBids)]).warnings).toEqual(['1 unknown GPU, not routed to: h20 96gi'])
    expect(joinOffers([parse(...brokenBids)]).warnings).toContain('2 rows left out: a price that is none')
  })

  test('the bids of before v1beta5 are read as well', () => {
    expect(parse(bidRow({ old: true })).offers).toEqual(parse(bidRow()).offers)
    const row = bidRow()
    const { id: _id, ...bare } = row.bid as typeof row.bid & { id: unknown }
    expect(reasons({ ...row, bid: bare })).toEqual(['not readable'])
  })

  test('never cheaper than floating arithmetic finds, and by less than a micro-dollar dearer', () => {
    const amounts = fc.tuple(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 1, max: 999_999 }))
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 16 }), ([whole, millionths], units) => {
        const amount = `${whole}.${String(millionths).padStart(6, '0')}`
        const exact = (Number(amount) * 600) / units
        const found = Number(usd(bidRow({ amount, units })))
        expect(found).toBeGreaterThan(exact - 0.001)
        expect(found).toBeLessThan(exact + 1.001)
      }),
    )
  })
})
