// For tests: the market that test jobs are scanned in, with a provider to rent at where there is a launcher.
import type { Address } from 'viem'
import type { Clock } from '../clock.ts'
import { wantBrokers } from '../launch/broker.ts'
import type { Launcher } from '../launch/launcher.ts'
import { withLaunchers } from '../launch/withLaunchers.ts'
import { createOfferCache } from '../market/cache.ts'
import type { Offer } from '../market/offer.ts'
import { createTestProvider, testBatch } from '../market/testMarket.ts'
import { perGpuHour } from '../money.ts'
import { plainOffer } from '../pricing/testOffers.ts'
import { createNectoProvider } from '../providers/necto/index.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { readNectoListings } from '../supply/nectoListings.ts'
import type { JobsContext } from './context.ts'
import type { Market } from './readMarket.ts'

export const brokerPayout: Address = '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955'

/** The store's own listings, one dearer offer that cannot be booked, and one provider that is down. */
export function createJobMarket(context: JobsContext, launcher: Launcher | undefined): Market {
  const { clock } = context
  const dear = plainOffer({
    id: 'akash:provider-7',
    provider: 'akash',
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(2_400_000n) } },
    bookable: { no: 'no wallet for Akash is set up' },
    observedAtMs: clock.now(),
  })
  const provider = (id: string, give: ReturnType<typeof testBatch> | Error) =>
    createTestProvider({ id, clock, answers: [{ afterMs: 0, give }] })
  return {
    clock,
    cache: createOfferCache({ clock }),
    providers: withLaunchers({
      providers: [
        createNectoProvider({ clock, listings: () => readNectoListings({ listings: context.listings, clock }) }),
        provider('akash', testBatch('akash', { offers: [dear] })),
        provider('nosana', new Error('down')),
        ...(launcher
          ? [
              provider(
                launcher.provider,
                testBatch(launcher.provider, { offers: [rentable(launcher.provider, clock)] }),
              ),
            ]
          : []),
      ],
      launchers: launcher ? [launcher] : [],
      brokers: context.brokers,
      payout: brokerPayout,
    }),
    tokens: async () => [],
  }
}

const rentable = (provider: string, clock: Clock): Offer =>
  plainOffer({
    id: `${provider}:machine-1`,
    provider,
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(1_000_000n) } },
    bookable: { no: 'no launcher' },
    observedAtMs: clock.now(),
  })

/** Enters the broker as if its registry entry were final. */
export async function openBroker({ brokers }: JobsContext, launcher: Launcher): Promise<void> {
  const [id = ''] = await wantBrokers({ brokers, launchers: [launcher], payout: brokerPayout })
  await updateDocument({ collection: brokers, id, change: (now) => ({ ...now, state: 'live' as const }) })
}
