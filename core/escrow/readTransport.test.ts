// Reads over several endpoints of real chains: one that is cut, behind, or of another chain is passed over.
import { createPublicClient, zeroHash } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestChain, type TestChain } from '../../keeper/tx/testChain.ts'
import { type Anvil, startAnvil } from '../../test/world/chain/anvil.ts'
import { startTcpLink, type TcpLink } from '../../test/world/tcpLink.ts'
import { createManualClock } from '../clock.ts'
import { readTransport } from './readTransport.ts'

const CHAIN_ID = 31_337
let anvils: Anvil[]
let first: TestChain
let second: TestChain
let foreignUrl: string
let link: TcpLink

beforeAll(async () => {
  anvils = await Promise.all([CHAIN_ID, CHAIN_ID, 31_338].map((chainId) => startAnvil({ chainId })))
  const urls = anvils.map(({ url }) => url)
  first = await openTestChain(urls[0] ?? '')
  second = await openTestChain(urls[1] ?? '')
  foreignUrl = urls[2] ?? ''
})
beforeEach(async () => {
  link = await startTcpLink(first.url)
})
afterAll(() => Promise.all(anvils.map((anvil) => anvil.stop())))

function open(urls: readonly string[]) {
  const failed: number[] = []
  const clock = createManualClock(0)
  const transport = readTransport({
    urls,
    chainId: CHAIN_ID,
    clock,
    onFailure: (endpoint) => failed.push(endpoint),
  })
  return { client: createPublicClient({ transport, cacheTime: 0 }), failed, clock }
}
const headOf = (chain: TestChain) => chain.client.getBlockNumber({ cacheTime: 0 })
/** Mines until `ahead` is so many blocks further than `behind`. */
async function lead(ahead: TestChain, behind: TestChain, blocks: bigint): Promise<void> {
  await ahead.client.mine({ blocks: Number((await headOf(behind)) + blocks - (await headOf(ahead))) })
}

test('a cut endpoint is passed over, asked last for a while, and first again after that', async () => {
  await lead(second, first, 1n)
  const { client, failed, clock } = open([link.url, second.url])
  expect(await client.getBlockNumber()).toBe(await headOf(first))
  await link.cut()
  expect(await client.getBlockNumber()).toBe(await headOf(second))
  expect(failed).toEqual([0])
  await client.getBlockNumber()
  expect(failed).toEqual([0])
  await link.mend()
  await clock.tick(15_001)
  expect(await client.getBlockNumber()).toBe(await headOf(first))
  expect(failed).toEqual([0])
})

test('an endpoint far behind what was seen is passed over, unless it is all there is', async () => {
  await lead(second, first, 20n)
  const { client, clock } = open([link.url, second.url])
  expect(await client.getBlockNumber()).toBe(await headOf(first))
  await link.cut()
  expect(await client.getBlockNumber()).toBe(await headOf(second))
  await link.mend()
  await clock.tick(15_001)
  expect(await client.getBlockNumber()).toBe(await headOf(second))
  expect((await client.getBlock()).number).toBe(await headOf(second))

  const other = open([second.url, link.url])
  const secondHead = await headOf(second)
  expect(await other.client.getBlockNumber()).toBe(secondHead)
  await second.client.request({ method: 'anvil_reorg', params: [1, []] } as never)
  expect(await other.client.getBlockNumber()).toBe(secondHead)
})

test('a block that one has not got yet comes from the next; one that none has is not there', async () => {
  await lead(second, first, 100n)
  const { client, failed } = open([first.url, second.url])
  const blockNumber = await headOf(second)
  expect((await client.getBlock({ blockNumber })).number).toBe(blockNumber)
  await expect(client.getBlock({ blockNumber: blockNumber + 1n })).rejects.toThrow('could not be found')
  expect(failed).toEqual([])
})

test('an endpoint of another chain is never believed', async () => {
  const { client, failed } = open([foreignUrl, second.url])
  expect(await client.getBlockNumber()).toBe(await headOf(second))
  expect(failed).toEqual([0])
  await expect(open([foreignUrl]).client.getBlockNumber()).rejects.toThrow('another chain')
})

test('a revert is the answer, not a reason to ask another', async () => {
  const { client, failed } = open([first.url, link.url])
  await first.client.sendTransactionSync({ chain: null, to: first.once, data: zeroHash })
  await link.cut()
  await expect(client.call({ to: first.once, data: zeroHash })).rejects.toThrow(/revert/i)
  expect(failed).toEqual([])
  await link.mend()
})

test('with none that answers the failure is told', async () => {
  await link.cut()
  await expect(open([link.url, 'http://127.0.0.1:1/key']).client.getBlockNumber()).rejects.toThrow(
    'HTTP request failed',
  )
  await link.mend()
})
