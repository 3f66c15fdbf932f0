// Akash's table of published prices to offers.
import { describe, expect, test } from 'vitest'
import { joinOffers } from './joinOffers.ts'
import { publishedOffers } from './offers.ts'
import { emptyReply, healthyReply, rowsReply } from './testReply.ts'

const at = 1_760_000_000_000

describe('PROV-01 published prices', () => {
  test('the cheapest rate of one GPU is a fixed price, with what is free', () => {
    const [h100] = publishedOffers(healthyReply, at).offers
    expect(h100).toEqual({
      id: 'akash:nvidia/h100/80gi/sxm5',
      provider: 'akash',
      gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
      rawGpu: 'h100 80Gi SXM5',
      gpusPerNode: 8,
      price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: 1_200_000n } },
      region: [],
      freeGpus: 5,
      bookable: {
        no: 'Necto cannot start jobs on Akash yet: AKASH_CONSOLE_API_KEY, BROKER_PAYOUT_ADDRESS or MACHINES_URL is not set',
      },
      runtimes: ['container'],
      minSeconds: 6,
      observedAtMs: at,
    })
  })

  test('nothing free stays an offer that says so; no price is no offer', () => {
    const parsed = publishedOffers(healthyReply, at)
    expect(parsed.offers.find((offer) => offer.gpu?.family === 'a100')).toMatchObject({ freeGpus: 0 })
    expect(parsed.offers.map((offer) => offer.rawGpu)).not.toContain('p40 24Gi PCIe')
    expect(parsed.dropped).toEqual([{ row: 'models[4]', reason: 'no price' }])
    expect(joinOffers([parsed]).warnings).toEqual([
      '1 row left out: no price',
      '1 unknown GPU, not routed to: h20 96Gi SXM5',
    ])
  })

  test('broken rows are dropped, each with its reason', () => {
    const { offers, dropped } = publishedOffers(rowsReply, at)
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
    expect(publishedOffers(emptyReply, at).offers).toEqual([])
    for (const reply of [null, [], {}, { models: {} }, { error: 'rate_limited' }]) {
      expect(() => publishedOffers(reply, at)).toThrow(expect.objectContaining({ code: 'akash.reply', retry: 'later' }))
    }
  })
})
