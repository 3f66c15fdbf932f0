// Reading the router's whole past on a real chain: only what is final, in order, over endpoints that are away or refuse wide ranges.
import { type Address, concatHex, custom, encodeEventTopics, type Hex, http, pad, toHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { systemClock } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { startAnvil } from '../../test/world/chain/anvil.ts'
import { createEndpoints } from '../tx/endpoints.ts'
import { openTestChain, TEST_CHAIN_ID, type TestChain } from '../tx/testChain.ts'
import { readFinalEvents } from './readFinalEvents.ts'

// Logs what follows the first two words of its calldata, with these two as topics.
const DEPLOY: Hex = '0x60118060095f395ff36020355f35604036038060405f375fa200'
const CONFIRMATIONS = 3

let anvil: Awaited<ReturnType<typeof startAnvil>>
let chain: TestChain
let router: Address
beforeAll(async () => {
  anvil = await startAnvil({ chainId: TEST_CHAIN_ID })
  chain = await openTestChain(anvil.url)
  router = (await chain.client.sendTransactionSync({ chain: null, data: DEPLOY })).contractAddress ?? '0x'
})
afterAll(() => anvil.stop())

const idOf = (byte: number) => pad(toHex(byte))
/** One block in which this job starts. */
const starts = (byte: number) => {
  const topics = encodeEventTopics({ abi: computeRouterAbi, eventName: 'JobStarted', args: { id: idOf(byte) } })
  const data = concatHex([...(topics as Hex[]), pad(toHex(1_700_000_000 + byte))])
  return chain.client.sendTransactionSync({ chain: null, to: router, data })
}
const head = () => chain.client.getBlockNumber({ cacheTime: 0 })

test('pages that halve, one endpoint away: each final event once and in order; the tail is not believed', async () => {
  const fromBlock = await head()
  for (let byte = 1; byte <= 4; byte++) {
    await starts(byte)
    await chain.client.mine({ blocks: 40 })
  }
  await starts(5)
  await chain.client.mine({ blocks: CONFIRMATIONS - 1 })
  await starts(6)
  const narrow = custom({
    async request({ method, params }) {
      const [filter] = params ?? []
      if (method === 'eth_getLogs' && Number(filter.toBlock) - Number(filter.fromBlock) > 30)
        throw new Error('too wide')
      return chain.client.request({ method, params } as never)
    },
  })
  const pages: bigint[] = []
  const read = () =>
    readFinalEvents({
      endpoints: createEndpoints({
        transports: [http('http://127.0.0.1:9', { retryCount: 0 }), narrow],
        chainId: TEST_CHAIN_ID,
      }),
      ...{ router, fromBlock, confirmations: CONFIRMATIONS, clock: systemClock, log: silentLog },
      signal: new AbortController().signal,
      onPage: (nextBlock) => pages.push(nextBlock),
    })
  const first = await read()
  expect(first.nextBlock).toBe((await head()) - BigInt(CONFIRMATIONS) + 2n)
  expect(first.events.map((event) => 'id' in event && event.id)).toEqual([1, 2, 3, 4, 5].map(idOf))
  expect(first.events[0]).toMatchObject({ name: 'JobStarted', startedAtMs: 1_700_000_001_000 })
  expect(pages.length).toBeGreaterThan(3)

  // The block that was not final goes, and another comes in its place.
  await chain.client.request({ method: 'anvil_reorg', params: [1, []] } as never)
  await chain.client.mine({ blocks: CONFIRMATIONS })
  expect((await read()).events).toHaveLength(5)
})

test('told to stop it stops, also while no endpoint answers', async () => {
  const stop = new AbortController()
  const reading = readFinalEvents({
    endpoints: createEndpoints({ transports: [http('http://127.0.0.1:9', { retryCount: 0 })], chainId: TEST_CHAIN_ID }),
    ...{ router, fromBlock: 0n, confirmations: 1, clock: systemClock, log: silentLog, signal: stop.signal },
    onPage: () => {},
  })
  stop.abort(new Error('told to stop'))
  await expect(reading).rejects.toThrow('told to stop')
})
