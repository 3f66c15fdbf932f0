// Necto's own sellers as a provider: reads the listings in our store, so it is never cached.
import type { Clock } from '../../clock.ts'
import { NectoError, wrapError } from '../../errors.ts'
import { evidenceOf } from '../../http.ts'
import type { SynapseProvider } from '../../market/provider.ts'
import { formatUsd } from '../../money.ts'
import { canonicalBytes } from '../../record/canonicalJson.ts'
import { withTimeLimit } from '../../timeLimit.ts'
import { defineProvider } from '../module.ts'
import { type NectoListing, nectoOffers } from './offers.ts'

/** `listings` gives every listing; live or not is judged here. */
export function createNectoProvider(deps: {
  listings: () => Promise<readonly NectoListing[]>
  clock: Clock
}): SynapseProvider {
  const { clock } = deps
  return {
    id: 'necto',
    name: 'Necto sellers',
    cacheKey: () => undefined,
    async offers(ask, signal) {
      const timeout = new NectoError('necto.listings', 'The sellers of Necto could not be read.', { retry: 'later' })
      const listings = await withTimeLimit({ clock, signal, timeoutMs: 5_000, timeout }, async () =>
        deps.listings().catch((error: unknown) => {
          throw wrapError(error, { code: timeout.code, message: timeout.message })
        }),
      )
      const nowMs = clock.now()
      const { offers, warnings } = nectoOffers({ listings, ask, nowMs })
      const bytes = canonicalBytes(listings.filter((listing) => listing.live).map(described))
      return {
        offers,
        evidence: [evidenceOf({ url: 'necto:listings', status: 200, bytes, fetchedAtMs: nowMs })],
        warnings,
      }
    },
  }
}

/** A listing as the evidence's digest covers it: what the offer is made of, the seller's name left out. */
function described(listing: NectoListing) {
  const { sellerName: _, usdPerGpuHour, ...rest } = listing
  return { ...rest, usdPerGpuHour: formatUsd(usdPerGpuHour) }
}

export const provider = defineProvider({ id: 'necto', settings: [], create: createNectoProvider })
