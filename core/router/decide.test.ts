// The decision: every reason, the ranking, and a pick.
import { describe, expect, test } from 'vitest'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import { perGpuHour } from '../money.ts'
import { defaultPolicy } from '../pricing/policy.ts'
import { priceOffer } from '../pricing/priceOffer.ts'
import { nodePrice, nowMs, plainAsk, plainOffer, tokens, usd } from '../pricing/testOffers.ts'
import { decide } from './decide.ts'
import { lossText, rejectionText, rejectionTitle } from './reasonText.ts'
import { type Rejection, verdictSchema } from './rejection.ts'
import { engine1Rules } from './rules.ts'

const policy = defaultPolicy
const quotesOf = (offers: readonly Offer[], ask: Ask) =>
  offers.map((offer) => priceOffer({ offer, ask, tokens, policy, nowMs }))
const route = (offers: readonly Offer[], ask: Ask = plainAsk, pick?: string) =>
  decide({ ask, offers, quotes: quotesOf(offers, ask), policy, nowMs, pick })
const fixed = (dollars: number): Offer['price'] => ({ model: 'fixed', unit: { per: 'gpu', usdPerHour: usd(dollars) } })
const offer = (id: string, dollars: number, changes: Partial<Offer> = {}): Offer =>
  plainOffer({ id, provider: id.split(':')[0] ?? id, price: fixed(dollars), ...changes })

describe('AGENT-01 every reason', () => {
  const h100 = { id: 'h100-80gb', family: 'h100', memoryGib: 80 }
  const a100 = { id: 'a100-80gb', family: 'a100', memoryGib: 80 }
  const nos: Offer['price'] = { model: 'token', token: 'NOS', tokensPerHour: '1', per: 'gpu', gpus: 1 }
  const { gpu: _, ...unmapped } = plainOffer({ rawGpu: 'H100 Super' })
  const { payee: __, ...unpaid } = plainOffer()

  test.each<[string, Offer, Partial<Ask>, Rejection]>([
    ['gpu-unmapped', unmapped, {}, { code: 'gpu-unmapped', rawGpu: 'H100 Super' }],
    ['gpu-mismatch', plainOffer({ gpu: a100 }), {}, { code: 'gpu-mismatch', offered: 'a100-80gb' }],
    [
      'another interface',
      plainOffer(),
      { gpu: { family: 'h100', interface: 'pcie' } },
      { code: 'gpu-mismatch', offered: 'h100-80gb-sxm' },
    ],
    [
      'interface-unknown',
      plainOffer({ gpu: h100 }),
      { gpu: { family: 'h100', interface: 'sxm' } },
      { code: 'interface-unknown', wanted: 'sxm' },
    ],
    [
      'memory-too-small',
      plainOffer(),
      { minMemoryGib: 94 },
      { code: 'memory-too-small', memoryGib: 80, wantedGib: 94 },
    ],
    [
      'not-on-one-node',
      plainOffer({ gpusPerNode: 4 }),
      { gpuCount: 5 },
      { code: 'not-on-one-node', gpusPerNode: 4, wanted: 5 },
    ],
    [
      'a node too small',
      plainOffer({ price: nodePrice(8, 4), gpusPerNode: 4 }),
      { gpuCount: 5 },
      { code: 'not-on-one-node', gpusPerNode: 4, wanted: 5 },
    ],
    [
      'no-free-capacity',
      plainOffer({ freeGpus: 1 }),
      { gpuCount: 2 },
      { code: 'no-free-capacity', freeGpus: 1, wanted: 2 },
    ],
    [
      'a node in part taken',
      plainOffer({ freeGpus: 4, price: nodePrice(16, 8) }),
      {},
      { code: 'no-free-capacity', freeGpus: 4, wanted: 8 },
    ],
    ['region-mismatch', plainOffer(), { regions: ['us'] }, { code: 'region-mismatch', region: ['eu', 'de'] }],
    ['region-unknown', plainOffer({ region: [] }), { regions: ['us'] }, { code: 'region-unknown', region: [] }],
    [
      'over-price-cap',
      plainOffer(),
      { maxUsdPerGpuHour: usd(1.5) },
      { code: 'over-price-cap', price: usd(2), cap: usd(1.5) },
    ],
    ['model-excluded', plainOffer(), { excludeModels: ['fixed'] }, { code: 'model-excluded', model: 'fixed' }],
    [
      'provider-excluded',
      plainOffer(),
      { excludeProviders: ['akash'] },
      { code: 'provider-excluded', provider: 'akash' },
    ],
    [
      'provider-not-allowed',
      plainOffer(),
      { onlyProviders: ['nosana'] },
      { code: 'provider-not-allowed', provider: 'akash' },
    ],
    [
      'runtime-unsupported',
      plainOffer({ runtimes: ['process'] }),
      {},
      { code: 'runtime-unsupported', wanted: 'container' },
    ],
    ['uptime-unknown', plainOffer(), { minUptimePercent: 99 }, { code: 'uptime-unknown', wantedPercent: 99 }],
    [
      'uptime-too-low',
      plainOffer({ uptimePercent: { value: 98.9, how: '30 days' } }),
      { minUptimePercent: 99 },
      { code: 'uptime-too-low', percent: 98.9, wantedPercent: 99 },
    ],
    [
      'older-than-asked',
      plainOffer({ observedAtMs: nowMs - 60_001 }),
      { maxAgeSeconds: 60 },
      { code: 'older-than-asked', ageMs: 60_001, limitMs: 60_000 },
    ],
    ['estimated', plainOffer({ estimated: 'a card' }), {}, { code: 'estimated', card: 'a card' }],
    ['unpriced', plainOffer({ price: { ...nos, token: 'XYZ' } }), {}, { code: 'unpriced', why: 'no-token-price' }],
    [
      'offer-too-old',
      plainOffer({ observedAtMs: nowMs - policy.offerMaxAgeMs - 1 }),
      {},
      { code: 'offer-too-old', ageMs: policy.offerMaxAgeMs + 1, limitMs: policy.offerMaxAgeMs },
    ],
    ['not-bookable', plainOffer({ bookable: { no: 'no key' } }), {}, { code: 'not-bookable', why: 'no key' }],
    ['nobody to pay', unpaid, {}, { code: 'not-bookable', why: 'nobody is registered to be paid for it' }],
    [
      'FEED-04 a single source',
      plainOffer({ price: nos }),
      {},
      { code: 'not-bookable', why: 'only one source prices its token' },
    ],
  ])('%s', (_name, only, changes, rejection) => {
    const decision = route([only], { ...plainAsk, ...changes })
    expect(decision.verdicts).toEqual([{ offerId: only.id, rejections: [rejection] }])
    expect(decision.outcome).toBe('nothing-fits')
    expect(decision).not.toHaveProperty('selection')
    expect(decision.explanation.histogram).toEqual([{ code: rejection.code, count: 1 }])
    expect(verdictSchema.parse(verdictSchema.encode({ offerId: 'x', rejections: [rejection] })).rejections).toEqual([
      rejection,
    ])
    expect(rejectionText(rejection)).not.toMatch(/undefined|\[object/)
    expect(rejectionTitle(rejection.code).length).toBeGreaterThan(3)
  })

  test('an offer keeps all its reasons, not-bookable last', () => {
    const bad = plainOffer({ bookable: { no: 'no key' }, freeGpus: 0, region: ['na'], observedAtMs: 0 })
    const { rejections } = route([bad], { ...plainAsk, regions: ['eu'] }).verdicts[0] ?? { rejections: [] }
    expect(rejections.map(({ code }) => code)).toEqual([
      'no-free-capacity',
      'region-mismatch',
      'offer-too-old',
      'not-bookable',
    ])
  })

  test('what cannot be booked may be compared, but not chosen for what is to run, nor when only bookable was asked', () => {
    const { runtime: _, ...pricesOnly } = plainAsk
    const cheap = plainOffer({ id: 'nosana:1', bookable: { no: 'no key' }, price: fixed(1) })
    const both = [cheap, plainOffer()]
    expect(route(both, pricesOnly).ranking).toEqual(['nosana:1', 'akash:1'])
    expect(route(both, { ...pricesOnly, bookableOnly: true }).ranking).toEqual(['akash:1'])
    expect(route(both).ranking).toEqual(['akash:1'])
    const asBefore = { ask: pricesOnly, offers: both, quotes: quotesOf(both, pricesOnly), policy, nowMs }
    expect(decide({ ...asBefore, rules: engine1Rules }).ranking).toEqual(['akash:1'])
  })

  test('unknown free capacity rejects nothing, FEED-04 an unverified token price that two sources share neither', () => {
    const { freeGpus: _free, ...silent } = plainOffer({
      price: { model: 'token', token: 'AKT', tokensPerHour: '1', per: 'gpu', gpus: 1 },
    })
    expect(route([silent]).selection).toBe('akash:1')
  })
})

describe('AGENT-02 ranking', () => {
  test('by effective price, then by offer id', () => {
    const offers = [offer('b:1', 2), offer('a:2', 2), offer('c:1', 1.5), offer('d:1', 1, { price: nodePrice(8, 8) })]
    expect(route(offers).ranking).toEqual(['c:1', 'a:2', 'b:1', 'd:1'])
  })

  test('PRICE-06 a secondary sort reorders only what is within 2 % of the cheapest, unknown last', () => {
    const uptime = (value: number) => ({ uptimePercent: { value, how: '30 days' } })
    const offers = [
      offer('a:1', 2, uptime(95)),
      offer('b:1', 2.04, uptime(99.9)),
      offer('c:1', 2.01),
      offer('d:1', 2.041, uptime(100)),
    ]
    const ask: Ask = { ...plainAsk, sort: 'uptime' }
    expect(route(offers).ranking).toEqual(['a:1', 'c:1', 'b:1', 'd:1'])
    expect(route(offers, ask).ranking).toEqual(['b:1', 'a:1', 'c:1', 'd:1'])
    expect(route(offers, { ...ask, withinBps: 300 }).ranking).toEqual(['d:1', 'b:1', 'a:1', 'c:1'])
    expect(route(offers, { ...ask, withinBps: 0 }).ranking).toEqual(['a:1', 'c:1', 'b:1', 'd:1'])
  })

  test('prices too large for a plain number keep their order', () => {
    const offers = [offer('a:1', 2), offer('b:1', 2), offer('c:1', 2)]
    const quotes = quotesOf(offers, plainAsk).map((quote, i) => ({
      ...quote,
      usdPerGpuHour: perGpuHour(2n ** 53n + 2n - BigInt(i)),
    }))
    expect(decide({ ask: plainAsk, offers, quotes, policy, nowMs }).ranking).toEqual(['c:1', 'b:1', 'a:1'])
  })

  test('latency sorts upwards', () => {
    const latency = (value: number) => ({ latencyMs: { value, how: 'ping' } })
    const offers = [offer('a:1', 2, latency(80)), offer('b:1', 2, latency(20))]
    expect(route(offers, { ...plainAsk, sort: 'latency' }).ranking).toEqual(['b:1', 'a:1'])
  })
})

describe('a pick', () => {
  const offers = [offer('a:1', 2), offer('b:1', 2.5), offer('c:1', 3), offer('d:1', 1, { freeGpus: 0 })]

  test('that fits is selected; the ranking stays', () => {
    const decision = route(offers, plainAsk, 'b:1')
    expect(decision).toMatchObject({ outcome: 'selected', selection: 'b:1', ranking: ['a:1', 'b:1', 'c:1'] })
    expect(decision.explanation.alternatives.map((each) => [each.offerId, lossText(each)])).toEqual([
      ['a:1', 'ranked higher, but another was picked, $0.50 cheaper (20.0 %)'],
      ['c:1', '$0.50 dearer (20.0 %)'],
    ])
  })

  test.each(['d:1', 'gone:1'])('that does not fit selects nothing: %s', (pick) => {
    const decision = route(offers, plainAsk, pick)
    expect(decision.outcome).toBe('pick-does-not-fit')
    expect(decision).not.toHaveProperty('selection')
  })
})

test('an offer without a quote is a broken caller, not a rejection', () => {
  expect(() => decide({ ask: plainAsk, offers: [plainOffer()], quotes: [], policy, nowMs })).toThrow(
    expect.objectContaining({ code: 'router.quote-missing' }),
  )
  const others = quotesOf([plainOffer({ id: 'akash:2' })], plainAsk)
  expect(() => decide({ ask: plainAsk, offers: [plainOffer()], quotes: others, policy, nowMs })).toThrow(
    expect.objectContaining({ code: 'router.quote-missing' }),
  )
})

test('an offer that loses without its quote says that it has none when its verdict is read', () => {
  const a100 = plainOffer({ gpu: { id: 'a100-80gb', family: 'a100', memoryGib: 80 } })
  const others = quotesOf([plainOffer({ id: 'akash:2' })], plainAsk)
  const decision = decide({ ask: plainAsk, offers: [a100], quotes: others, policy, nowMs })
  expect(() => decision.verdicts).toThrow(expect.objectContaining({ code: 'router.quote-missing' }))
})
