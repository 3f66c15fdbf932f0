// The follower on a real chain: each event final once, in order, whatever reorgs and endpoints do.
import fc from 'fast-check'
import { type Address, createPublicClient, custom, type Hex, http, type Transport } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { startAnvil } from '../../test/world/chain/anvil.ts'
import { createEndpoints } from '../tx/endpoints.ts'
import { eventually, openTestChain, TEST_CHAIN_ID, type TestChain } from '../tx/testChain.ts'
import { chainCursors } from './chainCursor.ts'
import { type FollowChainOptions, followChain } from './followChain.ts'

// Copies its calldata and logs it with topic 1.
const DEPLOY: Hex = '0x600a8060095f395ff3365f5f376001365fa100'

let anvil: Awaited<ReturnType<typeof startAnvil>>
let chain: TestChain
let emitter: Address

beforeAll(async () => {
  anvil = await startAnvil({ chainId: TEST_CHAIN_ID })
  chain = await openTestChain(anvil.url)
  const receipt = await chain.client.sendTransactionSync({ chain: null, data: DEPLOY })
  emitter = receipt.contractAddress ?? '0x'
})
afterAll(() => anvil.stop())

/** One block with an event that carries this byte. */
const emit = (byte: number) =>
  chain.client.sendTransactionSync({ chain: null, to: emitter, data: `0x${byte.toString(16).padStart(2, '0')}` })
const mine = (blocks: number) => chain.client.mine({ blocks })
const reorg = (depth: number) => chain.client.request({ method: 'anvil_reorg', params: [depth, []] } as never)

const overUrl = (url: string) => http(url, { retryCount: 0 })

async function open(options: Partial<FollowChainOptions<string>> & { transports?: readonly Transport[] } = {}) {
  const seen: string[] = []
  const final: string[] = []
  const cursors = options.cursors ?? createMemoryStore().collection(chainCursors)
  const follower = followChain<string>({
    name: 'test',
    endpoints: createEndpoints({ transports: options.transports ?? [overUrl(chain.url)], chainId: TEST_CHAIN_ID }),
    addresses: [emitter],
    decode: (log) => log.data,
    cursors,
    startBlock: (await chain.client.getBlockNumber({ cacheTime: 0 })) + 1n,
    confirmations: 3,
    clock: systemClock,
    log: silentLog,
    pollMs: 20,
    onEvent: async (event, isFinal) => void (isFinal ? final : seen).push(event),
    ...options,
  })
  return { ...follower, seen, final, cursors }
}

describe('followChain', () => {
  test('an event is provisional when seen and final at depth, once each', async () => {
    const follower = await open()
    await emit(1)
    await follower.poll()
    expect(follower).toMatchObject({ seen: ['0x01'], final: [] })
    await mine(1)
    await follower.poll()
    expect(follower.final).toEqual([])
    await mine(1)
    await follower.poll()
    await follower.poll()
    expect(follower).toMatchObject({ seen: ['0x01'], final: ['0x01'] })
  })

  test('a block that a reorg took is dropped, and what came instead is final', async () => {
    const dropped: number[] = []
    const follower = await open({ onReorg: (blocks) => void dropped.push(blocks.length) })
    await emit(1)
    await emit(2)
    await follower.poll()
    await reorg(2)
    await emit(3)
    await mine(3)
    await follower.poll()
    expect(dropped).toEqual([2])
    expect(follower).toMatchObject({ seen: ['0x01', '0x02', '0x03'], final: ['0x03'] })
  })

  test('a reorg below the final depth is fatal and says so', async () => {
    const follower = await open({ confirmations: 1 })
    await emit(1)
    await follower.poll()
    await reorg(1)
    await mine(1)
    await expect(follower.run(new AbortController().signal)).rejects.toMatchObject({ code: 'chain.deep-reorg' })
  })

  test('the cursor stays when a handler fails, and the event comes again', async () => {
    const cursors = createMemoryStore().collection(chainCursors)
    let isBroken = true
    const got: string[] = []
    const follower = await open({
      cursors,
      confirmations: 1,
      onEvent: async (event, isFinal) => {
        if (isFinal && isBroken) throw new Error('no')
        if (isFinal) got.push(event)
      },
    })
    await emit(1)
    await emit(2)
    await expect(follower.poll()).rejects.toThrow('no')
    await expect(follower.poll()).rejects.toThrow('no')
    isBroken = false
    await follower.poll()
    expect(got).toEqual(['0x01', '0x02'])
  })

  test('what was handed on of blocks that were not noted as read, or went, is to be forgotten', async () => {
    const forgotten: bigint[] = []
    let isBroken = false
    const follower = await open({
      onForget: async (fromBlock) => void forgotten.push(fromBlock),
      onEvent: async () => {
        if (isBroken) throw new Error('no')
      },
    })
    await emit(1)
    const first = await chain.client.getBlockNumber({ cacheTime: 0 })
    await follower.poll()
    await emit(2)
    isBroken = true
    await expect(follower.poll()).rejects.toThrow('no')
    isBroken = false
    await follower.poll()
    await follower.poll()
    await reorg(1)
    await follower.poll()
    // At the start, after the error, after the reorg.
    expect(forgotten).toEqual([first, first + 1n, first + 1n])
  })

  test('a backlog is read in pages that halve where the node finds them too large', async () => {
    const first = (await chain.client.getBlockNumber({ cacheTime: 0 })) + 1n
    for (let i = 0; i < 8; i++) {
      await emit(i)
      await mine(40)
    }
    const asked: number[] = []
    const real = createPublicClient({ transport: http(chain.url), cacheTime: 0 })
    const picky = custom(
      {
        async request({ method, params }) {
          if (method === 'eth_getLogs' && 'fromBlock' in params[0]) {
            const blocks = Number(BigInt(params[0].toBlock) - BigInt(params[0].fromBlock)) + 1
            asked.push(blocks)
            if (blocks > 60) throw new Error('query returned too many results')
          }
          return await real.request({ method, params } as never)
        },
      },
      { retryCount: 0 },
    )
    const follower = await open({ transports: [picky], startBlock: first, pageBlocks: 200 })
    await follower.poll()
    expect(follower.final).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((byte) => `0x0${byte}`))
    expect(asked[0]).toBe(200)
    expect(asked.some((blocks) => blocks <= 60)).toBe(true)
  })

  test('a chain that changes while a backlog is read hands on nothing of the one that is gone', async () => {
    const first = (await chain.client.getBlockNumber({ cacheTime: 0 })) + 1n
    await emit(1)
    await mine(80)
    let isQuiet = false
    const real = createPublicClient({ transport: http(chain.url), cacheTime: 0 })
    const moving = custom({
      async request({ method, params }) {
        const answer = await real.request({ method, params } as never)
        if (isQuiet || method !== 'eth_getLogs' || !('fromBlock' in params[0])) return answer
        isQuiet = true
        await reorg(81)
        return answer
      },
    })
    const follower = await open({ transports: [moving], startBlock: first })
    await expect(follower.poll()).rejects.toMatchObject({ code: 'chain.moved' })
    expect(follower.final).toEqual([])
    await emit(2)
    await mine(3)
    await follower.poll()
    expect(follower.final).toEqual(['0x02'])
  })

  test('an endpoint that is down is waited for; a new follower goes on from the cursor', async () => {
    let isUp = false
    const transport = custom(
      {
        async request(call) {
          if (!isUp) throw new Error('connection refused')
          return await chain.client.request(call as never)
        },
      },
      { retryCount: 0 },
    )
    const transports = [transport]
    const startBlock = (await chain.client.getBlockNumber({ cacheTime: 0 })) + 1n
    const cursors = createMemoryStore().collection(chainCursors)
    const follower = await open({ transports, cursors, startBlock, confirmations: 1 })
    const stop = new AbortController()
    const running = follower.run(stop.signal)
    await emit(7)
    isUp = true
    await eventually(() => follower.final.length === 1)
    stop.abort()
    await running

    await emit(8)
    const next = await open({ transports, cursors, startBlock, confirmations: 1 })
    await next.poll()
    expect(next.final).toEqual(['0x08'])
  })

  test('random blocks, reorgs within the depth, and polls in between: final = the chain, each once', {
    timeout: 60_000,
  }, async () => {
    const act = fc.oneof(
      fc.record({ act: fc.constant('emit' as const), n: fc.nat(255) }),
      fc.record({ act: fc.constant('mine' as const), n: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ act: fc.constant('reorg' as const), n: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ act: fc.constant('poll' as const), n: fc.constant(0) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
        await mine(4)
        const startBlock = (await chain.client.getBlockNumber({ cacheTime: 0 })) + 1n
        const follower = await open({ startBlock, confirmations: 4 })
        for (const { act: kind, n } of acts) {
          if (kind === 'emit') await emit(n)
          if (kind === 'mine') await mine(n)
          if (kind === 'poll') await follower.poll()
          // Never below the start: blocks from before are final for this follower.
          const room = Number((await chain.client.getBlockNumber({ cacheTime: 0 })) - startBlock + 1n)
          if (kind === 'reorg' && room >= n) await reorg(n)
        }
        await mine(4)
        await follower.poll()
        await follower.poll()
        const logs = await chain.client.getLogs({ address: emitter, fromBlock: startBlock })
        expect(follower.final).toEqual(logs.map((log) => log.data))
      }),
      { numRuns: 20 },
    )
  })
})
