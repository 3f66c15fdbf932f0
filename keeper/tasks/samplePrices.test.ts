// Price samples: from cached answers alone, once a quarter of an hour, a month long.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { createOfferCache } from '../../core/market/cache.ts'
import type { Offer } from '../../core/market/offer.ts'
import { priceSamples } from '../../core/market/priceSamples.ts'
import type { SynapseProvider } from '../../core/market/provider.ts'
import { createTestProvider, testAsk, testBatch } from '../../core/market/testMarket.ts'
import { perNodeHour } from '../../core/money.ts'
import { plainOffer, tokens, usd } from '../../core/pricing/testOffers.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { samplePrices } from './samplePrices.ts'

const start = Date.UTC(2026, 10, 20, 12)
const QUARTER_MS = 15 * 60_000
let clock: ReturnType<typeof createManualClock>
let cache: ReturnType<typeof createOfferCache>
let providers: SynapseProvider[]
let days: ReturnType<typeof open>
const open = () => createMemoryStore().collection(priceSamples)
beforeEach(() => {
  clock = createManualClock(start + 60_000)
  cache = createOfferCache({ clock })
  days = open()
  providers = []
})

/** The schedule's next call, at the whole quarter. */
async function quarter(): Promise<void> {
  await clock.tick(QUARTER_MS - (clock.now() % QUARTER_MS))
  await sample()
}
function sample(): Promise<void> {
  const market = { cache, providers, tokens: async () => tokens }
  return samplePrices({ market, days, clock }, new AbortController().signal)
}

const price = (dollars: number): Offer['price'] => ({
  model: 'fixed',
  unit: { per: 'gpu', usdPerHour: usd(dollars) },
})
const offer = (id: string, changes: Partial<Offer> = {}) =>
  plainOffer({ id, provider: id.split(':')[0] ?? '', observedAtMs: clock.now(), ...changes })

/** Somebody scans this provider. */
async function scanned(provider: string, offers: readonly Offer[]): Promise<void> {
  const answers = [{ afterMs: 0, give: testBatch(provider, { offers }) }]
  const fake = createTestProvider({ id: provider, clock, answers, cacheKey: () => 'all' })
  await cache.offers(fake, testAsk(), new AbortController().signal)
}
const stored = async () => (await days.list()).map(({ id, value }) => [id, value.samples] as const)

describe('price samples', () => {
  test('the lowest and the median of each provider per family, a node shared over its GPUs', async () => {
    const node = { model: 'fixed', unit: { per: 'node', usdPerHour: perNodeHour(24_000_000n), gpus: 8 } } as const
    const rtx = { id: 'rtx4090-24gb', family: 'rtx4090', memoryGib: 24 }
    await scanned('akash', [
      offer('akash:1', { price: price(2) }),
      offer('akash:2', { price: price(1.5), minSeconds: 86_400 }),
      offer('akash:3', { price: node }),
      offer('akash:4', { price: price(0.4), gpu: rtx }),
    ])
    await scanned('render', [
      offer('render:card', { price: price(0.1), estimated: 'its rate card' }),
      offer('render:node', { price: price(0.7), gpu: undefined }),
    ])
    await scanned('nosana', [offer('nosana:1', { price: price(1.9) })])
    await quarter()
    const atMs = start + QUARTER_MS
    expect(await stored()).toEqual([
      [
        'h100:2026-11-20',
        [
          {
            atMs,
            rows: [
              { provider: 'akash', lowest: usd(1.5), median: usd(2) },
              { provider: 'nosana', lowest: usd(1.9), median: usd(1.9) },
            ],
          },
        ],
      ],
      ['rtx4090:2026-11-20', [{ atMs, rows: [{ provider: 'akash', lowest: usd(0.4), median: usd(0.4) }] }]],
    ])
  })

  test('nobody is asked for them: without a scan of the last quarter there is none', async () => {
    await quarter()
    expect(await stored()).toEqual([])
    await scanned('akash', [offer('akash:1')])
    await quarter()
    const [[, samples] = ['', []]] = await stored()
    expect(samples.map(({ atMs }) => atMs)).toEqual([start + 2 * QUARTER_MS])
  })

  test('our own sellers cost nothing to ask, so they are asked; others are not', async () => {
    const provider = (id: string, cacheKey: SynapseProvider['cacheKey']) => {
      const answers = [{ afterMs: 0, give: testBatch(id, { offers: [offer(`${id}:1`)] }) }]
      return createTestProvider({ id, clock, answers, ...(cacheKey && { cacheKey }) })
    }
    const others = [provider('akash', () => 'all'), provider('ionet', undefined)]
    providers.push(
      provider('necto', () => undefined),
      ...others,
    )
    await quarter()
    const [[, samples] = ['', []]] = await stored()
    expect(samples[0]?.rows).toEqual([{ provider: 'necto', lowest: usd(2), median: usd(2) }])
    expect(others.map((one) => one.calls())).toEqual([0, 0])
  })

  test('once a quarter, whatever is restarted, and a new document each day', async () => {
    clock = createManualClock(Date.UTC(2026, 10, 20, 23, 40))
    cache = createOfferCache({ clock })
    for (let i = 0; i < 3; i++) {
      await scanned(`akash`, [offer('akash:1')])
      await quarter()
      await sample()
    }
    expect((await stored()).map(([id, samples]) => [id, samples.length])).toEqual([
      ['h100:2026-11-20', 1],
      ['h100:2026-11-21', 2],
    ])
  })

  test('a month is kept', async () => {
    for (const daysAgo of [29, 30, 31]) {
      const dayMs = Date.UTC(2026, 10, 20 - daysAgo)
      await days.insert(`h100:${daysAgo}`, { family: 'h100', dayMs, samples: [] })
    }
    await quarter()
    expect((await days.list()).map(({ id }) => id)).toEqual(['h100:29', 'h100:30'])
  })
})
