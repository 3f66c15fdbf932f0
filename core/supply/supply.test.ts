// Selling: the one line, the listing it makes, an admin's first word, and what the market is told of it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { randomBytes } from '../ids.ts'
import { createTestJobs, otherRunner, payer, runner } from '../jobs/testJobs.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { LISTING_EXAMPLE, parseListingText } from './listingText.ts'
import { readNectoListings } from './nectoListings.ts'
import { reserve } from './reserve.ts'
import { decideListing, isRunnerTaken, setCapacity, submitListing } from './submitListing.ts'

const line = (change: Partial<Record<'gpu' | 'in' | 'at' | 'wallet' | 'runner' | 'rest', string>> = {}) => {
  const part = {
    gpu: 'h100 x2',
    in: 'Berlin',
    at: '2.40',
    wallet: payer.address,
    runner: runner.address,
    rest: 'runs process as "Berlin Rack"',
    ...change,
  }
  return `${part.gpu} in ${part.in} at ${part.at} wallet ${part.wallet} runner ${part.runner} ${part.rest}`
}
const problems = (text: string) => {
  const parsed = parseListingText(text)
  return parsed.ok ? [] : parsed.problems
}

describe('ONBOARD-02: the seller’s line', () => {
  test('says everything', () => {
    expect(parseListingText(line())).toMatchObject({
      ok: true,
      draft: {
        gpu: { family: 'h100' },
        gpuCount: 2,
        location: 'Berlin',
        region: expect.arrayContaining(['eu', 'de']),
        usdPerGpuHour: 2_400_000n,
        payout: payer.address,
        runner: runner.address,
        runtimes: ['process'],
        name: 'Berlin Rack',
      },
    })
  })

  test('in any order and case, with a $ and without a name', () => {
    const text = `H100 X2 RUNNER ${runner.address} AT $2.40 WALLET ${payer.address.toLowerCase()} IN Berlin`
    expect(parseListingText(text)).toMatchObject({
      ok: true,
      draft: { runtimes: ['container'], usdPerGpuHour: 2_400_000n },
    })
  })

  test.each([
    ['no GPU', line({ gpu: '' })],
    ['an unknown GPU', line({ gpu: 'h1000' })],
    ['no GPUs', line({ gpu: 'h100 x0' })],
    ['too many GPUs', line({ gpu: 'h100 x65' })],
    ['a place nobody knows', line({ in: 'Atlantis' })],
    ['a price of nothing', line({ at: '0' })],
    ['a negative price', line({ at: '-1' })],
    ['a price in words', line({ at: 'two' })],
    ['more digits than a micro-dollar has', line({ at: '2.4000001' })],
    ['an absurd price', line({ at: '1000.01' })],
    ['a wallet with a wrong checksum', line({ wallet: payer.address.replace(/[a-f]/g, (l) => l.toUpperCase()) })],
    ['no wallet', line({ wallet: '0x' })],
    ['the zero address as wallet', line({ wallet: `0x${'0'.repeat(40)}` })],
    ['the zero address as runner', line({ runner: `0x${'0'.repeat(40)}` })],
    ['an unknown way to run', line({ rest: 'runs magic' })],
    ['a name without end', line({ rest: `as "${'x'.repeat(41)}"` })],
  ])('refuses %s, saying what is missing', (_, text) => expect(problems(text)).toHaveLength(1))

  test('a name with nothing to see in it is none', () => {
    const nameOf = (name: string) => {
      const parsed = parseListingText(line({ rest: `as "${name}"` }))
      return parsed.ok ? parsed.draft.name : parsed.problems
    }
    for (const unseen of ['', '\u202E\u200B', '\u3164', '\u0007']) expect(nameOf(unseen)).toBe('Berlin h100')
    expect(nameOf('\u202EBerlin\u200B Rack')).toBe('Berlin Rack')
  })

  test('names every fault at once; the example’s own is its address', () => {
    expect(problems('').length).toBeGreaterThan(3)
    expect(problems(LISTING_EXAMPLE.replace('/sell ', ''))).toHaveLength(1)
  })

  test('never throws', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('in', 'at', 'wallet', 'runner', 'runs', 'as', 'h100', 'x2', '2.40', '"', payer.address),
    )
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const parsed = parseListingText(words.join(' '))
        if (parsed.ok) expect(parsed.draft.usdPerGpuHour).toBeGreaterThan(0n)
        else expect(parsed.problems.length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('the listing', () => {
  const seller = { platform: 'telegram', userId: '77', label: 'Cy' }
  async function submit(requestKey = 'tg:1') {
    const shop = await createTestJobs()
    const { listings } = shop.context
    const parsed = parseListingText(line({ runner: otherRunner.address }))
    if (!parsed.ok) throw new Error('not read')
    const give = () =>
      submitListing({
        listings,
        draft: parsed.draft,
        isProven: true,
        seller,
        place: { chatId: '77' },
        requestKey,
        nowMs: 1,
        random: randomBytes,
      })
    return { shop, listings, give, listing: await give() }
  }

  test('ONBOARD-09: the same chat event makes it once; only the first word of an admin counts', async () => {
    const { give, listing, listings } = await submit()
    expect(await give()).toEqual(listing)
    expect(listing).toMatchObject({ state: 'submitted', capacity: 'offline', reservations: {} })
    const decide = (approve: boolean) => decideListing({ listings, id: listing.id, approve, decidedBy: 'telegram:1' })
    const words = await Promise.all([decide(true), decide(false)])
    expect(words.filter(Boolean)).toHaveLength(1)
    expect(await decide(false)).toBeUndefined()
  })

  test('a runner key serves one seller: another cannot have its work paid to himself', async () => {
    const { shop, listings, listing } = await submit()
    const taken = (of: typeof seller, key = listing.runner) => isRunnerTaken({ listings, runner: key, seller: of })
    expect(await taken(seller)).toBe(false)
    expect(await taken({ ...seller, userId: '78' })).toBe(true)
    expect(await taken({ ...seller, userId: '78' }, listing.runner.toLowerCase() as typeof listing.runner)).toBe(true)
    expect(await taken(seller, shop.listing.runner)).toBe(true)
    await decideListing({ listings, id: listing.id, approve: false, decidedBy: 'telegram:1' })
    expect(await taken({ ...seller, userId: '78' })).toBe(false)
  })

  test('SELLER-07: the market sees what is free, what is offline, and what is not live yet', async () => {
    const { shop, listings, listing } = await submit()
    const clock = createManualClock(1_000)
    const read = async (id: string) => (await readNectoListings({ listings, clock })).find((one) => one.id === id)
    expect(await read(listing.id)).toMatchObject({ live: false, offline: true, freeGpus: 2 })
    await reserve({ listings, listingId: shop.listing.id, ref: 'A', gpuCount: 1, nowMs: 1_000, untilMs: 2_000 })
    expect(await read(shop.listing.id)).toMatchObject({ live: true, offline: false, freeGpus: 1, gpusPerNode: 2 })
    await clock.tick(1_000)
    await setCapacity({ listings, id: shop.listing.id, capacity: 'offline' })
    expect(await read(shop.listing.id)).toMatchObject({ offline: true, freeGpus: 2 })
  })

  test('its price may change; what is read is what it says now', async () => {
    const { shop, listings } = await submit()
    await updateDocument({ collection: listings, id: shop.listing.id, change: (one) => ({ ...one, name: 'Other' }) })
    expect(
      (await readNectoListings({ listings, clock: createManualClock(0) })).map(({ sellerName }) => sellerName),
    ).toContain('Other')
  })
})
