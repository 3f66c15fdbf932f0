// The walk for firm prices: with a key, io.net's container service is asked what this very order costs, place by place.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { BusyError, fetchBytes, jsonOf, StatusError } from '../../http.ts'
import type { Ask } from '../../market/ask.ts'
import type { Offer } from '../../market/offer.ts'
import type { Evidence } from '../../market/provider.ts'
import type { DroppedRow } from '../dropped.ts'
import { caasUrl, firmOffer, type Hardware, hardwareOf, orderOf, type Place, placesOf, priceQuery } from './caas.ts'

export interface FirmSource {
  readonly baseUrl: string
  readonly apiKey: string
  readonly clock: Clock
  /** For one request, and for the whole walk. */
  readonly timeoutMs: number
  readonly walkTimeoutMs: number
}

/** What became of one hardware of the asked family. */
export interface FirmOutcome {
  readonly hardware: Hardware
  readonly offers: readonly Offer[]
  /** No place has room for a container of this size. */
  readonly isFull: boolean
  /** For people: "Iceland: It answered with an error (500)." */
  readonly failed: readonly string[]
  /** Places with room that were not asked for a price. */
  readonly notAsked: readonly string[]
}

export interface FirmPrices {
  readonly outcomes: readonly FirmOutcome[]
  /** Of the asked family, but one too many to ask about. */
  readonly notAsked: readonly string[]
  readonly dropped: readonly DroppedRow[]
  readonly evidence: readonly Evidence[]
}

// At most 1 + 4 + 4 × 3 requests, four at once: the service's budget is not published.
const HARDWARE_AT_MOST = 4
const PLACES_AT_MOST = 3

/**
 * Asks about the hardware of the ask's GPU family that can hold all its GPUs in one container. What fails for one place
 * or hardware, or comes after the walk's time, is in its outcome; throws NectoError when nothing could be asked:
 * 'ionet.refused' for the key (retry never), 'ionet.request' for a request that the service finds invalid.
 */
export async function readFirmPrices(source: FirmSource, ask: Ask, signal: AbortSignal): Promise<FirmPrices> {
  const { clock, walkTimeoutMs } = source
  const late = new AbortController()
  const done = new AbortController()
  const message = `Firm prices take longer than ${walkTimeoutMs / 1000} s.`
  clock.sleep(walkTimeoutMs, done.signal).then(
    () => late.abort(new NectoError('ionet.timeout', message, { retry: 'later' })),
    () => undefined,
  )
  try {
    return await walk(source, ask, { signal, limited: AbortSignal.any([signal, late.signal]) })
  } finally {
    done.abort()
  }
}

/** `limited` ends every request when the walk's time is over; only the caller's own signal ends the walk. */
async function walk(
  source: FirmSource,
  ask: Ask,
  { signal, limited }: { signal: AbortSignal; limited: AbortSignal },
): Promise<FirmPrices> {
  const order = orderOf(ask)
  const evidence: Evidence[] = []
  const dropped: DroppedRow[] = []
  const get = async (path: string, query: Record<string, string | number> = {}) => {
    const fetched = await read(source, { path, query, signal: limited })
    evidence.push(fetched.evidence)
    return fetched
  }

  const { hardware, dropped: unread } = hardwareOf(jsonOf(await get('/hardware/max-gpus-per-container')))
  dropped.push(...unread)
  const wanted = hardware.filter(({ gpu }) => gpu?.family === ask.gpu.family)
  const fitting = wanted.filter(({ maxGpus }) => maxGpus >= order.gpus)
  const asked = fitting.slice(0, HARDWARE_AT_MOST)
  const outcomes = await Promise.all([
    ...wanted.filter((one) => !fitting.includes(one)).map((one) => nothing(one)),
    ...asked.map((one) => askAbout(one)),
  ])
  return { outcomes, notAsked: fitting.slice(HARDWARE_AT_MOST).map(({ name }) => name), dropped, evidence }

  async function askAbout(one: Hardware): Promise<FirmOutcome> {
    try {
      const reply = await get('/available-replicas', { hardware_id: one.id, hardware_qty: order.gpus })
      const { places, dropped: unreadPlaces } = placesOf(jsonOf(reply))
      dropped.push(...unreadPlaces)
      const priced = await askPrices(one, places.slice(0, PLACES_AT_MOST))
      const notAsked = places.slice(PLACES_AT_MOST).map(({ name }) => name)
      return { hardware: one, ...priced, isFull: places.length === 0 && unreadPlaces.length === 0, notAsked }
    } catch (error) {
      return { ...nothing(one), failed: [reasonOf(error, signal)] }
    }
  }

  // One after the other, so that no more than one request per hardware is under way.
  async function askPrices(one: Hardware, places: readonly Place[]) {
    const offers: Offer[] = []
    const failed: string[] = []
    let busy: string | undefined
    for (const place of places) {
      try {
        if (busy !== undefined) failed.push(`${place.name}: ${busy}`)
        else {
          const fetched = await get('/price', priceQuery(one.id, place.id, order))
          const observedAtMs = fetched.evidence.fetchedAtMs
          const offer = firmOffer(jsonOf(fetched), { hardware: one, place, order, observedAtMs })
          if ('reason' in offer) failed.push(`${place.name}: ${offer.reason}`)
          else offers.push(offer)
        }
      } catch (error) {
        const reason = reasonOf(error, signal)
        failed.push(`${place.name}: ${reason}`)
        if (error instanceof BusyError) busy = reason
      }
    }
    return { offers, failed }
  }
}

const nothing = (hardware: Hardware): FirmOutcome => ({
  hardware,
  offers: [],
  isFull: false,
  failed: [],
  notAsked: [],
})

async function read(
  source: FirmSource,
  of: { path: string; query: Record<string, string | number>; signal: AbortSignal },
) {
  const { baseUrl, apiKey, clock, timeoutMs } = source
  const url = caasUrl(baseUrl, of.path, of.query)
  try {
    return await fetchBytes({ url, headers: { 'x-api-key': apiKey }, signal: of.signal, clock, timeoutMs })
  } catch (error) {
    throw refusal(error) ?? error
  }
}

/** What io.net means by these statuses; none of them passes by itself. */
function refusal(error: unknown): NectoError | undefined {
  if (!(error instanceof StatusError)) return undefined
  const { status, details } = error
  const refused = (message: string) => new NectoError('ionet.refused', message, { details, cause: error })
  if (status === 401) return refused('io.net does not know the key (401).')
  if (status === 403) return refused('io.net does not let this key ask for container prices (403).')
  // Also what it says to a key of another of its products.
  if (status === 400) return refused('io.net refused the request, perhaps because the key is not for containers (400).')
  if (status !== 422) return undefined
  return new NectoError('ionet.request', 'io.net found the request invalid (422).', { details, cause: error })
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted()
  if (error instanceof NectoError) return error.message
  throw error
}
