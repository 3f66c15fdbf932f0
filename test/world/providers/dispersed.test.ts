// The stand-in of Dispersed: Necto's own provider reading it, and the rules by which it refuses other requests.
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import { testAsk } from '../../../core/market/testMarket.ts'
import { parseUsd } from '../../../core/money.ts'
import { provider as render } from '../../../core/providers/render/index.ts'
import { canonicalQuery, signRequest } from '../../../core/providers/render/signRequest.ts'
import { startDispersed } from './dispersedApi.ts'
import type { PricePoint } from './standIn.ts'

const nowMs = Date.parse('2026-11-22T12:00:30Z')
const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

async function start(more: { pageRows?: number; seed?: string } = {}) {
  const clock = createManualClock(nowMs)
  const pins = new Map<string, PricePoint>()
  const standIn = await startDispersed({
    seed: 'test',
    clock,
    originMs: 0,
    pinned: (series) => pins.get(series),
    delay: () => () => 0,
    ...more,
  })
  running.push(standIn.server)
  const { env, server } = standIn
  const read = (skewMs = 0) => {
    const skewed = { now: () => clock.now() + skewMs, sleep: clock.sleep }
    const provider = render.create({ clock: skewed, env, listings: async () => [] })
    return provider.offers(testAsk(), new AbortController().signal)
  }
  const keys = { publicKey: env.DISPERSED_PUBLIC_KEY ?? '', secretKey: env.DISPERSED_SECRET_KEY ?? '' }
  /** A request by hand, signed with whatever is given. */
  async function ask(
    parameters: [string, string][],
    changes: Partial<Parameters<typeof signRequest>[0]> & { headers?: Record<string, string> } = {},
  ) {
    const query = canonicalQuery(parameters)
    const nonce = crypto.randomUUID().replaceAll('-', '')
    const request = {
      keys,
      method: 'GET' as const,
      path: '/v1/compute/offers',
      query,
      atMs: clock.now(),
      nonce,
      ...changes,
    }
    const headers = changes.headers ?? signRequest(request)
    const response = await fetch(`${server.url}/v1/compute/offers?${query}`, { headers })
    return { status: response.status, body: (await response.json()) as Reply }
  }
  return { ...standIn, clock, pins, keys, read, ask }
}

interface Reply {
  message?: string
  data?: { offer_id: string }[]
  total?: number
  limit?: number
}

const idsOf = ({ data = [] }: Reply) => data.map(({ offer_id }) => offer_id)

describe("PROV-04 Necto's provider", () => {
  test('gives every node as it stands, at the price of the whole', async () => {
    const { read, prices } = await start()
    const { offers, warnings, partial } = await read()
    expect(partial).toBeUndefined()
    const nodes = Object.entries(prices()).filter(([series]) => !series.includes('cpu'))
    expect(nodes.length).toBeGreaterThan(8)
    for (const [series, usd] of nodes) {
      const offer = offers.find(({ id }) => id === `render:${series}`)
      expect(offer?.price).toMatchObject({ unit: { per: 'node', usdPerHour: parseUsd(String(usd)) } })
    }
    expect(offers.find(({ id }) => id.endsWith('h100-8x-us-east-1'))).toMatchObject({
      gpu: { id: 'h100-80gb' },
      gpusPerNode: 8,
      freeGpus: 8,
      region: ['na', 'us', 'us-east-1'],
      observedAtMs: nowMs - 30_000,
    })
    expect(warnings).toContain('2 unknown GPUs, not routed to: 1x RTX 3080 + 1x RTX 3070, 1x TITAN RTX')
  })

  test('short pages make no difference', async () => {
    const [long, short] = [await start(), await start({ pageRows: 3 })]
    expect((await short.read()).offers).toEqual((await long.read()).offers)
    expect([long, short].map(({ server }) => server.requests().length)).toEqual([1, 4])
  })

  test('prices follow from the seed and the time, unless one is set', async () => {
    const [first, second, other] = [await start(), await start(), await start({ seed: 'other' })]
    expect(second.prices()).toEqual(first.prices())
    expect(other.prices()).not.toEqual(first.prices())
    const before = first.prices()
    await first.clock.tick(3_600_000)
    expect(first.prices()).not.toEqual(before)
    first.pins.set('dispersed/rtx-4090-1x-us-west-2', { usd: 0.11, atMs: nowMs })
    const { offers } = await first.read()
    const offer = offers.find(({ id }) => id === 'render:dispersed/rtx-4090-1x-us-west-2')
    expect(offer?.price).toMatchObject({ unit: { usdPerHour: 110_000n } })
  })

  test.each([-1, 1])('a clock six minutes off (%d) is told from wrong keys', async (sign) => {
    const { read } = await start()
    expect((await read(sign * 299_000)).partial).toBeUndefined()
    expect((await read(sign * 360_000)).partial).toMatch(/^Dispersed is missing: It refused the time of the request/)
  })

  test('wrong keys and a busy server cost only the part of the answer', async () => {
    const { read, server, env } = await start()
    const wrong = { ...env, DISPERSED_SECRET_KEY: 'sk_wrong' }
    const provider = render.create({ clock: createManualClock(nowMs), env: wrong, listings: async () => [] })
    const refused = await provider.offers(testAsk(), new AbortController().signal)
    expect(refused.partial).toBe('Dispersed is missing: It refused the keys (401).')
    server.setFault({ kind: 'busy', retryAfterSeconds: 30 })
    expect((await read()).partial).toBe('Dispersed is missing: It is busy and asks to try again in 30 s.')
  })
})

describe("Dispersed's protocol", () => {
  const nonce = 'a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6'

  test('a request is taken when its signature is right, and its nonce once', async () => {
    const { ask } = await start()
    const first = await ask(
      [
        ['page', '1'],
        ['limit', '2'],
      ],
      { nonce },
    )
    expect([first.status, first.body.data?.length, first.body.total]).toEqual([200, 2, 11])
    expect(
      await ask(
        [
          ['page', '2'],
          ['limit', '2'],
        ],
        { nonce },
      ),
    ).toMatchObject({
      status: 401,
      body: { message: 'Nonce has already been used' },
    })
  })

  test.each([
    ['Missing authentication headers', { headers: {} }],
    ['Invalid API key', { keys: { publicKey: 'pk_other', secretKey: 'sk' } }],
    ['Request timestamp is outside the allowed window', { atMs: nowMs - 300_001 }],
    ['Request timestamp is outside the allowed window', { atMs: nowMs + 300_001 }],
    ['Invalid nonce', { nonce: 'short' }],
    ['Invalid signature', { query: 'limit=49&page=1' }],
    ['Invalid signature', { path: '/v1/compute' }],
    ['Invalid signature', { body: {} }],
  ])('%s', async (message, changes) => {
    const { ask } = await start()
    expect(
      await ask(
        [
          ['limit', '50'],
          ['page', '1'],
        ],
        changes,
      ),
    ).toMatchObject({ status: 401, body: { message } })
  })

  test('a limit is from 1 to 50, a page from 1 on, and past the last there is nothing', async () => {
    const { ask } = await start()
    for (const [name, value] of [
      ['limit', '0'],
      ['limit', '51'],
      ['page', '0'],
      ['colour', 'red'],
    ] as const) {
      expect((await ask([[name, value]])).status).toBe(400)
    }
    expect((await ask([['page', '9']])).body).toMatchObject({ data: [], total: 11, limit: 20 })
  })

  test('filters narrow the list', async () => {
    const { ask } = await start()
    const of = async (...parameters: [string, string][]) => idsOf((await ask(parameters)).body)
    expect(await of(['filter[gpu_name]', 'RTX 5090'])).toEqual(['rtx-5090-1x-us-west-2', 'rtx-5090-6x-us-west-2'])
    expect(await of(['filter[gpu_name]', 'RTX 5090'], ['filter[gpu_count]', '1'])).toEqual(['rtx-5090-1x-us-west-2'])
    expect(await of(['filter[min_vram_gb]', '48'])).toEqual(['h100-8x-us-east-1', 'a100-4x-eu-west-1'])
    expect(await of(['filter[allowed_region_codes]', 'eu-west-1,mars-1'])).toEqual(['a100-4x-eu-west-1'])
    expect(await of(['filter[gpu_name]', 'rtx 5090'])).toEqual([])
  })
})
