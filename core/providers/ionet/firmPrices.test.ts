// The walk for firm prices: its time limit, and what io.net's refusals mean.
import { afterEach, describe, expect, test } from 'vitest'
import { type Clock, createManualClock, systemClock } from '../../clock.ts'
import { testAsk } from '../../market/testMarket.ts'
import { readFirmPrices } from './firmPrices.ts'
import { PATHS, startTestIonet } from './testIonet.ts'
import { hardwareReply, priceReply } from './testReply.ts'

const KEY = 'hush-of-the-test'
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function rigged(more: { clock?: Clock; apiKey?: string } = {}) {
  const server = await startTestIonet(KEY)
  closers.push(server.stop)
  const limits = { timeoutMs: 60_000, walkTimeoutMs: 5_000 }
  const source = { baseUrl: server.url, apiKey: KEY, clock: systemClock, ...limits, ...more }
  return { ...server, read: (signal = new AbortController().signal) => readFirmPrices(source, testAsk(), signal) }
}

describe('PROV-02 the walk for firm prices', () => {
  test('it ends with its time and keeps what it has', async () => {
    const clock = createManualClock(1_760_000_000_000)
    const rig = await rigged({ clock })
    const asked = Promise.withResolvers<void>()
    rig.answer(PATHS.price, (query) => {
      if (query.get('location_ids') === '[2]') return { body: priceReply(2) }
      asked.resolve()
      return 'never'
    })
    const result = rig.read()
    await asked.promise
    await clock.tick(5_000)
    const { outcomes } = await result
    expect(outcomes).toMatchObject([
      { offers: [{ id: 'ionet:224/2' }], failed: ['United States: Firm prices take longer than 5 s.'] },
    ])
  })

  test('it ends at once with its asker', async () => {
    const rig = await rigged()
    const stop = new AbortController()
    rig.answer(PATHS.places, () => {
      stop.abort(new Error('enough'))
      return 'never'
    })
    await expect(rig.read(stop.signal)).rejects.toThrow('enough')
  })

  test('hardware of no more than four kinds is asked about at once', async () => {
    const rig = await rigged()
    const rows = Array.from({ length: 6 }, (_, id) => [id, 'H100 PCIe', 8] as const)
    rig.answer(PATHS.hardware, () => ({ body: hardwareReply(rows) }))
    const { outcomes, notAsked } = await rig.read()
    expect(outcomes).toHaveLength(4)
    expect(notAsked).toHaveLength(2)
    expect(rig.requests()).toHaveLength(1 + 4 + 4 * 2)
  })

  test.each([
    [401, { detail: 'Unauthorized' }, 'ionet.refused', 'Unauthorized'],
    [403, { detail: 'Forbidden' }, 'ionet.refused', 'Forbidden'],
    [400, { key_set: true }, 'ionet.refused', 'key_set'],
    [422, { detail: [{ loc: ['query', 'x'], msg: 'Field required' }] }, 'ionet.request', 'Field required'],
  ])('%i will not pass by itself, and its body is kept for operators', async (status, body, code, details) => {
    const rig = await rigged()
    rig.answer(PATHS.hardware, () => ({ status, body }))
    const failure = { code, retry: 'never', details: expect.stringContaining(details) }
    await expect(rig.read()).rejects.toMatchObject(failure)
  })

  test('a key that io.net does not know is refused by it, and is in no error', async () => {
    const rig = await rigged({ apiKey: 'hush-of-another' })
    const error = await rig.read().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ionet.refused', message: 'io.net does not know the key (401).' })
    expect(JSON.stringify(error)).not.toContain('hush')
  })
})
