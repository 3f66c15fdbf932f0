// Recorded replies of io.net, told apart and read.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { provider as ionet } from './index.ts'
import { replayIonet } from './replay.ts'
import { catalogueReply, hardwareReply, healthyReply, placesReply, priceReply } from './testReply.ts'

const at = 1_760_000_000_000
const replay = (replies: Record<string, unknown>) =>
  replayIonet(
    Object.entries(replies).map(([name, json]) => ({ name, json })),
    at,
  )

test('PROV-02 lists become offers, also of several files, and what alone has no price is left out with the reason', () => {
  const { offers, dropped, warnings } = replay({
    'snapshot.json': healthyReply,
    'catalogue.json': catalogueReply,
    'places.json': placesReply(),
    'size.json': hardwareReply(),
    'price.json': priceReply(2.5),
    'nothing.json': { status: 'succeeded', data: [] },
  })
  expect(offers.map(({ id }) => id)).toEqual(['ionet:224', 'ionet:101', 'ionet:77', 'ionet:140'])
  expect(dropped.map(({ row, reason }) => `${row}: ${reason}`)).toEqual([
    'places.json: 0: a place without a price',
    'places.json: 1: a place without a price',
    'places.json: 2: a place without a price',
    'size.json: 0: a container size without a price',
    'size.json: 1: a container size without a price',
    'price.json: 0: a price without its GPU and hours',
    'snapshot.json: data[2]: no price',
    'ionet:224: listed twice',
  ])
  expect(warnings).toContain('3 rows left out: a place without a price')
})

test.each([
  ['another provider', { models: [] }],
  ['a failure', { ...healthyReply, status: 'failed' }],
  ['a total that is no number', { data: { ...priceReply(1).data, total_cost_usdc: '1' } }],
  ['rows of something else', { data: [{ price: 1 }] }],
  ['hardware of something else', { data: { hardware: [{ price: 1 }] } }],
  ['nothing', null],
])('%s is refused by its name', (_what, json) => {
  const refused = { code: 'ionet.reply', message: expect.stringContaining('odd.json') }
  expect(() => replay({ 'odd.json': json })).toThrow(expect.objectContaining(refused))
})

// Samples of the real service's replies are kept outside the project; where they are not at hand this says "skipped".
const folder = resolve('../shared/samples')
const sample = (name: string) => ({ name, json: JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) })
test.skipIf(!existsSync(folder))('the documented examples are read whole', () => {
  const read = (name: string) => ionet.replay?.([sample(name)], at) ?? { offers: [], dropped: [] }
  const { offers, dropped } = read('ionet_market_snapshot_docs_example.json')
  expect(dropped).toEqual([])
  expect(offers.map(({ gpu, freeGpus }) => [gpu?.family, freeGpus])).toEqual([
    ['rtx3080', 8],
    ['rtx3090', 8],
    ['rtx3060', 7],
  ])
  expect(offers[0]?.price).toEqual({ model: 'fixed', unit: { per: 'gpu', usdPerHour: 450_000n } })
  const reasons = (name: string) => read(name).dropped.map(({ reason }) => reason)
  expect(reasons('ionet_caas_price_docs_shape.json')).toEqual(['a price that is none'])
  expect(reasons('ionet_max_gpus_wire_contract_example.json')).toEqual(['a container size without a price'])
  expect(reasons('ionet_hardware_supply_docs_example.json')).toEqual(Array(2).fill('a supply without a price'))
  expect(reasons('ionet_vmaas_hardware_SYNTHETIC_from_schema.json')).toEqual(['a virtual machine, not a container'])
})
