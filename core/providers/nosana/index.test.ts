// Nosana held to the rules of every provider, over real sockets; its hosts, its RPC when that fails, its token.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createManualClock, systemClock } from '../../clock.ts'
import { testAsk } from '../../market/testMarket.ts'
import { describeProvider } from '../providerSuite.ts'
import { startReplies } from '../testReplies.ts'
import { createNosanaProvider, provider as nosana } from './index.ts'
import { createNosPriceSource } from './nosPrice.ts'
import { emptyReply, healthyReply, rowsReply } from './testReply.ts'

const stops: (() => unknown)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

const timeouts = { timeoutMs: 60_000, rpcTimeoutMs: 60_000 }
async function api(healthy: unknown = healthyReply) {
  const replies = await startReplies({ healthy, empty: emptyReply, rows: rowsReply })
  stops.push(replies.stop)
  return replies
}
/** A host or an RPC that answers everything with a status, or with nothing. */
async function answering(status: number | undefined, onRequest = () => {}) {
  const server = createServer((_, response) => {
    onRequest()
    if (status !== undefined) response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":"no"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const live = () => new AbortController().signal
const name = (url: string) => new URL(url).host

async function start() {
  const replies = await startReplies({ healthy: healthyReply, empty: emptyReply, rows: rowsReply })
  return { ...replies, provider: createNosanaProvider({ hosts: [replies.url], clock: systemClock, ...timeouts }) }
}

describeProvider('nosana', { start, cannot: ['part'] })

describe('PROV-05 hosts', () => {
  test('one request to the public list; the second host is not asked', async () => {
    const [first, second] = [await api(), await api()]
    const provider = createNosanaProvider({ hosts: [`${first.url}/`, second.url], clock: systemClock, ...timeouts })
    const { warnings } = await provider.offers(testAsk(), live())
    expect(first.requests()).toEqual(['GET /api/markets/'])
    expect(second.requests()).toEqual([])
    expect(warnings.join()).not.toContain('failed')
  })

  test.each([
    [404, 'It answered with an error (404).'],
    [500, 'It answered with an error (500).'],
  ])('a first host that answers %i is passed over, with a warning', async (status, reason) => {
    const [first, second] = [await answering(status), await api()]
    const provider = createNosanaProvider({ hosts: [first, second.url], clock: systemClock, ...timeouts })
    const { offers, warnings, evidence } = await provider.offers(testAsk(), live())
    expect(offers.length).toBeGreaterThan(1)
    expect(warnings[0]).toBe(`${name(first)} failed: ${reason}`)
    expect(evidence.map(({ url }) => url)).toEqual([`${second.url}/api/markets/`])
  })

  test.each(['down', 'page', 'cut', 'broken'] as const)('so is one that is %s', async (fault) => {
    const [first, second] = [await api(), await api()]
    first.setFault(fault)
    const provider = createNosanaProvider({ hosts: [first.url, second.url], clock: systemClock, ...timeouts })
    const { offers, warnings } = await provider.offers(testAsk(), live())
    expect(offers.length).toBeGreaterThan(1)
    expect(warnings[0]).toContain(`${name(first.url)} failed: `)
  })

  test('so is one that is slow, when its time is over', async () => {
    const clock = createManualClock(Date.now())
    const [first, second] = [await api(), await api()]
    first.setFault('slow')
    const provider = createNosanaProvider({ hosts: [first.url, second.url], clock, timeoutMs: 2_500 })
    const reading = provider.offers(testAsk(), live())
    await first.reached()
    await clock.tick(2_500)
    expect((await reading).warnings[0]).toBe(`${name(first.url)} failed: It did not answer within 2.5 s.`)
  })

  test('one that asks to be left alone is obeyed', async () => {
    const [first, second] = [await api(), await api()]
    first.setFault('busy')
    const provider = createNosanaProvider({ hosts: [first.url, second.url], clock: systemClock, ...timeouts })
    await expect(provider.offers(testAsk(), live())).rejects.toMatchObject({ code: 'http.busy', retryAfterMs: 7_000 })
    expect(second.requests()).toEqual([])
  })

  test('when none answers, the first failure is told', async () => {
    const hosts = [await answering(500), await answering(404)]
    const provider = createNosanaProvider({ hosts, clock: systemClock, ...timeouts })
    await expect(provider.offers(testAsk(), live())).rejects.toMatchObject({ code: 'http.status', retry: 'later' })
  })

  test('the setting is a list of addresses', () => {
    const create = (value: string) =>
      nosana.create({ clock: systemClock, listings: async () => [], env: { NOSANA_API_URL: value } })
    expect(create('https://a.example, https://b.example').id).toBe('nosana')
    for (const wrong of [',', 'a.example', 'https://a.example,b.example']) {
      expect(() => create(wrong)).toThrow('NOSANA_API_URL: http(s) addresses, comma separated')
    }
  })
})

describe('PROV-05 an RPC that fails costs the idle hosts, not the prices', () => {
  const provider = async (rpcUrl: string) =>
    createNosanaProvider({ hosts: [(await api()).url], rpcUrl, clock: systemClock, ...timeouts })

  test.each([
    [500, 'Solana could not be read.'],
    [429, 'It is busy and asks to try again later.'],
  ])('%i', async (status, reason) => {
    let requests = 0
    const rpc = await answering(status, () => requests++)
    const { offers, warnings, evidence } = await (await provider(rpc)).offers(testAsk(), live())
    expect(offers.map(({ freeGpus }) => freeGpus)).toEqual([undefined, undefined, undefined])
    expect(warnings).toContain(`idle hosts are not known: ${reason}`)
    expect(evidence).toHaveLength(1)
    // The SDK would have asked a busy RPC five times.
    expect(requests).toBe(1)
  })

  test('nobody listens', async () => {
    const { offers, warnings } = await (await provider('http://127.0.0.1:1')).offers(testAsk(), live())
    expect(offers).toHaveLength(3)
    expect(warnings).toContain('idle hosts are not known: Solana could not be read.')
  })

  test('it does not answer in its time', async () => {
    const clock = createManualClock(Date.now())
    const reached = Promise.withResolvers<void>()
    const rpcUrl = await answering(undefined, reached.resolve)
    const hosts = [(await api()).url]
    const reading = createNosanaProvider({ hosts, rpcUrl, clock, timeoutMs: 60_000, rpcTimeoutMs: 5_000 }).offers(
      testAsk(),
      live(),
    )
    await reached.promise
    await clock.tick(5_000)
    expect((await reading).warnings).toContain('idle hosts are not known: Solana did not answer within 5 s.')
  })

  test('the signal ends the wait', async () => {
    const reached = Promise.withResolvers<void>()
    const stop = new AbortController()
    const rpc = await answering(undefined, reached.resolve)
    const reading = (await provider(rpc)).offers(testAsk(), stop.signal).catch((error) => error)
    await reached.promise
    stop.abort(new Error('enough'))
    expect(await reading).toMatchObject({ message: 'enough' })
  })
})

describe('FEED-01 NOS', () => {
  const source = async (reply: unknown) => {
    const replies = await api(reply)
    return {
      replies,
      source: createNosPriceSource({ hosts: [replies.url], clock: createManualClock(5_000), ...timeouts }),
    }
  }

  test("Nosana's own price, as of when it was fetched", async () => {
    const { replies, source: nos } = await source({ price: 0.309174 })
    expect(await nos.read(live())).toEqual([{ token: 'NOS', usdPerToken: '0.309174', source: 'nosana', atMs: 5_000 }])
    expect(replies.requests()).toEqual(['GET /api/markets/price'])
  })

  test.each([{}, { price: '0.3' }, { price: 0 }, { price: -1 }, { price: 1e-40 }, [], null])(
    '%j is no price',
    async (reply) => {
      const { source: nos } = await source(reply)
      await expect(nos.read(live())).rejects.toMatchObject({ code: 'nosana.reply', retry: 'later' })
    },
  )
})
