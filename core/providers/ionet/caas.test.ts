// Replies of io.net's container service, and the firm offer that they make.
import { describe, expect, test } from 'vitest'
import { testAsk } from '../../market/testMarket.ts'
import { defaultPolicy } from '../../pricing/policy.ts'
import { priceOffer } from '../../pricing/priceOffer.ts'
import { firmOffer, hardwareOf, orderOf, placesOf } from './caas.ts'
import { hardwareReply, placesReply, priceReply } from './testReply.ts'

const at = 1_760_000_000_000
const [hardware] = hardwareOf(hardwareReply()).hardware
const [iceland] = placesOf(placesReply()).places

function firm(reply: unknown, more: { gpuCount?: number; maxSeconds?: number; place?: Partial<typeof iceland> } = {}) {
  if (!hardware || !iceland) throw new Error('no hardware')
  const order = orderOf(testAsk({ gpuCount: more.gpuCount ?? 1, maxSeconds: more.maxSeconds ?? 3600 }))
  return firmOffer(reply, { hardware, place: { ...iceland, ...more.place }, order, observedAtMs: at })
}

describe('PROV-02 firm prices', () => {
  test('the total is shared over GPUs and hours, rounded up, with the minutes for handing in as a fee', () => {
    // Two and a half hours are three, paid ahead: 10 / (2 × 3) = 1.6666…
    const offer = firm(priceReply(10, 2), { gpuCount: 2, maxSeconds: 9000 })
    expect(offer).toEqual({
      id: 'ionet:224/2',
      provider: 'ionet',
      gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
      rawGpu: 'H100 80GB HBM3',
      gpusPerNode: 8,
      price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: 1_666_667n } },
      region: ['eu', 'is'],
      freeGpus: 10,
      bookable: { no: expect.stringContaining('IONET_API_KEY') },
      runtimes: ['container'],
      fees: [{ label: '10 minutes of the 3 h paid ahead, to hand in the output', bps: 589 }],
      minSeconds: 3 * 3600 - 600,
      observedAtMs: at,
    })
  })

  test.each([
    ['a total of nothing', priceReply(0), 'a price that is none'],
    ['a total below nothing', priceReply(-1), 'a price that is none'],
    ['a price for more GPUs than were asked for', priceReply(10, 8), 'a price of another order'],
    ['several containers', { data: { ...priceReply(10).data, replica_count: 2 } }, 'a price of another order'],
  ])('%s is no offer', (_what, reply, reason) => {
    expect(firm(reply)).toEqual({ reason })
  })

  test('a place is known by its name and its country, and unknown when they contradict each other', () => {
    const regionOf = (iso2: string, name: string) => {
      const offer = firm(priceReply(2), { place: { iso2, name } })
      return 'reason' in offer ? offer.reason : offer.region
    }
    expect(regionOf('DE', 'Frankfurt')).toEqual(['eu', 'de', 'frankfurt'])
    expect(regionOf('SE', 'Somewhere')).toEqual(['eu', 'se'])
    expect(regionOf('', 'Iceland')).toEqual(['eu', 'is'])
    expect(regionOf('IS', 'United States')).toEqual([])
  })

  test('hours are whole ones, at least one, with ten minutes left at their end', () => {
    const hours = [60, 3000, 3001, 3600, 6600, 6601].map((maxSeconds) => orderOf(testAsk({ maxSeconds })).hours)
    expect(hours).toEqual([1, 1, 2, 2, 2, 3])
  })

  test('what is priced is what is ordered, and the deposit covers all that is paid ahead, a fraction above it', () => {
    for (const maxSeconds of [60, 3000, 3600, 9000, 36_000])
      for (const gpuCount of [1, 3, 8]) {
        const offer = firm(priceReply(7.77, gpuCount), { gpuCount, maxSeconds })
        const ask = testAsk({ gpuCount, maxSeconds })
        if ('reason' in offer) return expect.unreachable(offer.reason)
        const quote = priceOffer({ offer, ask, tokens: [], policy: defaultPolicy, nowMs: at })
        if ('unpriced' in quote) return expect.unreachable(quote.unpriced)
        expect(orderOf({ gpuCount, maxSeconds: quote.maxSeconds })).toEqual(orderOf(ask))
        expect(quote.usdPerHour * BigInt(quote.maxSeconds)).toBeGreaterThanOrEqual(7_770_000n * 3600n)
        expect(quote.totalUsd).toBeLessThan(7_772_000n)
        expect(quote.lines.map(({ label }) => label)).toContainEqual(
          expect.stringContaining('paid ahead, to hand in the output'),
        )
      }
  })

  test('places without room are no places; the one with the most comes first', () => {
    expect(placesOf(placesReply()).places.map(({ name }) => name)).toEqual(['Iceland', 'United States'])
  })

  test('rows that cannot be read are dropped; replies of another shape are refused', () => {
    const { data } = hardwareReply()
    const rows = [...data.hardware, null, { ...data.hardware[0], max_gpus_per_container: 0 }, data.hardware[0]]
    expect(hardwareOf({ data: { hardware: rows } })).toMatchObject({
      hardware: [{ id: 224 }, { id: 101 }],
      dropped: [
        { row: 'hardware[2]', reason: 'not readable' },
        { row: 'hardware[3]', reason: 'not readable' },
        { row: 'hardware[4]', reason: 'listed twice' },
      ],
    })
    expect(placesOf({ data: [{ id: 1 }] }).dropped).toEqual([{ row: 'locations[0]', reason: 'not readable' }])
    const refused = expect.objectContaining({ code: 'ionet.reply', retry: 'later' })
    expect(() => hardwareOf({ data: [] })).toThrow(refused)
    expect(() => placesOf({ data: {} })).toThrow(refused)
    expect(() => firm({ data: { replica_count: 1, gpus_per_container: 1 } })).toThrow(refused)
  })
})
