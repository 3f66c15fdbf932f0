// The follower over two endpoints of one chain: whatever one of them lacks, it waits or changes over, and takes nothing back.
import { type Address, type Hex, http } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { type Anvil, startAnvil } from '../../test/world/chain/anvil.ts'
import { startTcpLink, type TcpLink } from '../../test/world/tcpLink.ts'
import { createEndpoints } from '../tx/endpoints.ts'
import { eventually, openTestChain, TEST_CHAIN_ID, type TestChain } from '../tx/testChain.ts'
import { chainCursors } from './chainCursor.ts'
import { followChain } from './followChain.ts'

// Copies its calldata and logs it with topic 1.
const DEPLOY: Hex = '0x600a8060095f395ff3365f5f376001365fa100'
const STALL_MS = 30_000

let anvil: Anvil
let chain: TestChain
let emitter: Address
let link: TcpLink
/** Stands still where the chain was when the test began. */
let replica: Anvil

beforeAll(async () => {
  anvil = await startAnvil({ chainId: TEST_CHAIN_ID })
  chain = await openTestChain(anvil.url)
  const receipt = await chain.client.sendTransactionSync({ chain: null, data: DEPLOY })
  emitter = receipt.contractAddress ?? '0x'
})
beforeEach(async () => {
  link = await startTcpLink(anvil.url)
  replica = await startAnvil({ chainId: TEST_CHAIN_ID, args: ['--fork-url', anvil.url] })
  return async () => {
    await replica.stop()
    await link.cut().catch(() => undefined)
  }
})
afterAll(() => anvil.stop())

const emit = (byte: number, on = chain) =>
  on.client.sendTransactionSync({ chain: null, to: emitter, data: `0x0${byte.toString(16)}` })

async function open(urls: readonly string[]) {
  const seen: string[] = []
  const final: string[] = []
  const dropped: number[] = []
  const clock = createManualClock(0)
  const follower = followChain<string>({
    name: 'test',
    endpoints: createEndpoints({
      transports: urls.map((url) => http(url, { retryCount: 0 })),
      chainId: TEST_CHAIN_ID,
    }),
    addresses: [emitter],
    decode: (log) => log.data,
    cursors: createMemoryStore().collection(chainCursors),
    startBlock: (await chain.client.getBlockNumber({ cacheTime: 0 })) + 1n,
    confirmations: 3,
    clock,
    log: silentLog,
    pollMs: 1_000,
    onEvent: async (event, isFinal) => void (isFinal ? final : seen).push(event),
    onReorg: (blocks) => void dropped.push(blocks.length),
  })
  const stop = new AbortController()
  const running = follower.run(stop.signal)
  return {
    seen,
    final,
    dropped,
    clock,
    /** Polls on until it holds; each poll is one second of its clock. */
    until: (holds: () => boolean) =>
      eventually(async () => {
        await clock.tick(1_000)
        return holds()
      }),
    async stop() {
      stop.abort()
      await running
    },
  }
}

test('the endpoint cut off, the other behind: it waits there, takes nothing back, and goes on where the chain goes on', async () => {
  const follower = await open([link.url, replica.url])
  await emit(1)
  await emit(2)
  await follower.until(() => follower.seen.length === 2)
  await link.cut()
  for (let i = 0; i < 5; i++) await follower.clock.tick(1_000)
  await emit(3)
  await link.mend()
  await follower.until(() => follower.seen.length === 3)
  await emit(4)
  await chain.client.mine({ blocks: 2 })
  await follower.until(() => follower.final.length === 4)
  expect(follower.final).toEqual(['0x01', '0x02', '0x03', '0x04'])
  expect(follower.seen).toEqual(['0x01', '0x02', '0x03', '0x04'])
  expect(follower.dropped).toEqual([])
  await follower.stop()
})

test('an endpoint that stands still while the other goes on is left after half a minute', async () => {
  const follower = await open([replica.url, link.url])
  await follower.clock.tick(1_000)
  await emit(1)
  await chain.client.mine({ blocks: 2 })
  await follower.clock.tick(STALL_MS)
  await follower.until(() => follower.final.length === 1)
  expect(follower.dropped).toEqual([])
  await follower.stop()
})

test('one endpoint on a branch of its own takes nothing back while the other cannot be asked', async () => {
  const follower = await open([link.url, replica.url])
  await emit(1)
  await follower.until(() => follower.seen.length === 1)
  await link.cut()
  const branch = await openTestChain(replica.url)
  await emit(7, branch)
  await branch.client.mine({ blocks: 5 })
  for (let i = 0; i < 40; i++) await follower.clock.tick(1_000)
  expect(follower).toMatchObject({ seen: ['0x01'], final: [], dropped: [] })
  await link.mend()
  await emit(2)
  await chain.client.mine({ blocks: 2 })
  await follower.until(() => follower.final.length === 2)
  expect(follower).toMatchObject({ final: ['0x01', '0x02'], dropped: [] })
  await follower.stop()
})

test('an endpoint of another chain is never read', async () => {
  const foreign = await startAnvil({ chainId: 31_338 })
  const follower = await open([foreign.url, link.url])
  await emit(1)
  await chain.client.mine({ blocks: 2 })
  await follower.until(() => follower.final.length === 1)
  expect(follower.final).toEqual(['0x01'])
  await follower.stop()
  await foreign.stop()
})
