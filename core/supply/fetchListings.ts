// The listings of a Necto that runs elsewhere, read from its public page.
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import { fetchBytes, jsonOf } from '../http.ts'
import { type NectoListing, nectoListingsReply } from '../providers/necto/offers.ts'

/** `publicUrl` is that Necto's PUBLIC_URL. Throws NectoError (retry 'later') when none answers there. */
export async function fetchListings(options: { publicUrl: string; clock: Clock }): Promise<NectoListing[]> {
  const { publicUrl, clock } = options
  const url = `${publicUrl.replace(/\/+$/, '')}/listings`
  try {
    const fetched = await fetchBytes({ url, clock, signal: new AbortController().signal, timeoutMs: 2_000 })
    return nectoListingsReply.parse(jsonOf(fetched)).listings
  } catch (cause) {
    throw new NectoError('necto.elsewhere', `no Necto answers at ${publicUrl} (PUBLIC_URL)`, { retry: 'later', cause })
  }
}
