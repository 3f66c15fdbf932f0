// Sellers' listings as the Necto provider reads them.
import type { Clock } from '../clock.ts'
import type { NectoListing } from '../providers/necto/offers.ts'
import type { Collection } from '../store/store.ts'
import { freeGpus, type Listing } from './listing.ts'

/** Every listing, live or not; the provider judges. */
export async function readNectoListings(options: {
  listings: Collection<Listing>
  clock: Clock
}): Promise<NectoListing[]> {
  const nowMs = options.clock.now()
  return (await options.listings.list()).map(({ value }) => ({
    id: value.id,
    payee: value.payee,
    sellerName: value.name,
    gpu: value.gpu,
    rawGpu: value.gpu.id,
    gpusPerNode: value.gpuCount,
    freeGpus: freeGpus(value, nowMs),
    usdPerGpuHour: value.usdPerGpuHour,
    region: value.region,
    runtimes: value.runtimes,
    live: value.state === 'live',
    offline: value.capacity === 'offline',
    minSeconds: 0,
    observedAtMs: nowMs,
  }))
}
