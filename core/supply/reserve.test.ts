// Reservations: never more than there is, whoever comes in whatever order.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTestJobs } from '../jobs/testJobs.ts'
import { freeGpus } from './listing.ts'
import { release, reserve } from './reserve.ts'
import { setCapacity } from './submitListing.ts'

async function open(gpuCount = 2) {
  const { context, listing, reservations } = await createTestJobs({ gpuCount })
  const { listings } = context
  const of = { listings, listingId: listing.id }
  return {
    take: (ref: string, nowMs: number, more: { gpuCount?: number; untilMs?: number } = {}) =>
      reserve({ ...of, ref, gpuCount: 1, nowMs, ...more }),
    give: (ref: string) => release({ ...of, ref }),
    capacity: (capacity: 'offline' | 'available') => setCapacity({ listings, id: listing.id, capacity }),
    listing: async () => (await listings.get(listing.id))?.value ?? listing,
    reservations,
  }
}

describe('a reservation', () => {
  test('ends by itself when its quote ran out, and another job may have the GPUs', async () => {
    const { take } = await open(1)
    expect(await take('A', 0, { untilMs: 100 })).toBe(true)
    expect(await take('B', 99, { untilMs: 200 })).toBe(false)
    expect(await take('B', 100, { untilMs: 200 })).toBe(true)
    expect(await take('A', 150)).toBe(false)
  })

  test('ONBOARD-08: survives /capacity offline, while nobody new gets one', async () => {
    const { take, capacity } = await open(2)
    await take('A', 0, { untilMs: 100 })
    await capacity('offline')
    expect(await take('A', 50)).toBe(true)
    expect(await take('B', 50)).toBe(false)
    await capacity('available')
    expect(await take('B', 50)).toBe(true)
  })

  test('of a funded job is not cut short by terms asked for at the same moment', async () => {
    const { take, reservations } = await open(1)
    await take('A', 0, { untilMs: 100 })
    expect(await take('A', 50)).toBe(true)
    expect(await take('A', 51, { untilMs: 100 })).toBe(true)
    expect(await reservations()).toEqual({ A: { gpuCount: 1 } })
    expect(await take('B', 200)).toBe(false)
  })

  test('is given back once, and by its own job only', async () => {
    const { take, give, reservations } = await open(1)
    await take('A', 0)
    await give('B')
    await give('A')
    await give('A')
    expect(await reservations()).toEqual({})
  })

  test('for a listing that is not there is none', async () => {
    const { context } = await createTestJobs()
    const { listings } = context
    expect(await reserve({ listings, listingId: 'S-none', ref: 'A', gpuCount: 1, nowMs: 0 })).toBe(false)
  })
})

const step = fc.oneof(
  fc.record({
    kind: fc.constant('take' as const),
    ref: fc.constantFrom('A', 'B', 'C', 'D'),
    gpuCount: fc.integer({ min: 1, max: 3 }),
    forMs: fc.option(fc.integer({ min: 1, max: 50 })),
  }),
  fc.record({ kind: fc.constant('give' as const), ref: fc.constantFrom('A', 'B', 'C', 'D') }),
  fc.record({ kind: fc.constant('capacity' as const), to: fc.constantFrom('offline' as const, 'available' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40 }) }),
)

test('ONBOARD-08: never oversells under any interleaving of taking, giving back, going offline and running out', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 12 }), async (rounds) => {
      const shop = await open(3)
      let nowMs = 0
      for (const round of rounds) {
        // All of a round at once: the compare-and-set decides who was first.
        await Promise.all(
          round.map(async (one) => {
            if (one.kind === 'give') return shop.give(one.ref)
            if (one.kind === 'capacity') return shop.capacity(one.to)
            if (one.kind === 'wait') {
              nowMs += one.ms
              return
            }
            const until = one.forMs === null ? {} : { untilMs: nowMs + one.forMs }
            return shop.take(one.ref, nowMs, { gpuCount: one.gpuCount, ...until })
          }),
        )
        const listing = await shop.listing()
        const held = Object.values(listing.reservations)
          .filter(({ untilMs }) => untilMs === undefined || untilMs > nowMs)
          .reduce((sum, { gpuCount }) => sum + gpuCount, 0)
        expect(held).toBeLessThanOrEqual(3)
        expect(freeGpus(listing, nowMs)).toBe(3 - held)
      }
    }),
    { numRuns: 60 },
  )
})
