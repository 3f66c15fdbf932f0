// The wallets that pay for gas, on a real chain: their floor, told once, and a nonce that nobody holds.
import { parseEther } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMetrics } from '../../core/health/metrics.ts'
import type { Log, LogFields } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { type Anvil, startAnvil } from '../../test/world/chain/anvil.ts'
import { intents } from '../tx/intent.ts'
import { openTestChain, openTestSender, TEST_CHAIN_ID, type TestChain } from '../tx/testChain.ts'
import { createSignerWatch, type WatchedSigner } from './watchSigners.ts'

let anvil: Anvil
let chain: TestChain
beforeAll(async () => {
  anvil = await startAnvil({ chainId: TEST_CHAIN_ID })
  chain = await openTestChain(anvil.url)
})
afterAll(() => anvil.stop())

async function open(more: Partial<WatchedSigner> = {}) {
  const docs = createMemoryStore().collection(intents)
  const sender = await openTestSender(chain, { intents: docs })
  const { address } = sender.account
  const metrics = createMetrics()
  const told: LogFields[] = []
  const log = { error: (fields: LogFields) => void told.push(fields) } as Partial<Log> as Log
  const signer = { name: 'agent', address, client: chain.client as never, chainId: TEST_CHAIN_ID, ...more }
  const look = createSignerWatch({ signers: [signer], intents: docs, metrics, log })
  const figure = async (name: string) =>
    (await metrics.text())
      .split('\n')
      .find((line) => line.startsWith(`${name}{signer="agent"}`))
      ?.split(' ')[1]
  return { sender, docs, address, told, look, figure }
}

test('below the floor of fifty settlements it is told once, and again only after it was filled', async () => {
  const { address, told, look, figure } = await open()
  await look()
  expect([await figure('necto_signer_low'), told]).toEqual(['0', []])
  await chain.client.setBalance({ address, value: 1_000n })
  await look()
  await look()
  expect(await figure('necto_signer_low')).toBe('1')
  expect(await figure('necto_signer_balance_wei')).toBe('1000')
  expect(told).toEqual([expect.objectContaining({ msg: 'a wallet is nearly empty', signer: 'agent', address })])
  await chain.client.setBalance({ address, value: parseEther('1') })
  await look()
  await chain.client.setBalance({ address, value: 0n })
  await look()
  expect(told).toHaveLength(2)
})

test('a floor of its own goes before what gas costs', async () => {
  const { look, figure } = await open({ floorWei: parseEther('11') })
  await look()
  expect(await figure('necto_signer_low')).toBe('1')
})

test('a nonce that no stored transaction holds, before one that does, is a gap', async () => {
  const { sender, docs, told, look, figure } = await open()
  await sender.mark('one', 9_001)
  await look()
  expect(await figure('necto_nonce_gap')).toBe('0')
  const doc = (await docs.get('one')) ?? expect.unreachable('no intent')
  await docs.put(doc, { ...doc.value, state: 'signed', nonce: 2 })
  await look()
  expect(await figure('necto_nonce_gap')).toBe('2')
  expect(told).toEqual([expect.objectContaining({ msg: 'a nonce is missing, later transactions wait', gap: 2 })])
})
