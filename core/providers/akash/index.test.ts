// Akash held to the rules of every provider over both its sources, and each source alone when the other is away.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, createManualClock } from '../../clock.ts'
import { testAsk } from '../../market/testMarket.ts'
import { describeProvider } from '../providerSuite.ts'
import { createAkashProvider } from './index.ts'
import { startTestAkash } from './testAkash.ts'
import { bidRow, H100_SXM, HEIGHT } from './testBids.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')

async function start(bids?: readonly unknown[]) {
  const server = await startTestAkash({ nowMs, ...(bids && { bids }) })
  // Time stands still: no limit is reached unless a test lets it pass.
  const clock = createManualClock(nowMs)
  return { ...server, clock, provider: createAkashProvider({ baseUrl: server.console, lcdUrls: server.hosts, clock }) }
}

describeProvider('akash', { start: () => start() })

describe('PROV-01 akash', () => {
  let rig: Awaited<ReturnType<typeof start>>
  beforeEach(async () => {
    rig = await start()
  })
  afterEach(() => rig.stop())
  const read = (from = rig) => from.provider.offers(testAsk(), new AbortController().signal)
  const ids = (offers: readonly { id: string }[]) => offers.map(({ id }) => id)

  test('fixed rates, auctions and bids in AKT stand side by side', async () => {
    const { offers, warnings, evidence } = await read()
    expect(offers.map(({ id, price }) => [id, price.model])).toEqual([
      ['akash:nvidia/h100/80gi/sxm5', 'fixed'],
      ['akash:nvidia/a100/80gi/pcie', 'fixed'],
      ['akash:nvidia/rtx4090/24gi/pcie', 'fixed'],
      ['akash:nvidia/h20/96gi/sxm5', 'fixed'],
      ['akash:bid/nvidia/h100/80gi/sxm/usd', 'auction'],
      ['akash:bid/nvidia/h100/80gi/sxm/akt', 'token'],
      ['akash:bid/nvidia/h20/96gi/-/usd', 'auction'],
    ])
    expect(warnings).toEqual(['1 row left out: no price', '2 unknown GPUs, not routed to: h20 96Gi SXM5, h20 96gi'])
    expect(evidence.map(({ url }) => new URL(url).pathname)).toEqual([
      '/console/v1/gpu-prices',
      '/one/cosmos/base/tendermint/v1beta1/blocks/latest',
      '/one/akash/market/v1beta5/bids/list',
    ])
    expect(rig.requests().toSorted()).toEqual([
      'console /v1/gpu-prices',
      'one /akash/market/v1beta5/bids/list?filters.state=open&pagination.limit=500',
      'one /cosmos/base/tendermint/v1beta1/blocks/latest',
    ])
  })

  test('without the chain the published prices are the answer, and it says what is missing', async () => {
    rig.setHost('one', { out: 503 })
    rig.setHost('two', { versions: [] })
    const { offers, partial } = await read()
    expect(offers.every(({ price }) => price.model === 'fixed')).toBe(true)
    expect(partial).toBe(
      "live bids are missing: None of Akash's 2 chain hosts could be read, the last said: It does not serve the market.",
    )
  })

  test('without the Console the live bids are', async () => {
    rig.setConsole(500)
    const { offers, partial } = await read()
    expect(ids(offers)).toContain('akash:bid/nvidia/h100/80gi/sxm/usd')
    expect(offers.some(({ price }) => price.model === 'fixed')).toBe(false)
    expect(partial).toBe('published prices are missing: It answered with an error (500).')
  })

  test('with neither it fails as the Console does, Retry-After kept', async () => {
    rig.setFault('busy')
    await expect(read()).rejects.toMatchObject({ code: 'http.busy', retryAfterMs: 7_000 })
  })

  test('hung hosts of the chain do not hold up the prices', async () => {
    for (const name of ['one', 'two'] as const) rig.setHost(name, { out: 'silent' })
    const outcome = read()
    const asked = (name: string) => rig.requests().some((request) => request.startsWith(name))
    // A second for each host's latest block.
    for (const name of ['one', 'two']) {
      while (!asked(name)) await rig.nextRequest()
      await rig.clock.tick(1_000)
    }
    const { offers, partial } = await outcome
    expect(offers).toHaveLength(4)
    expect(partial).toContain('the last said: It did not answer within 1 s.')
  })

  test('nor does a hung Console hold up the bids for longer than five seconds', async () => {
    rig.setConsole('silent')
    // Only the five seconds pass.
    const clock: Clock = { now: () => nowMs, sleep: (ms) => (ms === 5_000 ? Promise.resolve() : new Promise(() => {})) }
    const provider = createAkashProvider({ baseUrl: rig.console, lcdUrls: rig.hosts, clock })
    const { offers, partial } = await read({ ...rig, provider })
    expect(offers).toHaveLength(3)
    expect(partial).toBe('published prices are missing: It did not answer within 5 s.')
  })

  test('the next host is asked when one is out, whatever the way', async () => {
    for (const host of [{ out: 404 }, { out: 500 }, { out: 503 }, { out: 429 }, { versions: [] }]) {
      const from = await start()
      from.setHost('one', host)
      const { offers, partial } = await read(from)
      expect(partial).toBeUndefined()
      expect(ids(offers)).toContain('akash:bid/nvidia/h100/80gi/sxm/usd')
      from.stop()
    }
  })

  test('an older chain is read in its own version, and asked in it first from then on', async () => {
    const old = await start([bidRow({ old: true })])
    for (const name of ['one', 'two'] as const) old.setHost(name, { versions: ['v1beta4'] })
    expect(ids((await read(old)).offers)).toContain('akash:bid/nvidia/h100/80gi/sxm/usd')
    await read(old)
    const lists = old.requests().filter((request) => request.includes('/bids/list'))
    expect(lists.map((request) => /v1beta\d/.exec(request)?.[0])).toEqual(['v1beta5', 'v1beta4', 'v1beta4'])
    old.stop()
  })

  test('every page is read, its key encoded', async () => {
    const many = await start(
      Array.from({ length: 7 }, (_, index) => bidRow({ gpus: [`vendor/nvidia/model/x${index}`] })),
    )
    many.setHost('one', { pageSize: 3 })
    expect(ids((await read(many)).offers).filter((id) => id.startsWith('akash:bid/'))).toHaveLength(7)
    const lists = many.requests().filter((request) => request.includes('/bids/list'))
    expect(lists.map((request) => /pagination\.key=(.*)/.exec(request)?.[1])).toEqual([
      undefined,
      '%2B%2Fk3%3D',
      '%2B%2Fk6%3D',
    ])
    many.stop()
  })

  test('stale bids, however cheap, are no price of today', async () => {
    const old = bidRow({ amount: '1', provider: 'akash1old', createdAt: HEIGHT - 3_000_000 })
    const stale = await start([old, bidRow({ gpus: [H100_SXM] })])
    const { offers } = await read(stale)
    const bid = offers.find(({ id }) => id === 'akash:bid/nvidia/h100/80gi/sxm/usd')
    expect(bid?.price).toMatchObject({ unit: { usdPerHour: 1_016_400n } })
    stale.stop()
  })
})
