// CoinGecko over sockets: which requests it is sent, with which key, how often, and what a failing half costs.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Clock, createManualClock } from '../clock.ts'
import { silentLog } from '../log.ts'
import { createCoinGecko, keyHeaders } from './coingecko.ts'
import { tokenTable } from './tokenTable.ts'

const nowMs = Date.UTC(2026, 10, 23)
const live = () => new AbortController().signal
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

type Answer = (response: ServerResponse) => void
const json =
  (value: unknown): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
const busy: Answer = (response) => response.writeHead(429, { 'retry-after': '30' }).end('{}')
const prices = json({ 'akash-network': { usd: 0.5, last_updated_at: nowMs / 1000 } })
const ranges = json([{ id: 'akash-network', high_24h: 0.55, low_24h: 0.45 }])

/** A server that gives both replies, or what is set; `coinGecko` reads it. */
async function rig(more: { apiKey?: string; clock?: Clock } = {}) {
  const clock = more.clock ?? createManualClock(nowMs)
  const requests: IncomingMessage[] = []
  const answers = { prices, ranges }
  const server = createServer((request, response) => {
    requests.push(request)
    if (request.url?.startsWith('/api/v3/simple/price?')) answers.prices(response)
    else if (request.url?.startsWith('/api/v3/coins/markets?')) answers.ranges(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const coinGecko = createCoinGecko({ baseUrl, clock, log: silentLog, ...more })
  const paths = () => requests.map(({ url }) => url?.replace(/\?.*/, '').replace('/api/v3/', ''))
  return { clock, coinGecko, requests, answers, paths }
}
const manual = async (more: { apiKey?: string } = {}) => {
  const clock = createManualClock(nowMs)
  return { ...(await rig({ ...more, clock })), tick: (ms: number) => clock.tick(ms) }
}

const aktNow = { token: 'AKT', usdPerToken: '0.5', source: 'coingecko', atMs: nowMs }
const calm = { bps: 2_000, basis: '24 h range of AKT/USD' }

describe('FEED-02', () => {
  test('one request for the prices of all tokens, at full precision, with times; no key where none is set', async () => {
    const { coinGecko, requests } = await rig()
    expect(await coinGecko.read(live())).toEqual([{ ...aktNow, volatility: calm }])
    const asked = requests.map(({ url }) => new URL(url ?? '', 'http://x').searchParams)
    expect(asked.map((query) => query.get('ids')?.split(','))).toEqual(
      [0, 1].map(() => tokenTable.map(({ coinGeckoId }) => coinGeckoId)),
    )
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      vs_currencies: 'usd',
      include_last_updated_at: 'true',
      precision: 'full',
    })
    for (const { headers } of requests) expect(Object.keys(headers).join(' ')).not.toContain('x-cg')
  })

  test('a key goes into a header, never into the address', async () => {
    const { coinGecko, requests } = await rig({ apiKey: 'CG-planted' })
    await coinGecko.read(live())
    expect(requests.map(({ headers }) => headers['x-cg-demo-api-key'])).toEqual(['CG-planted', 'CG-planted'])
    expect(requests.map(({ url }) => url).join()).not.toContain('planted')
  })

  test('a paid key has a host and a header of its own', () => {
    expect(keyHeaders('https://pro-api.coingecko.com', 'CG-1')).toEqual({ 'x-cg-pro-api-key': 'CG-1' })
    expect(keyHeaders('https://api.coingecko.com', 'CG-1')).toEqual({ 'x-cg-demo-api-key': 'CG-1' })
    expect(keyHeaders('https://pro-api.coingecko.com', undefined)).toEqual({})
  })
})

describe('PRICE-05 ranges', () => {
  test('are asked for every ten minutes, prices at every read', async () => {
    const { coinGecko, paths, tick } = await manual()
    await coinGecko.read(live())
    await tick(599_999)
    await coinGecko.read(live())
    expect(paths()).toEqual(['simple/price', 'coins/markets', 'simple/price'])
    await tick(1)
    await coinGecko.read(live())
    expect(paths().slice(3)).toEqual(['simple/price', 'coins/markets'])
  })

  test('that cannot be read leave volatility unknown and the prices as they are', async () => {
    const { coinGecko, answers } = await rig()
    answers.ranges = (response) => response.destroy()
    expect(await coinGecko.read(live())).toEqual([aktNow])
  })

  test('that take longer than a second are not waited for, and are there the next time', async () => {
    const { coinGecko, answers, tick } = await manual()
    const asked = Promise.withResolvers<ServerResponse>()
    answers.ranges = asked.resolve
    const reading = coinGecko.read(live())
    const response = await asked.promise
    await tick(1_000)
    expect(await reading).toEqual([aktNow])
    ranges(response)
    // The same flight: a second one would find no answer.
    answers.ranges = () => undefined
    expect(await coinGecko.read(live())).toEqual([{ ...aktNow, volatility: calm }])
  })
})

describe('told to wait', () => {
  test('it sends nothing until then, and says for how long', async () => {
    const { coinGecko, answers, paths, tick } = await manual()
    answers.prices = busy
    await expect(coinGecko.read(live())).rejects.toMatchObject({ code: 'http.busy', retryAfterMs: 30_000 })
    answers.prices = prices
    await tick(29_999)
    await expect(coinGecko.read(live())).rejects.toMatchObject({ code: 'http.busy', retryAfterMs: 1 })
    expect(paths()).toEqual(['simple/price'])
    await tick(1)
    expect(await coinGecko.read(live())).toEqual([{ ...aktNow, volatility: calm }])
  })

  test('at the ranges, it keeps the prices it has and waits with both', async () => {
    const { coinGecko, answers, paths } = await rig()
    answers.ranges = busy
    expect(await coinGecko.read(live())).toEqual([aktNow])
    await expect(coinGecko.read(live())).rejects.toMatchObject({ code: 'http.busy' })
    expect(paths()).toEqual(['simple/price', 'coins/markets'])
  })
})

test.each([
  ['a page', (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>')],
  ['nothing', (response: ServerResponse) => response.destroy()],
  ['half an answer', (response: ServerResponse) => response.end('{"akash-network":{"usd"')],
  ['another shape', (response: ServerResponse) => response.end('[]')],
])('%s is a failure that may pass later', async (_, answer) => {
  const { coinGecko, answers } = await rig()
  answers.prices = answer
  await expect(coinGecko.read(live())).rejects.toMatchObject({ name: 'NectoError', retry: 'later' })
})

test('it ends when its signal does', async () => {
  const { coinGecko, answers } = await rig()
  const asked = Promise.withResolvers<unknown>()
  answers.prices = asked.resolve
  const stop = new AbortController()
  const reading = coinGecko.read(stop.signal)
  await asked.promise
  stop.abort(new Error('enough'))
  await expect(reading).rejects.toThrow('enough')
})
