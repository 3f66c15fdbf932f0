// The real Nosana provider reading the stand-ins: markets over REST, queues through the unmodified SDK over JSON-RPC.
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import { testAsk } from '../../../core/market/testMarket.ts'
import { parseUsd } from '../../../core/money.ts'
import { provider as nosana } from '../../../core/providers/nosana/index.ts'
import { decodeBase58, encodeBase58 } from './base58.ts'
import { NOSANA_MARKETS } from './nosanaMarkets.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')
const running: WorldProviders[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((world) => world.stop()))
})

async function world(seed = 'test') {
  const started = await startProviders({ seed, clock: createManualClock(nowMs), delayMs: [0, 0] })
  running.push(started)
  return started
}

const live = () => new AbortController().signal
const deps = (env: Readonly<Record<string, string>>) => ({
  clock: createManualClock(nowMs),
  env,
  listings: async () => [],
})
const read = (env: Readonly<Record<string, string>>) => nosana.create(deps(env)).offers(testAsk(), live())

describe('PROV-05 the stand-in market', () => {
  test('every market is read at its price, with the hosts that wait in it', async () => {
    const from = await world()
    const { offers, warnings, evidence } = await read(from.env)
    expect(offers.map(({ id, gpu }) => [id, gpu?.id])).toEqual([
      ['nosana:nvidia-3060', 'rtx3060-8gb-pcie'],
      ['nosana:nvidia-4090', 'rtx4090-24gb-pcie'],
      ['nosana:nvidia-4090-community', undefined],
      ['nosana:nvidia-5090', 'rtx5090-32gb-pcie'],
      ['nosana:nvidia-a100-80gb', 'a100-80gb'],
      ['nosana:nvidia-h100', 'h100-80gb'],
      ['nosana:nvidia-8x-h100', 'h100-80gb-sxm'],
      ['nosana:nvidia-pro-6000', 'rtxpro6000-96gb-pcie'],
    ])
    for (const { id, price } of offers) {
      const usd = from.prices()[id.replace(':', '/')]
      expect(price).toMatchObject({ unit: { per: 'node', usdPerHour: parseUsd(String(usd)) } })
    }
    const free = Object.fromEntries(offers.map(({ id, freeGpus }) => [id, freeGpus]))
    // Hosts wait for jobs; hosts of eight; jobs wait for hosts; nobody waits.
    expect(free['nosana:nvidia-4090']).toBeGreaterThan(20)
    expect((free['nosana:nvidia-8x-h100'] ?? 1) % 8).toBe(0)
    expect(free['nosana:nvidia-8x-h100']).toBeGreaterThan(0)
    expect(free['nosana:nvidia-5090']).toBe(0)
    expect(free['nosana:nvidia-pro-6000']).toBe(0)
    expect(warnings[0]).toBe('1 row left out: no price')
    expect(warnings.join()).not.toContain('idle hosts')
    expect(evidence.map(({ url }) => new URL(url).pathname + new URL(url).search)).toEqual([
      '/api/markets/',
      '/?method=getAccountInfo',
      '/?method=getProgramAccounts',
    ])
    expect(from.requests('solana')).toEqual(['POST /', 'POST /'])
  })

  test('without an RPC nobody is asked, and idle hosts are unknown', async () => {
    const from = await world()
    const { offers, warnings } = await read({ ...from.env, NOSANA_RPC_URL: '' })
    expect(offers).toHaveLength(8)
    for (const offer of offers) expect(offer).not.toHaveProperty('freeGpus')
    expect(warnings.join()).not.toContain('idle hosts')
    expect(from.requests('solana')).toEqual([])
  })

  test.each([
    [{ kind: 'busy' }, 'It is busy and asks to try again later.'],
    [{ kind: 'down' }, 'Solana could not be read.'],
    [{ kind: 'html' }, 'Solana could not be read.'],
    [{ kind: 'truncated' }, 'Solana could not be read.'],
  ] as const)('an RPC with %j leaves idle hosts unknown, and the next reading knows them', async (fault, reason) => {
    const from = await world()
    from.faults.set('solana', fault)
    const { offers, warnings } = await read(from.env)
    expect(offers.some((offer) => offer.freeGpus !== undefined)).toBe(false)
    expect(warnings).toContain(`idle hosts are not known: ${reason}`)
    from.faults.clear()
    expect((await read(from.env)).offers.every((offer) => offer.freeGpus !== undefined)).toBe(true)
  })

  test('a path of the RPC that is a key is in no evidence', async () => {
    const from = await world()
    const { evidence } = await read({ ...from.env, NOSANA_RPC_URL: `${from.env.NOSANA_RPC_URL}/v2/abcdef` })
    expect(evidence).toHaveLength(3)
    expect(JSON.stringify(evidence)).not.toContain('abcdef')
  })

  test('two readings at a time do not mix', async () => {
    const [one, two] = [await world('one'), await world('two')]
    const free = async (from: WorldProviders) => (await read(from.env)).offers.map(({ freeGpus }) => freeGpus)
    const [a, b] = await Promise.all([free(one), free(two)])
    expect(a).not.toEqual(b)
    expect([await free(one), await free(two)]).toEqual([a, b])
  })

  test('a price that is set is the price, and the token has one', async () => {
    const from = await world()
    from.setPrice('nosana/nvidia-4090', 0.25)
    const { offers } = await read(from.env)
    expect(offers[1]?.price).toMatchObject({ unit: { usdPerHour: 250_000n } })
    const [nos] = (await nosana.tokenSource?.(deps(from.env)).read(live())) ?? []
    expect(nos).toMatchObject({ token: 'NOS', source: 'nosana', atMs: nowMs })
    // Within the difference up to which two sources agree.
    const coingecko = from.prices()['coingecko/NOS'] ?? 0
    expect(Math.abs(Number(nos?.usdPerToken) / coingecko - 1)).toBeLessThan(0.02)
  })
})

describe('the protocols', () => {
  const rpc = async (body: unknown, method = 'POST') => {
    const { env } = await world()
    const text = typeof body === 'string' ? body : JSON.stringify({ jsonrpc: '2.0', id: 1, ...(body as object) })
    return fetch(env.NOSANA_RPC_URL ?? '', { method, ...(method === 'POST' ? { body: text } : {}) })
  }

  test.each([
    [{ method: 'getBlock', params: [] }, -32_601],
    [{ method: 'getAccountInfo', params: ['not an address', { encoding: 'base64' }] }, -32_602],
    [{ method: 'getProgramAccounts', params: [] }, -32_602],
    ['{', -32_700],
  ])('%j is refused as Solana does', async (body, code) => {
    expect(await (await rpc(body)).json()).toMatchObject({ jsonrpc: '2.0', error: { code } })
  })

  test('an account that is not there is null; GET is not allowed; other paths of the API are not found', async () => {
    const call = { method: 'getAccountInfo', params: ['11111111111111111111111111111111', { encoding: 'base64' }] }
    expect(await (await rpc(call)).json()).toMatchObject({ result: { value: null } })
    expect((await rpc('', 'GET')).status).toBe(405)
    const { env } = await world()
    expect((await fetch(`${env.NOSANA_API_URL}/api/jobs`)).status).toBe(404)
  })

  test('base58 both ways, leading zeros kept', () => {
    expect(decodeBase58('11111111111111111111111111111111')).toEqual(Buffer.alloc(32))
    for (const { address } of NOSANA_MARKETS) {
      expect(decodeBase58(address)).toHaveLength(32)
      expect(encodeBase58(decodeBase58(address))).toBe(address)
    }
    const bytes = Buffer.concat([Buffer.alloc(2), createHash('sha256').update('x').digest().subarray(2)])
    expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes)
    expect(() => decodeBase58('0')).toThrow('not base58')
  })
})
