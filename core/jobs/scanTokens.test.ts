// Token prices from the feed to the sealed record: volatility, disagreement, last known, and that no feed can fail a scan.
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { createTokenFeed } from '../feed/createTokenFeed.ts'
import { createTestSource, priceFrom } from '../feed/testSources.ts'
import { silentLog } from '../log.ts'
import type { Ask } from '../market/ask.ts'
import { createOfferCache } from '../market/cache.ts'
import type { SynapseProvider } from '../market/provider.ts'
import { testBatch } from '../market/testMarket.ts'
import { plainOffer } from '../pricing/testOffers.ts'
import { parseCanonical } from '../record/canonicalJson.ts'
import { recordSchema } from '../record/record.ts'
import { replay } from '../record/replay.ts'
import type { Market } from './readMarket.ts'
import { scanJob } from './scanJob.ts'
import { sealJob } from './sealJob.ts'
import { createTestJobs } from './testJobs.ts'
import { objectBlob } from './upload.ts'

/** A market of one offer at 4 AKT/h, its token priced by CoinGecko and by Akash itself. */
async function rig(more: { tokens?: Market['tokens']; offersAfter?: Promise<void> } = {}) {
  const clock = createManualClock(Date.UTC(2026, 10, 23))
  const shop = await createTestJobs({ clock })
  const [gecko, akash] = [createTestSource('coingecko'), createTestSource('akash', ['AKT'])]
  const feed = createTokenFeed({ sources: [gecko, akash], clock, log: silentLog })
  const offer = plainOffer({
    price: { model: 'token', token: 'AKT', tokensPerHour: '4', per: 'gpu', gpus: 1 },
  })
  const provider: SynapseProvider = {
    id: 'akash',
    name: 'Akash',
    async offers() {
      await more.offersAfter
      return testBatch('akash', { offers: [{ ...offer, observedAtMs: clock.now() }] })
    },
  }
  const market = (): Market => ({
    clock,
    cache: createOfferCache({ clock }),
    providers: [provider],
    tokens: more.tokens ?? feed.prices,
  })

  async function scans(ask: Partial<Ask> = {}) {
    const job = await shop.asks({ ask })
    await scanJob({ context: shop.context, market: market(), job, signal: new AbortController().signal })
    await sealJob({ context: shop.context, ref: job.ref })
    const done = await shop.jobOf(job.ref)
    const bytes = await shop.context.blobs.get(objectBlob(done.record?.root ?? '0x'))
    return { job: done, record: recordSchema.parse(parseCanonical(bytes ?? new Uint8Array())) }
  }
  return { clock, gecko, akash, scans }
}
type Rig = Awaited<ReturnType<typeof rig>>
const geckoAt = ({ clock }: Rig, usd: string) => ({
  ...priceFrom('coingecko', 'AKT', usd, clock.now()),
  volatility: { bps: 640, basis: '24 h range of AKT/USD' },
})
const akashAt = ({ clock }: Rig, usd: string) => priceFrom('akash', 'AKT', usd, clock.now())

describe('FEED-04 two sources', () => {
  test('that agree make an offer that can be booked, shown unverified, with both in the record', async () => {
    const world = await rig()
    world.gecko.gives([geckoAt(world, '0.5')])
    world.akash.gives([akashAt(world, '0.505')])
    const { job, record } = await world.scans()
    expect(job.state).toBe('offered')
    expect(job.card?.choice).toMatchObject({ usdPerGpuHour: 2_000_000n, volatility: '±3.2 %, 24 h range of AKT/USD' })
    expect(record.tokens).toEqual([geckoAt(world, '0.5'), akashAt(world, '0.505')])
    expect(record.quotes[0]).toMatchObject({ token: { source: 'coingecko', standing: 'unverified' } })
    expect(record.selection).toMatchObject({ priceAsset: 'AKT', tokenPrice: 50_000_000n })
    expect(replay(record)).toEqual({ same: true })
  })

  test('that disagree make one that cannot, and the record says why, with both', async () => {
    const world = await rig()
    world.gecko.gives([geckoAt(world, '0.5')])
    world.akash.gives([akashAt(world, '0.52')])
    const { job, record } = await world.scans()
    expect(job.state).toBe('refused')
    expect(record.tokens.map(({ source, usdPerToken }) => [source, usdPerToken])).toEqual([
      ['coingecko', '0.5'],
      ['akash', '0.52'],
    ])
    expect(record.quotes[0]).toMatchObject({ token: { standing: 'sources-disagree' } })
    expect(record.verdicts[0]?.rejections).toEqual([
      { code: 'not-bookable', why: 'the sources of its token price disagree' },
    ])
    expect(record.selection).toBeUndefined()
    expect(replay(record)).toEqual({ same: true })
  })
})

describe('FEED-03', () => {
  test('with no source left the last known price is used, marked in record and card, and still bookable for a while', async () => {
    const world = await rig()
    world.gecko.gives([geckoAt(world, '0.5')])
    world.akash.gives([akashAt(world, '0.505')])
    await world.scans()
    world.gecko.gives(new Error('down'))
    world.akash.gives(new Error('down'))
    await world.clock.tick(12 * 60_000)
    const { job, record } = await world.scans()
    expect(job.card?.tokenNotes).toEqual(['AKT price is 12 min old: CoinGecko could not be read.'])
    expect(job.card?.choice?.lines[0]?.source).toMatch(/^coingecko, last known, /)
    expect(record.tokens.map(({ lastKnown }) => lastKnown)).toEqual([true, true])
    expect(record.quotes[0]).toMatchObject({ token: { standing: 'unverified', lastKnown: true } })
    expect(job.state).toBe('offered')
    expect(replay(record)).toEqual({ same: true })
  })

  test('past the age for settlement it can be looked at, not booked', async () => {
    const world = await rig()
    world.gecko.gives([geckoAt(world, '0.5')])
    world.akash.gives([akashAt(world, '0.5')])
    await world.scans()
    world.gecko.gives(new Error('down'))
    world.akash.gives(new Error('down'))
    await world.clock.tick(15 * 60_000 + 1)
    const { job } = await world.scans()
    expect(job.state).toBe('refused')
    expect(job.card?.nearMisses.map(({ why }) => why)).toEqual(['the price of its token is too old to settle on'])
    expect(job.card?.tokenNotes).toEqual(['AKT price is 16 min old: CoinGecko could not be read.'])
  })

  test('a price that was read leaves no note', async () => {
    const world = await rig()
    world.gecko.gives([geckoAt(world, '0.5')])
    const { job, record } = await world.scans()
    expect(job.card).not.toHaveProperty('tokenNotes')
    expect(record.quotes[0]).not.toHaveProperty('token.lastKnown')
  })
})

test('the prices are read while the providers are', async () => {
  const asked = Promise.withResolvers<void>()
  const tokens = async () => {
    asked.resolve()
    return []
  }
  // The provider answers only once the prices have been asked for: after the scan would be never.
  const world = await rig({ tokens, offersAfter: asked.promise })
  expect((await world.scans()).record.offers).toHaveLength(1)
})

test('a feed that throws fails no scan: offers in tokens are unpriced and say so', async () => {
  const world = await rig({ tokens: () => Promise.reject(new Error('broken')) })
  const { job, record } = await world.scans()
  expect(job.state).toBe('refused')
  expect(record.tokens).toEqual([])
  expect(record.quotes).toEqual([{ offerId: 'akash:1', unpriced: 'no-token-price' }])
})
