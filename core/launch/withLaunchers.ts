// Providers whose offers can be booked where Necto has a launcher for them, and their own words where it has none.
import type { Address } from 'viem'
import type { Offer } from '../market/offer.ts'
import type { SynapseProvider } from '../market/provider.ts'
import type { Collection } from '../store/store.ts'
import { type Broker, brokerPayee } from './broker.ts'
import type { Launcher } from './launcher.ts'

const NOT_REGISTERED = 'its settlement wallet is not on the escrow chain yet'

/** The providers in their order. Only an entry that is final on chain makes an offer bookable. */
export function withLaunchers(options: {
  providers: readonly SynapseProvider[]
  launchers: readonly Launcher[]
  brokers: Pick<Collection<Broker>, 'get'>
  payout: Address | undefined
}): SynapseProvider[] {
  const { providers, launchers, brokers, payout } = options
  return providers.map((provider) => {
    const launcher = launchers.find((one) => one.provider === provider.id)
    if (!launcher || payout === undefined) return provider
    return {
      ...provider,
      async offers(ask, signal) {
        const batch = await provider.offers(ask, signal)
        const live = new Map<string, Offer['payee']>()
        for (const priceAsset of launcher.priceAssets) {
          const payee = brokerPayee({ provider: provider.id, priceAsset, payout })
          if ((await brokers.get(payee))?.value.state === 'live') live.set(priceAsset, payee)
        }
        return {
          ...batch,
          offers: batch.offers.map((offer) => launchable({ offer, among: batch.offers, launcher, live })),
        }
      },
    }
  })
}

/** The offer as it can be booked, or why the launcher does not take it. What nobody rents out or Necto does not know stays. */
function launchable(options: {
  offer: Offer
  among: readonly Offer[]
  launcher: Launcher
  live: ReadonlyMap<string, Offer['payee']>
}): Offer {
  const { offer, among, launcher, live } = options
  if (offer.estimated !== undefined || !offer.gpu) return offer
  const no = launcher.refuses(offer, among)
  if (no !== undefined) return { ...offer, bookable: { no } }
  const payee = live.get(offer.price.model === 'token' ? offer.price.token : 'USD')
  if (!payee) return { ...offer, bookable: { no: NOT_REGISTERED } }
  const fees = [...(offer.fees ?? []), ...(launcher.surcharges?.(offer) ?? [])]
  return { ...offer, bookable: true, payee, ...(fees.length > 0 && { fees }) }
}
