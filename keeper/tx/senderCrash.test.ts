// The sender killed at every write and every call: whatever was cut short, one transaction is mined.
import { createServer } from 'node:http'
import fc from 'fast-check'
import { custom, type Transport } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../core/store/memory.ts'
import type { Collection } from '../../core/store/store.ts'
import { startAnvil } from '../../test/world/chain/anvil.ts'
import { rpcTransport } from './endpoints.ts'
import { type Intent, intents } from './intent.ts'
import { openTestChain, openTestSender, TEST_CHAIN_ID, type TestChain } from './testChain.ts'

let anvil: Awaited<ReturnType<typeof startAnvil>>
let chain: TestChain
let key = 100_000

beforeAll(async () => {
  anvil = await startAnvil({ chainId: TEST_CHAIN_ID })
  chain = await openTestChain(anvil.url)
})
afterAll(() => anvil.stop())

/** Where a life ends: at its n-th crossing into store or network, before the act or after it. */
interface Death {
  readonly at: number
  readonly when: 'before' | 'after'
}

/** One life of a sender: past its death nothing it tries reaches anything. */
function createLife(death: Death | undefined) {
  const stop = new AbortController()
  const crossings: string[] = []
  async function cross<T>(name: string, act: () => Promise<T>): Promise<T> {
    if (stop.signal.aborted) throw new Error('dead')
    crossings.push(name)
    const isLast = death?.at === crossings.length - 1
    if (isLast && death.when === 'before') stop.abort()
    if (stop.signal.aborted) throw new Error('dead')
    const result = await act()
    if (isLast) stop.abort()
    if (stop.signal.aborted) throw new Error('dead')
    return result
  }
  return {
    stop,
    crossings,
    collection: (real: Collection<Intent>): Collection<Intent> => ({
      get: (id) => cross('get', () => real.get(id)),
      list: (query) => cross('list', () => real.list(query)),
      insert: (id, value) => cross(`insert ${value.state}`, () => real.insert(id, value)),
      put: (doc, value) => cross(`put ${value.state}`, () => real.put(doc, value)),
      remove: (doc) => cross('remove', () => real.remove(doc)),
      watch: (signal) => real.watch(signal),
    }),
    transport: (url: string): Transport => {
      const real = rpcTransport({ url, timeoutMs: 2_000 })({ retryCount: 0 })
      return custom(
        { request: ({ method, params }) => cross(method, () => real.request({ method, params })) },
        { retryCount: 0 },
      )
    },
  }
}

/** Lives through `deaths` one after the other, then one life to the end; how it ended. */
async function liveThrough(deaths: readonly Death[], urls: readonly string[] = [chain.url]) {
  const account = await chain.account()
  const store = createMemoryStore().collection(intents)
  const mark = ++key
  const crossings: string[][] = []
  for (const death of [...deaths, undefined]) {
    const life = createLife(death)
    crossings.push(life.crossings)
    const sender = await openTestSender(chain, {
      account,
      intents: life.collection(store),
      transports: urls.map((url) => life.transport(url)),
      confirmations: 2,
      bumpEveryMs: 120,
      resendEveryMs: 60,
    })
    const running = sender.run(life.stop.signal)
    await sender.mark('effect', mark).catch(() => {})
    while (!life.stop.signal.aborted) {
      const state = (await store.get('effect'))?.value.state
      if (state === 'final' || state === 'failed') life.stop.abort()
      // Depth comes from blocks, and on this chain only transactions or we make them.
      if (state === 'mined') await chain.client.mine({ blocks: 1 })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await running
  }
  return {
    intent: (await store.get('effect'))?.value,
    nonce: await chain.nonceOf(account.address),
    isMarked: await chain.isMarked(mark),
    crossings,
  }
}

describe('a sender that dies', () => {
  test('at any crossing, before it or after it, has its transaction mined once', { timeout: 120_000 }, async () => {
    const [whole = []] = (await liveThrough([])).crossings
    // The run to the end shows what there is to survive; the order of the two writes that matter is part of it.
    expect(whole.indexOf('put signed')).toBeGreaterThan(0)
    expect(whole.indexOf('put signed')).toBeLessThan(whole.indexOf('eth_sendRawTransaction'))
    for (let at = 0; at < whole.length; at++) {
      for (const when of ['before', 'after'] as const) {
        const end = await liveThrough([{ at, when }])
        const seen = { at: `${when} ${at} ${whole[at]}`, state: end.intent?.state, nonce: end.nonce, is: end.isMarked }
        expect(seen).toEqual({ at: seen.at, state: 'final', nonce: 1, is: true })
      }
    }
  })

  test('several times over, behind endpoints that fail at random, still sends once', { timeout: 120_000 }, async () => {
    const deaths = fc.array(fc.record({ at: fc.nat(40), when: fc.constantFrom('before' as const, 'after' as const) }), {
      maxLength: 3,
    })
    await fc.assert(
      fc.asyncProperty(deaths, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (list, dice) => {
        const proxy = await startFaultyProxy(() => dice.next().value ?? 1)
        try {
          const end = await liveThrough(list, [proxy.url, chain.url])
          expect({ state: end.intent?.state, nonce: end.nonce, is: end.isMarked }).toEqual({
            state: 'final',
            nonce: 1,
            is: true,
          })
        } finally {
          proxy.stop()
        }
      }),
      { numRuns: 15 },
    )
  })
})

/** One call in ten is refused, one in ten passed on and its answer lost. */
async function startFaultyProxy(dice: () => number) {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const roll = dice()
    if (roll < 0.1) return response.writeHead(503).end()
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(chain.url, { method: 'POST', body: Buffer.concat(parts), headers })
    const text = await answer.text()
    if (roll < 0.2) return response.writeHead(502).end()
    response.writeHead(200, headers).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    stop: () => server.close().closeAllConnections(),
  }
}
