// The explanation: breakdown, losses, what cannot be booked, the cheapest sticker, and what would have to give.
import { describe, expect, test } from 'vitest'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import { defaultPolicy as policy } from '../pricing/policy.ts'
import { priceOffer } from '../pricing/priceOffer.ts'
import { nodePrice, nowMs, plainAsk, plainOffer, tokens, usd } from '../pricing/testOffers.ts'
import { decide } from './decide.ts'
import { lossText, relaxationText, sortText } from './reasonText.ts'

const route = (offers: readonly Offer[], ask: Ask = plainAsk) => {
  const quotes = offers.map((offer) => priceOffer({ offer, ask, tokens, policy, nowMs }))
  return decide({ ask, offers, quotes, policy, nowMs })
}
const offer = (id: string, dollars: number, changes: Partial<Offer> = {}): Offer =>
  plainOffer({
    id,
    provider: id.split(':')[0] ?? id,
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: usd(dollars) } },
    ...changes,
  })

describe('AGENT-04 AGENT-05 explanation', () => {
  test('the winner with its breakdown, and what each alternative lost by', () => {
    const uptime = (value: number) => ({ uptimePercent: { value, how: '30 days' } })
    const offers = [
      offer('a:1', 2, uptime(90)),
      offer('b:1', 2.02, uptime(99)),
      offer('c:1', 2.5, uptime(99)),
      offer('d:1', 2.02),
    ]
    const { winner, alternatives } = route(offers, { ...plainAsk, sort: 'uptime' }).explanation
    expect(winner?.offer.id).toBe('b:1')
    expect(winner?.quote.lines.length).toBeGreaterThan(2)
    expect(alternatives.map((each) => [each.offerId, each.because, lossText(each)])).toEqual([
      ['a:1', 'less-uptime', 'less uptime, $0.02 cheaper (1.0 %)'],
      ['d:1', 'uptime-unknown', 'uptime not known'],
      ['c:1', 'dearer', '$0.48 dearer (23.8 %)'],
    ])
  })

  test('the same price is decided by the id, and says so', () => {
    expect(route([offer('a:1', 2), offer('b:1', 2)]).explanation.alternatives[0]).toMatchObject({
      because: 'same-price',
      dearerBps: 0,
    })
  })

  test('what would fit but cannot be booked: the cheapest per provider', () => {
    const no = { bookable: { no: 'no launcher' } }
    const offers = [
      offer('a:1', 2),
      offer('b:1', 1.5, no),
      offer('b:2', 1.4, no),
      offer('c:1', 1, { ...no, freeGpus: 0 }),
    ]
    expect(route(offers).explanation.notBookable.map((each) => each.offer.id)).toEqual(['b:2'])
  })

  test('the histogram counts each reason once per offer, most frequent first', () => {
    const offers = [offer('a:1', 2, { freeGpus: 0 }), offer('b:1', 2, { freeGpus: 0, region: [] }), offer('c:1', 2)]
    expect(route(offers, { ...plainAsk, regions: ['eu'] }).explanation.histogram).toEqual([
      { code: 'no-free-capacity', count: 2 },
      { code: 'region-unknown', count: 1 },
    ])
  })

  test('the cheapest sticker would have cost more: a whole node for one GPU', () => {
    const { naive } = route([offer('a:1', 2), offer('b:1', 0, { price: nodePrice(8, 8) })]).explanation
    expect(naive).toEqual({
      offerId: 'b:1',
      stickerUsdPerGpuHour: usd(1),
      realUsdPerGpuHour: usd(8),
      totalUsd: usd(32),
      rejections: [],
      extraUsd: usd(24),
      isSelection: false,
    })
  })

  test('the cheapest sticker could not have been taken', () => {
    const { naive } = route([offer('a:1', 2), offer('b:1', 1, { freeGpus: 0 })]).explanation
    expect(naive).toMatchObject({ offerId: 'b:1', rejections: [{ code: 'no-free-capacity' }] })
    expect(route([offer('a:1', 2)]).explanation.naive?.isSelection).toBe(true)
  })

  test('near relaxation when nothing fits: 3 fit at $3.40', () => {
    const offers = [
      offer('a:1', 3),
      offer('b:1', 3.2),
      offer('c:1', 3.4),
      offer('d:1', 9),
      offer('e:1', 2, { region: ['na'] }),
    ]
    const { relaxations } = route(offers, { ...plainAsk, maxUsdPerGpuHour: usd(2.5), regions: ['eu'] }).explanation
    expect(relaxations).toEqual([
      { codes: ['region-mismatch'], count: 1, usdPerGpuHour: usd(2) },
      { codes: ['over-price-cap'], count: 3, usdPerGpuHour: usd(3.4) },
    ])
    expect(relaxations.map(relaxationText)).toEqual([
      '1 fits at $2.00 per GPU-hour in another region',
      '3 fit at $3.40 per GPU-hour with a higher limit',
    ])
  })

  test('two constraints are given up together only where one is not enough', () => {
    const ask = { ...plainAsk, maxUsdPerGpuHour: usd(2.5), regions: ['eu'] }
    const far = [offer('a:1', 3, { region: ['na'] }), offer('b:1', 4, { region: ['na'] })]
    const text = (offers: readonly Offer[], asked: Ask = ask) =>
      route(offers, asked).explanation.relaxations.map(relaxationText)
    expect(text(far)).toEqual(['2 fit at $4.00 per GPU-hour in another region and with a higher limit'])
    expect(text([...far, offer('c:1', 5)])).toEqual(['1 fits at $5.00 per GPU-hour with a higher limit'])
    expect(text(far, { ...ask, minUptimePercent: 99 })).toEqual([])
    expect(text([offer('a:1', 2, { freeGpus: 0 })])).toEqual([])
  })

  test('another GPU helps only with the memory that was asked for, and is named', () => {
    const gpu = (family: string, memoryGib: number) => ({ gpu: { id: `${family}-${memoryGib}gb`, family, memoryGib } })
    const offers = [
      offer('a:1', 0.1, gpu('t4', 16)),
      offer('b:1', 1, gpu('a100', 80)),
      offer('c:1', 1.2, gpu('h200', 141)),
    ]
    expect(route(offers).explanation.relaxations.map(relaxationText)).toEqual([
      '2 fit at $1.20 per GPU-hour with another GPU (a100-80gb, h200-141gb)',
    ])
  })

  test.each<[string, Partial<Ask>, Partial<Offer>, string]>([
    ['provider', { onlyProviders: ['nosana'] }, {}, 'at a provider that was not asked for'],
    ['excluded provider', { excludeProviders: ['a'] }, {}, 'at a provider that was excluded'],
    ['model', { excludeModels: ['fixed'] }, {}, 'with a price model that was excluded'],
    ['unknown region', { regions: ['eu'] }, { region: [] }, 'if the region does not matter'],
    ['memory', { minMemoryGib: 94 }, {}, 'with less memory'],
    ['uptime', { minUptimePercent: 99 }, {}, 'if uptime does not matter'],
    ['age', { maxAgeSeconds: 10 }, {}, 'seen longer ago'],
  ])('giving up the %s', (_name, asked, offered, words) => {
    const { relaxations } = route([offer('a:1', 3, offered)], { ...plainAsk, ...asked }).explanation
    expect(relaxations.map(relaxationText)).toEqual([`1 fits at $3.00 per GPU-hour ${words}`])
  })

  test('PRICE-06 the words say what the secondary sort decided, or why nothing', () => {
    const uptime = (value: number) => ({ uptimePercent: { value, how: '30 days' } })
    const words = (offers: readonly Offer[], ask: Partial<Ask> = { sort: 'uptime' }) => {
      const { secondarySort } = route(offers, { ...plainAsk, ...ask }).explanation
      return secondarySort && sortText(secondarySort)
    }
    const near = [offer('a:1', 2, uptime(95)), offer('b:1', 2.04, uptime(99))]
    expect(words(near)).toBe('Sorted by uptime among the 2 offers within 2 % of the cheapest that fits.')
    expect(words(near, { sort: 'uptime', withinBps: 50 })).toBe(
      'No other offer is within 0.5 % of the cheapest that fits, so uptime decided nothing.',
    )
    expect(words([offer('a:1', 2), offer('b:1', 2)], { sort: 'latency' })).toBe(
      'None of the 2 offers within 2 % of the cheapest that fits says its latency, so price decided.',
    )
    expect(words(near, {})).toBeUndefined()
    expect(words([])).toBeUndefined()
  })
})
