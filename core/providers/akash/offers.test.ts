// Akash's price table to offers.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { akashOffers } from './offers.ts'
import { emptyReply, healthyReply, rowsReply } from './testReply.ts'

const at = 1_760_000_000_000

describe('PROV-01 akash', () => {
  test('the cheapest bid is the price, of one GPU, with the spread of bids', () => {
    const [h100] = akashOffers(healthyReply, at).offers
    expect(h100).toEqual({
      id: 'akash:nvidia/h100/80gi/sxm5',
      provider: 'akash',
      gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
      rawGpu: 'h100 80Gi SXM5',
      gpusPerNode: 8,
      price: {
        model: 'auction',
        unit: { per: 'gpu', usdPerHour: 1_200_000n },
        // (1.8 - 1.2) / 1.5
        volatility: { bps: 4_000, basis: 'spread of single-GPU bids over their median' },
      },
      region: [],
      freeGpus: 5,
      bookable: { no: 'Necto cannot start jobs on Akash yet' },
      runtimes: ['container'],
      minSeconds: 6,
      observedAtMs: at,
    })
  })

  test('nothing free stays an offer that says so; no price is no offer', () => {
    const { offers, dropped, warnings } = akashOffers(healthyReply, at)
    expect(offers.find((offer) => offer.gpu?.family === 'a100')).toMatchObject({ freeGpus: 0 })
    expect(offers.map((offer) => offer.rawGpu)).not.toContain('p40 24Gi PCIe')
    expect(dropped).toEqual([{ row: 'models[4]', reason: 'no price' }])
    expect(warnings).toEqual(['1 row left out: no price', '1 unknown GPU, not routed to: h20 96Gi SXM5'])
  })

  test('a spread of one provider is unknown, not zero', () => {
    const only = { ...healthyReply.models[0], providerAvailability: { total: 1, available: 1 } }
    expect(akashOffers({ models: [only] }, at).offers[0]?.price).not.toHaveProperty('volatility')
  })

  test('broken rows are dropped, each with its reason', () => {
    const { offers, dropped } = akashOffers(rowsReply, at)
    expect(offers.map((offer) => offer.id)).toEqual(['akash:nvidia/h100/80gi/sxm5'])
    expect(dropped.map(({ reason }) => reason)).toEqual([
      'a price that is none',
      'not readable',
      'not readable',
      'not readable',
      'not readable',
      'listed twice',
    ])
  })

  test('a reply of another shape is refused', () => {
    expect(akashOffers(emptyReply, at).offers).toEqual([])
    for (const reply of [null, [], {}, { models: {} }, { error: 'rate_limited' }]) {
      expect(() => akashOffers(reply, at)).toThrow(expect.objectContaining({ code: 'akash.reply', retry: 'later' }))
    }
  })
})

// Recordings of the live service are kept outside the project; where they are not at hand this says "skipped".
const recorded = resolve('../shared/samples/akash_gpu_prices_recorded.json')
test.skipIf(!existsSync(recorded))('the recorded reply of the live service is read whole', () => {
  const { offers, dropped } = akashOffers(JSON.parse(readFileSync(recorded, 'utf8')), at)
  expect(offers.every((offer) => offer.gpu)).toBe(true)
  expect(dropped.map(({ reason }) => reason)).toEqual(['no price'])
  expect(offers.find((offer) => offer.gpu?.id === 'rtx5090-laptop-24gb-pcie')).toMatchObject({ freeGpus: 0 })
  expect(offers.find((offer) => offer.gpu?.id === 'a100-80gb-sxm')?.price).toMatchObject({
    unit: { per: 'gpu', usdPerHour: 1_070_000n },
  })
})
