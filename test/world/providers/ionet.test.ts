// io.net's stand-in: its protocol, and Necto's own provider reading it.
import { afterEach, describe, expect, test } from 'vitest'
import { type Clock, createManualClock } from '../../../core/clock.ts'
import type { Ask } from '../../../core/market/ask.ts'
import { testAsk } from '../../../core/market/testMarket.ts'
import { mulDivUp, parseUsd } from '../../../core/money.ts'
import { provider as ionet } from '../../../core/providers/ionet/index.ts'
import { startIonet } from './ionetApi.ts'
import { IONET_KEY, IONET_OTHER_KEY } from './ionetContainers.ts'
import { IONET_HARDWARE } from './ionetMarket.ts'
import type { PricePoint } from './standIn.ts'
import { startProviders } from './startProviders.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')
const SNAPSHOT = '/v1/io-explorer/network/market-snapshot'
const CATALOGUE = '/v1/io-cloud/clusters/create-cluster-data'
const CAAS = '/enterprise/v1/io-cloud/caas'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

async function start(more: { seed?: string; failing?: ReadonlyMap<string, number | 'failed'> } = {}) {
  const clock = createManualClock(nowMs)
  const pins = new Map<string, PricePoint>()
  const pinned = (series: string) => pins.get(series)
  const standIn = await startIonet({ seed: 'test', clock, originMs: 0, pinned, delay: () => () => 0, ...more })
  closers.push(standIn.server.stop)
  const get = async (path: string, key?: string) => {
    const response = await fetch(
      `${standIn.server.url}${path}`,
      key === undefined ? {} : { headers: { 'x-api-key': key } },
    )
    return { status: response.status, body: await response.json() }
  }
  return { ...standIn, clock, get, requests: () => standIn.server.requests() }
}

/** A busy machine may take its time: no limit ever comes. */
const patient: Clock = { now: () => nowMs, sleep: () => new Promise(() => undefined) }

/** What Necto makes of it, with its settings alone. */
function read(env: Readonly<Record<string, string>>, ask: Ask = testAsk()) {
  const provider = ionet.create({ env, clock: patient, listings: async () => [] })
  return provider.offers(ask, new AbortController().signal)
}
type Batch = Awaited<ReturnType<typeof read>>
const usdOf = ({ offers }: Batch, id: string) => {
  const price = offers.find((offer) => offer.id === id)?.price
  return price?.model === 'fixed' ? price.unit.usdPerHour : undefined
}

describe('PROV-02 io.net as Necto reads it', () => {
  test('every series is an offer at its price; quirks are read', async () => {
    const from = await start()
    const batch = await read(from.env)
    const prices = Object.entries(from.prices())
    expect(prices.length).toBeGreaterThanOrEqual(10)
    for (const [series, usd] of prices) {
      const offer = batch.offers.find(({ rawGpu }) => `ionet/${rawGpu}` === series)
      expect([series, offer && usdOf(batch, offer.id)]).toEqual([series, parseUsd(String(usd))])
    }
    expect(batch.offers).toHaveLength(prices.length)
    expect(batch.offers.find(({ id }) => id === 'ionet:225')).toMatchObject({ freeGpus: 0, gpu: { family: 'h100' } })
    expect(batch.offers.find(({ gpu }) => gpu?.family === 'rtx4090')).toMatchObject({ gpusPerNode: 8 })
    expect(batch.warnings).toEqual([
      '1 row left out: no price',
      '1 unknown GPU, not routed to: RTX 3060 Mobile',
      '2 prices are of Ray clusters, containers may cost more: NVIDIA GeForce RTX 3090, RTX 3060 Mobile',
    ])
    expect(from.requests()).toEqual([`GET ${SNAPSHOT}?hardware_type=gpu`])
  })

  test.each(['failed', 500] as const)('a snapshot that is %s leaves the cluster catalogue', async (fault) => {
    const from = await start({ failing: new Map([[SNAPSHOT, fault]]) })
    const batch = await read(from.env)
    expect(batch.warnings[0]).toMatch(/^from the cluster catalogue, because the market snapshot could not be read: /)
    const ray = IONET_HARDWARE.filter(({ type, rayUsd }) => type === 'GPU' && rayUsd !== undefined)
    expect(batch.offers.map(({ rawGpu }) => rawGpu).sort()).toEqual(ray.map(({ name }) => name).sort())
    const usual = usdOf(await read((await start()).env), 'ionet:224') ?? 0n
    expect(usdOf(batch, 'ionet:224')).toBeLessThan(Number(usual))
  })

  test('with a key: what the very order costs in each place, fees in it', async () => {
    const from = await start()
    const ask = testAsk({ gpuCount: 4, maxSeconds: 5400 })
    const batch = await read({ ...from.env, IONET_API_KEY: IONET_KEY }, ask)
    expect(batch.partial).toBeUndefined()
    const places = batch.offers.filter(({ id }) => id.startsWith('ionet:224/'))
    expect(places.map(({ region }) => region.at(-1)).sort()).toEqual(['ca', 'is', 'us'])
    const { body } = await from.get(
      `${CAAS}/price?location_ids=[1]&hardware_id=224&duration_hours=2&gpus_per_container=4&replica_count=1`,
      IONET_KEY,
    )
    const total = parseUsd(String(body.data.total_cost_usdc))
    expect(total).toBeGreaterThan(0n)
    expect(usdOf(batch, 'ionet:224/1')).toBe(mulDivUp(total ?? 0n, 1n, 8n))
    expect(usdOf(batch, 'ionet:224/1')).toBeGreaterThan(Number(parseUsd(String(from.prices()['ionet/H100 80GB HBM3']))))
    // All of it is hired out: the service says so too.
    expect(batch.offers.find(({ id }) => id === 'ionet:225')).toMatchObject({ freeGpus: 0 })
    expect(usdOf(batch, 'ionet:101')).toBe(parseUsd(String(from.prices()['ionet/GeForce RTX 4090'])))
  })

  test.each([
    ['unknown', 'io-v2-nobody', 'io.net does not let this key ask for container prices (403).'],
    [
      'of another product',
      IONET_OTHER_KEY,
      'io.net refused the request, perhaps because the key is not for containers (400).',
    ],
  ])('with a key that is %s list prices stand', async (_what, key, reason) => {
    const batch = await read({ ...(await start()).env, IONET_API_KEY: key })
    expect(batch.warnings).toContain(`no firm prices, list prices stand: ${reason}`)
    expect(usdOf(batch, 'ionet:224')).toBeGreaterThan(0n)
  })

  test('a price that is set is the price', async () => {
    const from = await startProviders({ seed: 'test', clock: createManualClock(nowMs), delayMs: [0, 0] })
    closers.push(from.stop)
    from.setPrice('ionet/H100 80GB HBM3', 1.111)
    expect(usdOf(await read(from.env), 'ionet:224')).toBe(1_111_000n)
    from.faults.set('ionet', { kind: 'busy', retryAfterSeconds: 30 })
    await expect(read(from.env)).rejects.toMatchObject({ code: 'http.busy', retryAfterMs: 30_000 })
    expect(from.requests('ionet').map((line) => line.split('?')[0])).toEqual([
      `GET ${SNAPSHOT}`,
      `GET ${SNAPSHOT}`,
      `GET ${CATALOGUE}`,
    ])
  })
})

describe("io.net's protocol", () => {
  test('prices follow from the seed, walk with time, and keep their level', async () => {
    const [a, b, other] = [await start(), await start(), await start({ seed: 'other' })]
    expect(b.prices()).toEqual(a.prices())
    expect(other.prices()).not.toEqual(a.prices())
    for (let day = 0; day < 30; day++) {
      const { 'ionet/H100 80GB HBM3': h100 = 0, 'ionet/GeForce RTX 4090': rtx4090 = 0 } = a.prices()
      expect(h100).toBeGreaterThanOrEqual(1.9)
      expect(h100).toBeLessThanOrEqual(2.2)
      expect(rtx4090).toBeGreaterThanOrEqual(0.25)
      expect(rtx4090).toBeLessThanOrEqual(0.35)
      await a.clock.tick(86_400_000)
    }
    expect(a.prices()).not.toEqual(b.prices())
  })

  test('the explorer answers 150 requests in ten seconds, then 429 until the next window', async () => {
    const { get, clock } = await start()
    const all = await Promise.all(Array.from({ length: 151 }, () => get(SNAPSHOT)))
    expect(all.map(({ status }) => status).filter((status) => status !== 200)).toEqual([429])
    expect((await get(CATALOGUE)).status).toBe(200)
    await clock.tick(10_000)
    expect((await get(SNAPSHOT)).status).toBe(200)
  })

  test('the snapshot is filtered by type and brand; supply has quantities only', async () => {
    const { get } = await start()
    const names = async (query: string) =>
      (await get(`${SNAPSHOT}${query}`)).body.data.map(({ hardware_name }: { hardware_name: string }) => hardware_name)
    expect(await names('')).toHaveLength(IONET_HARDWARE.length)
    expect(await names('?hardware_type=cpu')).toEqual(['M2 Ultra'])
    expect(await names('?brand_name=Apple')).toEqual(['M2 Ultra'])
    const supply = (await get('/v1/io-cloud/clusters/hardware-supply')).body
    expect(supply.status).toBe('succeeded')
    expect(Object.keys(supply.data[0])).toEqual(['hardware_id', 'quantity', 'quantity_available'])
  })

  test('parameters that are missing or wrong are refused as FastAPI refuses them', async () => {
    const { get } = await start()
    const { status, body } = await get(`${CAAS}/price?hardware_id=x&duration_hours=0&replica_count=1`, IONET_KEY)
    expect(status).toBe(422)
    expect(body.detail).toMatchObject([
      { loc: ['query', 'hardware_id'], type: 'int_parsing' },
      { loc: ['query', 'duration_hours'], type: 'greater_than_equal' },
      { loc: ['query', 'gpus_per_container'], type: 'missing', msg: 'Field required' },
    ])
  })

  test.each([
    ['no key', '/hardware/max-gpus-per-container', undefined, 401],
    ['an unknown route', '/hardware', IONET_KEY, 404],
    ['unknown hardware', '/available-replicas?hardware_id=999&hardware_qty=1', IONET_KEY, 404],
    ['hardware without containers', '/available-replicas?hardware_id=10&hardware_qty=1', IONET_KEY, 404],
    ['places that are no JSON', priceOf('1', 1), IONET_KEY, 400],
    ['places that are unknown', priceOf('[999]', 1), IONET_KEY, 400],
    ['more GPUs than a container has', priceOf('[1]', 9), IONET_KEY, 400],
  ])('%s', async (_what, path, key, status) => {
    expect((await (await start()).get(`${CAAS}${path}`, key)).status).toBe(status)
  })
})

function priceOf(places: string, gpus: number): string {
  return `/price?location_ids=${places}&hardware_id=224&duration_hours=1&gpus_per_container=${gpus}&replica_count=1`
}
