// io.net held to the rules of every provider, with and without a key, over real sockets.
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock, systemClock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { testAsk } from '../../market/testMarket.ts'
import { describeProvider } from '../providerSuite.ts'
import { createIonetProvider, type IonetOptions } from './index.ts'
import { type Answer, PATHS, startTestIonet } from './testIonet.ts'
import { hardwareReply, placesReply, priceReply } from './testReply.ts'

const KEY = 'hush-of-the-test'
type Rig = Awaited<ReturnType<typeof start>>

async function start(more: Partial<IonetOptions> = {}) {
  const server = await startTestIonet(KEY)
  const options = { baseUrl: `${server.url}/`, clock: systemClock, timeoutMs: 60_000, ...more }
  return { ...server, provider: createIonetProvider(options) }
}

describeProvider('ionet', { start, cannot: ['part'] })
describeProvider('ionet with a key', { start: () => start({ apiKey: KEY }) })

const running: Rig[] = []
afterEach(() => {
  for (const rig of running.splice(0)) rig.stop()
})
async function rigged(more: Partial<IonetOptions> = {}) {
  const rig = await start(more)
  running.push(rig)
  const read = (ask = testAsk(), signal = new AbortController().signal) => rig.provider.offers(ask, signal)
  return { ...rig, read }
}
const fails =
  (status: number, body: unknown = { detail: 'oops' }, headers = {}): Answer =>
  () => ({ status, body, headers })
const usdOf = ({ offers }: Awaited<ReturnType<Rig['provider']['offers']>>, id: string) => {
  const price = offers.find((offer) => offer.id === id)?.price
  return price?.model === 'fixed' ? price.unit.usdPerHour : undefined
}

describe('PROV-02 without a key', () => {
  test('one request to the snapshot, whatever is asked', async () => {
    const { read, requests, provider } = await rigged()
    await read()
    expect(requests()).toEqual([`${PATHS.snapshot}?hardware_type=gpu`])
    expect(provider.cacheKey?.(testAsk())).toBe(provider.cacheKey?.(testAsk({ gpu: { family: 'l4' }, gpuCount: 8 })))
  })

  test.each([
    ['an error', fails(500), 'It answered with an error (500).'],
    ['a route that is gone', fails(404), 'It answered with an error (404).'],
    ['a budget used up', fails(429, {}, { 'retry-after': '7' }), 'It is busy and asks to try again in 7 s.'],
    ['another status', fails(200, { status: 'failed', data: [] }), 'io.net answered in a form Necto does not know.'],
    ['a page', fails(200, '<html>', { 'content-type': 'text/html' }), 'It answered with something that is not data.'],
  ])('%s: the cluster catalogue serves, and a warning says so', async (_what, answer, reason) => {
    const rig = await rigged()
    rig.answer(PATHS.snapshot, answer)
    const batch = await rig.read()
    expect(rig.requests()).toEqual([`${PATHS.snapshot}?hardware_type=gpu`, PATHS.catalogue])
    expect(usdOf(batch, 'ionet:224')).toBe(1_250_000n)
    const why = `from the cluster catalogue, because the market snapshot could not be read: ${reason}`
    expect(batch.warnings[0]).toBe(why)
    expect(batch.evidence.map(({ url }) => new URL(url).pathname)).toEqual([PATHS.catalogue])
  })

  test('a snapshot that does not answer leaves time for the catalogue', async () => {
    const clock = createManualClock(1_760_000_000_000)
    const rig = await rigged({ clock, timeoutMs: 2_500 })
    rig.answer(PATHS.snapshot, () => 'never')
    const batch = rig.read()
    await rig.reached()
    await clock.tick(2_500)
    expect((await batch).warnings[0]).toContain('It did not answer within 2.5 s.')
  })

  test('neither can be read: the failure is the snapshot’s', async () => {
    const rig = await rigged()
    rig.answer(PATHS.snapshot, fails(429, {}, { 'retry-after': '7' }))
    rig.answer(PATHS.catalogue, fails(500))
    await expect(rig.read()).rejects.toMatchObject({ code: 'http.busy', retryAfterMs: 7_000 })
  })

  test.each([
    ['snapshot', PATHS.snapshot, 1],
    ['catalogue', PATHS.catalogue, 2],
  ])('stopped by its asker at the %s, it asks no more and says why it stopped', async (_what, path, count) => {
    const rig = await rigged()
    const stop = new AbortController()
    rig.answer(PATHS.snapshot, fails(500))
    rig.answer(path, () => {
      stop.abort(new NectoError('test.enough', 'enough'))
      return 'never'
    })
    await expect(rig.read(testAsk(), stop.signal)).rejects.toThrow('enough')
    expect(rig.requests()).toHaveLength(count)
  })
})

describe('PROV-02 with a key', () => {
  const keyed = (more: Partial<IonetOptions> = {}) => rigged({ apiKey: KEY, ...more })

  test('firm prices of every place with room stand for the list price; other GPUs keep theirs', async () => {
    const rig = await keyed()
    const batch = await rig.read(testAsk({ gpuCount: 2, maxSeconds: 9000 }))
    expect(batch.offers.map(({ id, region, freeGpus }) => [id, region, freeGpus])).toEqual([
      ['ionet:224/2', ['eu', 'is'], 10],
      ['ionet:224/1', ['na', 'us'], 4],
      ['ionet:101', [], 0],
      ['ionet:77', [], 300],
    ])
    expect(usdOf(batch, 'ionet:224/1')).toBe(2_500_000n)
    expect(batch).not.toHaveProperty('partial')
    const asked = rig.requests().filter((url) => url.startsWith(PATHS.price))
    expect(asked[0]).toBe(
      `${PATHS.price}?location_ids=%5B2%5D&hardware_id=224&duration_hours=3&gpus_per_container=2&replica_count=1`,
    )
    expect(rig.requests()).toContain(`${PATHS.places}?hardware_id=224&hardware_qty=2`)
    expect(batch.evidence).toHaveLength(1 + 1 + 1 + 2)
    expect(JSON.stringify(batch.evidence)).not.toContain(KEY)
  })

  test('an answer is kept for one GPU family, number and whole hours', async () => {
    const { provider } = await keyed()
    const key = (more: Parameters<typeof testAsk>[0]) => provider.cacheKey?.(testAsk(more))
    expect(key({ maxSeconds: 6601 })).toBe(key({ maxSeconds: 10_200, regions: ['eu'] }))
    const keys = [key({}), key({ gpuCount: 2 }), key({ maxSeconds: 10_201 }), key({ gpu: { family: 'l4' } })]
    expect(new Set(keys).size).toBe(4)
  })

  test.each([
    ['no place has room', { places: placesReply([]) }, { freeGpus: 0, gpusPerNode: 8 }],
    ['a container cannot hold all GPUs', { hardware: hardwareReply([[224, 'H100 80GB HBM3', 1]]) }, { gpusPerNode: 1 }],
  ])('%s: the list offer says so', async (_what, replies, expected) => {
    const rig = await keyed()
    for (const [path, body] of Object.entries(replies))
      rig.answer(PATHS[path as keyof typeof replies], () => ({ body }))
    const { offers } = await rig.read(testAsk({ gpuCount: 2 }))
    expect(offers.find(({ id }) => id === 'ionet:224')).toMatchObject(expected)
    expect(rig.requests().filter((url) => url.startsWith(PATHS.price))).toEqual([])
  })

  test.each([
    [401, { detail: 'Unauthorized' }, 'io.net does not know the key (401).'],
    [403, { detail: 'Forbidden' }, 'io.net does not let this key ask for container prices (403).'],
    [400, { key_set: true }, 'io.net refused the request, perhaps because the key is not for containers (400).'],
    [422, { detail: [] }, 'io.net found the request invalid (422).'],
    [429, {}, 'It is busy and asks to try again later.'],
    [200, { data: [] }, 'io.net answered in a form Necto does not know.'],
  ])('%i for the hardware: list prices, and a warning', async (status, body, reason) => {
    const rig = await keyed()
    rig.answer(PATHS.hardware, fails(status, body))
    const batch = await rig.read()
    expect(usdOf(batch, 'ionet:224')).toBe(2_090_000n)
    expect(batch.warnings).toContain(`no firm prices, list prices stand: ${reason}`)
    expect(rig.requests()).toHaveLength(2)
  })

  test('a price that fails everywhere leaves the list price, with a warning', async () => {
    const rig = await keyed()
    rig.answer(PATHS.price, () => ({ body: priceReply(0) }))
    const batch = await rig.read()
    expect(usdOf(batch, 'ionet:224')).toBe(2_090_000n)
    const reason = 'Iceland: a price that is none; United States: a price that is none'
    expect(batch.warnings).toContain(`no firm price of H100 80GB HBM3: ${reason}`)
    expect(batch).not.toHaveProperty('partial')
  })

  test('told to wait, it asks no more; what is missing beside a firm price makes the answer partial', async () => {
    const rig = await keyed()
    const places = placesReply([1, 2, 3, 4].map((id) => [id, 'US', `Place ${id}`, 10 - id] as const))
    rig.answer(PATHS.places, () => ({ body: places }))
    rig.answer(PATHS.price, (query) =>
      query.get('location_ids') === '[1]' ? { body: priceReply(2) } : { status: 429, body: {} },
    )
    const batch = await rig.read(testAsk({ maxSeconds: 3000 }))
    const busy = 'It is busy and asks to try again later.'
    expect(batch.partial).toBe(
      `firm prices of H100 80GB HBM3 are missing: Place 2: ${busy}; Place 3: ${busy}; Place 4: not asked for`,
    )
    expect(usdOf(batch, 'ionet:224/1')).toBe(2_000_000n)
    expect(rig.requests().filter((url) => url.startsWith(PATHS.price))).toHaveLength(2)
  })

  test('hardware beyond what is asked about is named as missing', async () => {
    const rig = await keyed()
    const rows = [1, 2, 3, 4, 5].map((id) => [id, `H100 ${id === 5 ? 'PCIe' : ''}`, 8] as const)
    rig.answer(PATHS.hardware, () => ({ body: hardwareReply(rows) }))
    expect((await rig.read()).partial).toBe('firm prices of H100 PCIe are missing: not asked for')
  })

  test('firm prices stand alone when no list can be read', async () => {
    const rig = await keyed()
    rig.answer(PATHS.snapshot, fails(500))
    rig.answer(PATHS.catalogue, fails(500))
    const { offers, partial } = await rig.read()
    expect(offers.map(({ id }) => id)).toEqual(['ionet:224/2', 'ionet:224/1'])
    expect(partial).toBe('list prices are missing: It answered with an error (500).')
  })
})
