// Sellers' listings to offers.
import { describe, expect, test } from 'vitest'
import { testAsk } from '../../market/testMarket.ts'
import { perGpuHour } from '../../money.ts'
import { nectoOffers } from './offers.ts'
import { testListing } from './testListing.ts'

const nowMs = 1_760_000_000_000
const read = (more: Parameters<typeof testListing>[0], ask = testAsk()) =>
  nectoOffers({ listings: [testListing(more)], ask, nowMs })

describe('PROV-06 necto', () => {
  test('a live listing is a bookable offer at its listed price', () => {
    expect(read({}).offers).toEqual([
      {
        id: 'necto:l1',
        provider: 'necto',
        payee: `0x${'ab'.repeat(32)}`,
        gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
        rawGpu: 'H100 SXM',
        gpusPerNode: 8,
        price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: 1_750_000n } },
        region: ['eu', 'de', 'berlin'],
        freeGpus: 6,
        bookable: true,
        runtimes: ['container'],
        minSeconds: 60,
        observedAtMs: nowMs,
      },
    ])
  })

  test('a listing that is not live is no offer, and a price of zero is none', () => {
    expect(read({ live: false })).toEqual({ offers: [], warnings: [], dropped: [] })
    expect(read({ usdPerGpuHour: perGpuHour(0n) })).toMatchObject({
      offers: [],
      warnings: ['1 row left out: a price that is none'],
    })
  })

  test('SELLER-07 one taken offline stays, with the reason why it cannot be booked', () => {
    expect(read({ offline: true }).offers[0]?.bookable).toEqual({ no: 'the seller has taken it offline' })
  })

  test.each([
    ['the whole job fits', 3_600_000, {}, true],
    ['it would end a second late', 3_599_000, {}, { no: "the seller's hours end before the job could" }],
    [
      'the minimum billing would not fit',
      3_600_000,
      { minSeconds: 7200 },
      { no: expect.stringContaining('hours end') },
    ],
    ['the window is over', 0, {}, { no: "it is outside the seller's hours" }],
  ])('ONBOARD-03 %s', (_why, leftMs, more, bookable) => {
    expect(read({ openUntilMs: nowMs + leftMs, ...more }).offers[0]?.bookable).toEqual(bookable)
  })
})
