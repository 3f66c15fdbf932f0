// Recorded replies told apart and read again.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { provider } from './index.ts'
import { replayAkash } from './replay.ts'
import { bidRow, HEIGHT, healthyBids } from './testBids.ts'
import { healthyReply } from './testReply.ts'

const atMs = 1_760_000_000_000
const replay = (...replies: unknown[]) =>
  replayAkash(
    replies.map((json, i) => ({ name: `${i}.json`, json })),
    atMs,
  )

describe('PROV-01 replay', () => {
  test('prices and bids, of the chain or of the Console, together', () => {
    const chain = { bids: healthyBids, pagination: { next_key: null, total: '6' } }
    const { offers, warnings } = replay(healthyReply, chain)
    expect(offers.map(({ price }) => price.model).sort()).toEqual([
      ...['auction', 'auction', 'fixed', 'fixed', 'fixed', 'fixed', 'token'],
    ])
    expect(offers.every(({ observedAtMs }) => observedAtMs === atMs)).toBe(true)
    expect(warnings).toContain('1 row left out: no price')
    expect(replay({ data: healthyBids }).offers).toEqual(replay(chain).offers)
    expect(provider.replay).toBe(replayAkash)
  })

  test('the newest bid of a file stands for its height', () => {
    const fresh = bidRow({ createdAt: HEIGHT - 500_000 })
    const { offers, dropped } = replay({ bids: [fresh, bidRow({ createdAt: HEIGHT - 600_000 })], pagination: null })
    expect(offers).toHaveLength(1)
    expect(dropped).toEqual([{ row: 'bids[1]', reason: 'an old bid' }])
  })

  test('an empty list is a reply, and a price listed twice counts once', () => {
    expect(replay({ bids: [], pagination: null }, { data: [] }, { models: [] }).offers).toEqual([])
    const { offers, dropped } = replay({ models: healthyReply.models.slice(0, 1) }, healthyReply)
    expect(offers).toHaveLength(4)
    expect(dropped).toContainEqual({ row: 'akash:nvidia/h100/80gi/sxm5', reason: 'listed twice' })
  })

  test('anything else is refused by its name', () => {
    for (const json of [{ price: 0.54 }, { data: [{ id: 1 }] }, { bids: [] }, [], 'models', null]) {
      expect(() => replayAkash([{ name: 'other.json', json }], atMs)).toThrow(
        expect.objectContaining({ code: 'akash.reply', message: expect.stringContaining('other.json') }),
      )
    }
  })
})

// Recordings of the live service are kept outside the project; where they are not at hand this says "skipped".
const samples = resolve('../shared/samples')
describe.skipIf(!existsSync(samples))('PROV-01 replay of recordings of the live service', () => {
  const sample = (name: string) => ({ name, json: JSON.parse(readFileSync(resolve(samples, name), 'utf8')) as unknown })

  test('the published prices are read whole', () => {
    const { offers, dropped } = replayAkash([sample('akash_gpu_prices_recorded.json')], atMs)
    expect(offers.every((offer) => offer.gpu && offer.price.model === 'fixed')).toBe(true)
    expect(dropped.map(({ reason }) => reason)).toEqual(['no price'])
    expect(offers.find((offer) => offer.gpu?.id === 'rtx5090-laptop-24gb-pcie')).toMatchObject({ freeGpus: 0 })
    expect(offers.find((offer) => offer.gpu?.id === 'a100-80gb-sxm')?.price).toMatchObject({
      unit: { per: 'gpu', usdPerHour: 1_070_000n },
    })
  })

  test('the bid of the chain is readable, and for no GPU', () => {
    const { offers, dropped, warnings } = replayAkash([sample('akash_lcd_bids_list_v1beta5_recorded.json')], atMs)
    expect({ offers, warnings }).toEqual({ offers: [], warnings: [] })
    expect(dropped).toEqual([{ row: 'bids[0]', reason: 'a bid without a GPU' }])
  })

  test('the example of the Console is known for a bid list', () => {
    const { offers, dropped } = replayAkash([sample('akash_console_bids_docs_example.json')], atMs)
    expect(offers).toEqual([])
    // Its height is an ellipsis.
    expect(dropped).toEqual([{ row: 'bids[0]', reason: 'not readable' }])
  })

  test('the price of AKT holds no offers and is refused by its name', () => {
    expect(() => replayAkash([sample('akash_market_data_recorded.json')], atMs)).toThrow(
      'akash_market_data_recorded.json is no reply of Akash that holds prices.',
    )
  })
})
