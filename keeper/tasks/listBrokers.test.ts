// Entering Necto's own wallet for a provider into the registry: sent once, live when final, found when it is there already.
import type { Address } from 'viem'
import { expect, test } from 'vitest'
import { encodeRegistryCall } from '../../core/escrow/registryCall.ts'
import { priceAssetKey } from '../../core/escrow/terms.ts'
import { wantBrokers } from '../../core/launch/broker.ts'
import { createTestLauncher } from '../../core/launch/testLauncher.ts'
import { listBroker } from './listBrokers.ts'
import { createTestKeeper } from './testKeeper.ts'

const payout: Address = '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955'

async function open(registered?: Address) {
  const bench = await createTestKeeper()
  const { brokers } = bench.keeper.context
  const launchers = [{ ...createTestLauncher('akash').launcher, priceAssets: ['AKT'] }]
  const [id = '0x'] = await wantBrokers({ brokers, launchers, payout })
  const doc = async () => (await brokers.get(id)) ?? expect.unreachable()
  const keeper = { ...bench.keeper, reads: { payout: async () => registered } }
  return { ...bench, id, doc, list: async () => listBroker(keeper, await doc()) }
}

test('is sent once, as a broker that prices in its token, and live only when final', async () => {
  const { list, doc, id, intentIds, ends, keeper } = await open()
  expect(await list()).toBe(500)
  expect(await list()).toBe(500)
  expect(await intentIds()).toEqual([`${id}:list`])
  const data = encodeRegistryCall({
    verb: 'add',
    provider: id,
    payout,
    kind: 'broker',
    priceAsset: priceAssetKey('AKT'),
  })
  expect((await keeper.intents.get(`${id}:list`))?.value.data).toBe(data)
  expect((await doc()).value.state).toBe('wanted')
  await ends(`${id}:list`, 'final')
  expect(await list()).toBeUndefined()
  expect((await doc()).value.state).toBe('live')
})

test('a registry that has it from an earlier store is told nothing', async () => {
  const { list, doc, intentIds } = await open(payout)
  await list()
  expect((await doc()).value.state).toBe('live')
  expect(await intentIds()).toEqual([])
})

test('a refusal is tried again later', async () => {
  const { list, doc, id, ends, intentIds, clock } = await open()
  await list()
  await ends(`${id}:list`, 'failed', 'AccessControl')
  expect(await list()).toBe(30_000)
  await clock.tick(30_000)
  await list()
  expect(await intentIds()).toEqual([`${id}:list`, `${id}:list:2`])
  expect((await doc()).value.state).toBe('wanted')
})
