// Which offers a launcher makes bookable, under whose registry entry, and when not.
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import type { Offer } from '../market/offer.ts'
import { createTestProvider, testAsk, testBatch } from '../market/testMarket.ts'
import { plainOffer } from '../pricing/testOffers.ts'
import { createMemoryStore } from '../store/memory.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { brokerPayee, brokers, wantBrokers } from './broker.ts'
import type { Launcher } from './launcher.ts'
import { createTestLauncher } from './testLauncher.ts'
import { withLaunchers } from './withLaunchers.ts'

const payout = '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955'
const otherPayout = '0x976EA74026E726554dB657fA54763abd0C3a0aa9'
const clock = createManualClock(0)
const signal = new AbortController().signal
const entry = { provider: 'rented', priceAsset: 'USD', payout } as const
const token: Offer['price'] = { model: 'token', token: 'AKT', tokensPerHour: '2', per: 'gpu', gpus: 1 }

/** The offers of the wrapped provider, with these entries live. */
async function bookable(
  offers: readonly Offer[],
  options: { launcher?: Partial<Launcher>; live?: readonly string[]; paidTo?: typeof payout | undefined } = {},
): Promise<Pick<Offer, 'bookable' | 'payee' | 'fees'>[]> {
  const { live = [brokerPayee(entry)] } = options
  const docs = createMemoryStore().collection(brokers)
  const launcher = { ...createTestLauncher().launcher, ...options.launcher }
  await wantBrokers({ brokers: docs, launchers: [launcher], payout })
  for (const id of live)
    await updateDocument({ collection: docs, id, change: (now) => ({ ...now, state: 'live' as const }) })
  const [provider] = withLaunchers({
    providers: [
      createTestProvider({ id: 'rented', clock, answers: [{ afterMs: 0, give: testBatch('rented', { offers }) }] }),
    ],
    launchers: [launcher],
    brokers: docs,
    payout: 'paidTo' in options ? options.paidTo : payout,
  })
  const batch = await provider?.offers(testAsk(), signal)
  return (batch?.offers ?? []).map((offer) => ({
    bookable: offer.bookable,
    ...(offer.payee && { payee: offer.payee }),
    ...(offer.fees && { fees: offer.fees }),
  }))
}
/** As an adapter gives it: nobody is paid for it yet. */
function priced(more: Partial<Offer> = {}): Offer {
  const { payee: _, ...offer } = plainOffer({ provider: 'rented', bookable: { no: 'own words' }, ...more })
  return offer
}

describe('an offer of a provider with a launcher', () => {
  test('can be booked once its registry entry is final, and pays that entry', async () => {
    expect(await bookable([priced()])).toEqual([{ bookable: true, payee: brokerPayee(entry) }])
    expect(await bookable([priced()], { live: [] })).toEqual([
      { bookable: { no: 'its settlement wallet is not on the escrow chain yet' } },
    ])
  })

  test('costs what renting there costs beside it, and only where it can be booked', async () => {
    const [fee, extra] = [
      { label: 'network fee', bps: 1000 },
      { label: 'disk', bps: 200 },
    ] as const
    const launcher = { surcharges: () => [extra] }
    const booked = { bookable: true, payee: brokerPayee(entry) }
    expect(await bookable([priced()], { launcher })).toEqual([{ ...booked, fees: [extra] }])
    expect(await bookable([priced({ fees: [fee] })], { launcher })).toEqual([{ ...booked, fees: [fee, extra] }])
    expect((await bookable([priced()], { launcher, live: [] }))[0]?.fees).toBeUndefined()
  })

  test('that the launcher refuses says why', async () => {
    expect(await bookable([priced()], { launcher: { refuses: () => 'too many GPUs' } })).toEqual([
      { bookable: { no: 'too many GPUs' } },
    ])
  })

  test('that may turn out to be another of the same answer can be refused for it', async () => {
    const launcher = {
      refuses: (_offer: Offer, among: readonly Offer[] = []) => (among.length > 1 ? 'crowded' : undefined),
    }
    expect(await bookable([priced()], { launcher })).toMatchObject([{ bookable: true }])
    const crowded = { bookable: { no: 'crowded' } }
    expect(await bookable([priced(), priced({ id: 'rented:other' })], { launcher })).toEqual([crowded, crowded])
  })

  test('keeps its own words where nobody offers at its price, its GPU is unknown, or no wallet is set', async () => {
    const own = [{ bookable: { no: 'own words' } }]
    expect(await bookable([priced({ estimated: 'a rate card' })])).toEqual(own)
    const { gpu: _, ...unknown } = priced()
    expect(await bookable([unknown])).toEqual(own)
    expect(await bookable([priced()], { paidTo: undefined })).toEqual(own)
  })

  test('in a token pays the entry of that token, since the registry ties each entry to one', async () => {
    const akt = brokerPayee({ ...entry, priceAsset: 'AKT' })
    const launcher = { priceAssets: ['USD', 'AKT'] }
    expect(await bookable([priced({ price: token })], { launcher, live: [akt] })).toEqual([
      { bookable: true, payee: akt },
    ])
    expect(await bookable([priced({ price: token })], { launcher })).toMatchObject([
      { bookable: { no: expect.any(String) } },
    ])
  })
})

test('another wallet or price asset is another entry, so that no quote that is out changes whom it pays', () => {
  const ids = [
    entry,
    { ...entry, payout: otherPayout } as const,
    { ...entry, priceAsset: 'AKT' },
    { ...entry, provider: 'akash' },
  ].map(brokerPayee)
  expect(new Set(ids).size).toBe(4)
  expect(brokerPayee({ ...entry, payout: entry.payout.toLowerCase() as typeof payout })).toBe(ids[0])
})

test('entries wanted again stay as they are', async () => {
  const docs = createMemoryStore().collection(brokers)
  const want = () => wantBrokers({ brokers: docs, launchers: [createTestLauncher().launcher], payout })
  const [id = ''] = await want()
  await updateDocument({ collection: docs, id, change: (now) => ({ ...now, state: 'live' as const }) })
  await want()
  expect((await docs.list()).map(({ value }) => value.state)).toEqual(['live'])
})
