// Akash's chain over its REST gateways ("LCD"): all open bids, page by page, from the first host that can give them.
import { z } from 'zod'
import type { Clock } from '../../clock.ts'
import { errorText, NectoError } from '../../errors.ts'
import { fetchBytes, jsonOf, StatusError } from '../../http.ts'
import type { Evidence } from '../../market/provider.ts'
import { notAkash } from './offers.ts'

/** The open bids as they stood at `height`. */
export interface OpenBids {
  readonly rows: readonly unknown[]
  readonly height: number
  readonly evidence: readonly Evidence[]
  readonly observedAtMs: number
  /** Set when the walk was cut short: what was read. */
  readonly cut?: string
}

/** Versions of the market module, newest first; a chain serves one of them and answers 501 for the others. */
const VERSIONS = ['v1beta5', 'v1beta4'] as const
const PAGE_LIMIT = 500
const MAX_PAGES = 6
// The latest block is a small reply: who does not give it at once would not give the bids in time either.
const HEIGHT_MS = 1_000
const PAGE_MS = 2_000
/** All hosts and pages together: below the six seconds of a scan, so that what was read still counts. */
const WALK_MS = 5_000
const MAX_BEHIND_MS = 5 * 60_000

const latestBlock = z.object({
  block: z.object({ header: z.object({ height: z.string().regex(/^\d{1,15}$/), time: z.string() }) }),
})
const bidPage = z.object({
  bids: z.array(z.unknown()),
  pagination: z.object({ next_key: z.string().nullish() }).nullish(),
})
type BidPage = z.output<typeof bidPage>
// gRPC's "unimplemented", the body of a 501; some proxies send it with another status.
const unimplemented = z.object({ code: z.literal(12) })

interface Served {
  readonly url: string
  readonly version: string
}

/**
 * Hosts are tried in order, the last good one first, each with its own short limits: a host without the bids (501 for
 * every version, 404, 5xx, unreachable, silent, behind) is passed over.
 *
 * The list is ordered by the address of the order's owner, so new bids lie anywhere in it and asking for it in reverse
 * would not bring them first; one line of Akash's releases refuses `pagination.reverse` altogether. So the walk reads
 * at most 3000 open bids and says when there were more.
 */
export function createLcd(options: { urls: readonly string[]; clock: Clock }) {
  const { clock } = options
  const urls = options.urls.map((url) => url.replace(/\/+$/, ''))
  let good: Served | undefined

  return {
    /** Throws NectoError 'akash.bids' (retry 'later') when no host gives the bids. */
    async openBids(signal: AbortSignal): Promise<OpenBids> {
      const endMs = clock.now() + WALK_MS
      const failures: string[] = []
      let last = 'none is set.'
      for (const url of new Set([...(good ? [good.url] : []), ...urls])) {
        if (clock.now() >= endMs) break
        try {
          const { version, ...bids } = await walk({ url, endMs, signal })
          good = { url, version }
          return bids
        } catch (error) {
          signal.throwIfAborted()
          if (!(error instanceof NectoError)) throw error
          last = error.message
          failures.push(`${url}: ${errorText(error)}`)
        }
      }
      const message = `None of Akash's ${urls.length} chain hosts could be read, the last said: ${last}`
      throw new NectoError('akash.bids', message, { retry: 'later', details: failures.join('; ') })
    },
  }

  async function walk({ url, endMs, signal }: { url: string; endMs: number; signal: AbortSignal }) {
    const evidence: Evidence[] = []
    async function get(path: string, limitMs: number): Promise<unknown> {
      const timeoutMs = Math.max(1, Math.min(limitMs, endMs - clock.now()))
      const fetched = await fetchBytes({ url: `${url}${path}`, signal, clock, timeoutMs })
      const json = jsonOf(fetched)
      evidence.push(fetched.evidence)
      return json
    }
    const height = heightOf(await get('/cosmos/base/tendermint/v1beta1/blocks/latest', HEIGHT_MS), clock.now())
    const observedAtMs = clock.now()
    const known = good?.url === url ? [good.version] : []
    const versions = [...new Set([...known, ...VERSIONS])]
    const { version, page } = await firstPage(versions, (path) => get(path, PAGE_MS))
    const rows = [...page.bids]
    const done = { version, height, evidence, observedAtMs, rows }
    const keyed = Boolean(page.pagination?.next_key)
    let next = nextPage(page, { read: rows.length, keyed })
    for (let pages = 1; next !== undefined; pages++) {
      if (pages === MAX_PAGES) return { ...done, cut: `only the first ${rows.length} were read` }
      try {
        const more = pageOf(await get(bidsPath(version, next), PAGE_MS))
        rows.push(...more.bids)
        const following = nextPage(more, { read: rows.length, keyed })
        if (following === next) throw notAkash('a page refers to itself')
        next = following
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof NectoError)) throw error
        return { ...done, cut: `only the first ${rows.length} were read: ${error.message}` }
      }
    }
    return done
  }
}

async function firstPage(versions: readonly string[], get: (path: string) => Promise<unknown>) {
  for (const version of versions) {
    try {
      const reply = await get(bidsPath(version))
      if (!unimplemented.safeParse(reply).success) return { version, page: pageOf(reply) }
    } catch (error) {
      if (!(error instanceof StatusError && error.status === 501)) throw error
    }
  }
  const details = `none of ${versions.join(', ')} is served`
  throw new NectoError('akash.version', 'It does not serve the market.', { retry: 'later', details })
}

const bidsPath = (version: string, more = '') =>
  `/akash/market/${version}/bids/list?filters.state=open&pagination.limit=${PAGE_LIMIT}${more}`

function pageOf(reply: unknown): BidPage {
  const parsed = bidPage.safeParse(reply)
  if (!parsed.success) throw notAkash(z.prettifyError(parsed.error))
  return parsed.data
}

/** What to add to the path for the page after this one: `read` counts the rows so far, `keyed` says how pages go on. */
function nextPage({ bids, pagination }: BidPage, walk: { read: number; keyed: boolean }): string | undefined {
  const key = pagination?.next_key
  if (key) return `&pagination.key=${encodeURIComponent(key)}`
  // That line of releases gives no keys: a full page may be followed by another all the same.
  return !walk.keyed && bids.length >= PAGE_LIMIT ? `&pagination.offset=${walk.read}` : undefined
}

/** Throws when the host is so far behind the chain that its open bids are old ones. */
function heightOf(reply: unknown, nowMs: number): number {
  const parsed = latestBlock.safeParse(reply)
  if (!parsed.success) throw notAkash(z.prettifyError(parsed.error))
  const { height, time } = parsed.data.block.header
  const behindMs = nowMs - Date.parse(time)
  if (!(behindMs <= MAX_BEHIND_MS)) {
    const details = `its latest block is of ${time}`
    throw new NectoError('akash.behind', 'It is behind the chain.', { retry: 'later', details })
  }
  return Number(height)
}
