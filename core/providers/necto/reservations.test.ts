// Necto's sellers from the store to the router: what is reserved cannot be had, and comes back when its time is over.
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../clock.ts'
import { createTestJobs } from '../../jobs/testJobs.ts'
import { createOfferCache } from '../../market/cache.ts'
import { testAsk } from '../../market/testMarket.ts'
import { defaultPolicy as policy } from '../../pricing/policy.ts'
import { priceOffer } from '../../pricing/priceOffer.ts'
import { decide } from '../../router/decide.ts'
import { updateDocument } from '../../store/updateDocument.ts'
import { readNectoListings } from '../../supply/nectoListings.ts'
import { release, reserve } from '../../supply/reserve.ts'
import { setCapacity } from '../../supply/submitListing.ts'
import { provider as necto } from './index.ts'

/** One live seller of `gpuCount` H100s, and what the router makes of it through the provider and the market's cache. */
async function open(gpuCount: number) {
  const clock = createManualClock(Date.UTC(2026, 10, 23))
  const { context, listing } = await createTestJobs({ clock, gpuCount })
  const { listings } = context
  const provider = necto.create({ clock, env: {}, listings: () => readNectoListings({ listings, clock }) })
  const cache = createOfferCache({ clock })
  const of = { listings, listingId: listing.id }

  /** The codes against the seller's offer, none when it is chosen; undefined when there is no offer. */
  async function refusals(wanted: number) {
    const { runtime: _, ...rest } = testAsk({ gpuCount: wanted })
    const ask = { ...rest, bookableOnly: true as const }
    const { offers } = (await cache.offers(provider, ask, new AbortController().signal)).batch
    const nowMs = clock.now()
    const quotes = offers.map((offer) => priceOffer({ offer, ask, tokens: [], policy, nowMs }))
    const { verdicts, selection } = decide({ ask, offers, quotes, policy, nowMs })
    const rejections = verdicts[0]?.rejections
    if (rejections) expect(selection).toBe(rejections.length === 0 ? `necto:${listing.id}` : undefined)
    return rejections
  }
  return {
    clock,
    refusals,
    hold: (ref: string, forMs?: number, count = 1) =>
      reserve({
        ...of,
        ref,
        gpuCount: count,
        nowMs: clock.now(),
        ...(forMs === undefined ? {} : { untilMs: clock.now() + forMs }),
      }),
    release: (ref: string) => release({ ...of, ref }),
    capacity: (capacity: 'offline' | 'available') => setCapacity({ listings, id: listing.id, capacity }),
    unlist: () =>
      updateDocument({
        collection: listings,
        id: listing.id,
        change: (one) => ({ ...one, state: 'approved' as const }),
      }),
  }
}
const none = (freeGpus: number, wanted: number) => [{ code: 'no-free-capacity', freeGpus, wanted }]

describe('PROV-06 reservations', () => {
  test('what is held is not free, at once, and is again when its time is over', async () => {
    const { clock, refusals, hold } = await open(2)
    expect(await refusals(2)).toEqual([])
    await hold('A', 100_000)
    expect(await refusals(2)).toEqual(none(1, 2))
    expect(await refusals(1)).toEqual([])
    await hold('B', 200_000)
    expect(await refusals(1)).toEqual(none(0, 1))
    await clock.tick(99_999)
    expect(await refusals(1)).toEqual(none(0, 1))
    await clock.tick(1)
    expect(await refusals(1)).toEqual([])
    expect(await refusals(2)).toEqual(none(1, 2))
    await clock.tick(100_000)
    expect(await refusals(2)).toEqual([])
  })

  test('a funded job holds its GPUs until it gives them back', async () => {
    const { clock, refusals, hold, release: giveBack } = await open(2)
    await hold('A', 100_000, 2)
    await hold('A', undefined, 2)
    await clock.tick(86_400_000)
    expect(await refusals(1)).toEqual(none(0, 1))
    await giveBack('A')
    expect(await refusals(2)).toEqual([])
  })

  test('more than the seller has is a node too small, however much is free', async () => {
    const { refusals } = await open(2)
    expect((await refusals(3))?.map(({ code }) => code)).toEqual(['not-on-one-node', 'no-free-capacity'])
  })

  test('SELLER-07 offline is said at once, and what is not live is no offer', async () => {
    const { refusals, capacity, unlist } = await open(2)
    await capacity('offline')
    expect(await refusals(1)).toEqual([{ code: 'not-bookable', why: 'the seller has taken it offline' }])
    await capacity('available')
    expect(await refusals(1)).toEqual([])
    await unlist()
    expect(await refusals(1)).toBeUndefined()
  })
})
