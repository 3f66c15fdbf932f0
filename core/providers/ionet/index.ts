// io.net as a provider: keyless list prices over REST, and with a key firm prices of its container service.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { fetchBytes, jsonOf } from '../../http.ts'
import type { Ask } from '../../market/ask.ts'
import type { Batch, SynapseProvider } from '../../market/provider.ts'
import { optional, setting, text, url } from '../../settings.ts'
import { defineProvider } from '../module.ts'
import { orderOf } from './caas.ts'
import { readFirmPrices } from './firmPrices.ts'
import { createIonetLauncher } from './launch.ts'
import { catalogueRows, type ListRow, listOffers, snapshotRows } from './offers.ts'
import { replayIonet } from './replay.ts'
import { withFirmPrices } from './withFirmPrices.ts'

export interface IonetOptions {
  /** https://api.io.solutions */
  readonly baseUrl: string
  /** Of io.net's container service; without it there are list prices only. */
  readonly apiKey?: string | undefined
  readonly clock: Clock
  /** For one request. Two lists one after the other, and all firm prices beside them, take at most twice that. */
  readonly timeoutMs?: number
}

const SNAPSHOT = '/v1/io-explorer/network/market-snapshot?hardware_type=gpu'
const CATALOGUE = '/v1/io-cloud/clusters/create-cluster-data'

/** Reads the market snapshot, the cluster catalogue when that fails (PROV-02), and firm prices when there is a key. */
export function createIonetProvider(options: IonetOptions): SynapseProvider {
  const { apiKey, clock, timeoutMs = 2_500 } = options
  const baseUrl = options.baseUrl.replace(/\/+$/, '')

  async function readList(path: string, rowsOf: (reply: unknown) => ListRow[], signal: AbortSignal): Promise<Batch> {
    const fetched = await fetchBytes({ url: `${baseUrl}${path}`, signal, clock, timeoutMs })
    const { offers, warnings } = listOffers(rowsOf(jsonOf(fetched)), fetched.evidence.fetchedAtMs)
    return { offers, evidence: [fetched.evidence], warnings }
  }

  /** Throws the snapshot's error when the catalogue cannot be read either. */
  async function readLists(signal: AbortSignal): Promise<Batch> {
    try {
      return await readList(SNAPSHOT, snapshotRows, signal)
    } catch (error) {
      if (signal.aborted || !(error instanceof NectoError)) throw error
      const served = await readList(CATALOGUE, catalogueRows, signal).catch(() => {
        signal.throwIfAborted()
        throw error
      })
      const why = `from the cluster catalogue, because the market snapshot could not be read: ${error.message}`
      return { ...served, warnings: [why, ...served.warnings] }
    }
  }

  /** Lists and firm prices at once; either stands alone when the other cannot be read. */
  async function readBoth(key: string, ask: Ask, signal: AbortSignal): Promise<Batch> {
    const source = { baseUrl, apiKey: key, clock, timeoutMs, walkTimeoutMs: timeoutMs * 2 }
    const orError = (error: unknown) => {
      signal.throwIfAborted()
      if (error instanceof NectoError) return error
      throw error
    }
    const [lists, firm] = await Promise.all([
      readLists(signal).catch(orError),
      readFirmPrices(source, ask, signal).catch(orError),
    ])
    if (firm instanceof NectoError) {
      if (lists instanceof NectoError) throw lists
      return { ...lists, warnings: [...lists.warnings, `no firm prices, list prices stand: ${firm.message}`] }
    }
    const listed = lists instanceof NectoError ? undefined : lists
    const { offers, warnings, missing } = withFirmPrices(listed?.offers ?? [], firm)
    if (lists instanceof NectoError && offers.length === 0) throw lists
    if (lists instanceof NectoError) missing.push(`list prices are missing: ${lists.message}`)
    return {
      offers,
      evidence: [...(listed?.evidence ?? []), ...firm.evidence],
      warnings: [...(listed?.warnings ?? []), ...warnings],
      ...(missing.length > 0 ? { partial: missing.join('; ') } : {}),
    }
  }

  return {
    id: 'ionet',
    name: 'io.net',
    // The lists hold every GPU; a firm price is of one order.
    cacheKey(ask) {
      if (apiKey === undefined) return 'all'
      const { gpus, hours } = orderOf(ask)
      return `${ask.gpu.family} x${gpus} ${hours}h`
    },
    offers: (ask, signal) => (apiKey === undefined ? readLists(signal) : readBoth(apiKey, ask, signal)),
  }
}

export const provider = defineProvider({
  id: 'ionet',
  settings: [
    setting('IONET_API_URL', url, 'io.net API', 'https://api.io.solutions'),
    optional(
      'IONET_API_KEY',
      text,
      "Key of io.net's containers: firm prices, and jobs there paid from its account; without it list prices stand",
      { secret: true, off: 'firm prices of io.net and jobs there' },
    ),
  ],
  create: ({ clock, settings }) =>
    createIonetProvider({ baseUrl: settings.IONET_API_URL, apiKey: settings.IONET_API_KEY, clock }),
  launcher: ({ clock, settings }) =>
    settings.IONET_API_KEY === undefined
      ? undefined
      : createIonetLauncher({ clock, baseUrl: settings.IONET_API_URL, apiKey: settings.IONET_API_KEY }),
  replay: replayIonet,
})
