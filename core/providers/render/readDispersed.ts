// Reads all offers of Dispersed, Render's compute network, page by page over its signed REST API.
import { NectoError } from '../../errors.ts'
import { jsonOf } from '../../http.ts'
import type { Batch, Evidence } from '../../market/provider.ts'
import { withTimeLimit } from '../../timeLimit.ts'
import { type DispersedPage, dispersedOffers, dispersedPage } from './dispersedOffers.ts'
import { type DispersedAccess, signedFetch } from './signedFetch.ts'

/** `timeoutMs` is for the whole walk as well; what was read until then is kept. */
type Dispersed = DispersedAccess

interface ReadPage extends DispersedPage {
  readonly observedAtMs: number
  readonly evidence: Evidence
}

// The most that Dispersed gives on one page.
const PAGE_ROWS = 50
const MAX_PAGES = 20

/**
 * Everything Dispersed offers, unfiltered: a filter by name would silently find nothing under another spelling. `partial`
 * when pages after the first could not be read. Throws NectoError when the first could not: render.clock, render.refused,
 * render.reply, and what fetchBytes throws.
 */
export async function readDispersed(dispersed: Dispersed, signal: AbortSignal): Promise<Batch> {
  const { clock, timeoutMs } = dispersed
  const timeout = new NectoError('http.timeout', `It did not answer within ${timeoutMs / 1000} s.`, { retry: 'later' })
  const pages: ReadPage[] = []
  let failure = ''
  try {
    await withTimeLimit({ clock, signal, timeoutMs, timeout }, (limited) => walk(dispersed, pages, limited))
  } catch (error) {
    signal.throwIfAborted()
    if (pages.length === 0 || !(error instanceof NectoError)) throw error
    failure = `: ${error.message}`
  }
  const { offers, warnings } = dispersedOffers(pages)
  const missing = totalOf(pages) - rowsOf(pages)
  const evidence = pages.map((page) => page.evidence)
  if (missing <= 0 && failure === '') return { offers, evidence, warnings }
  const partial = `${missing} of ${totalOf(pages)} offers of Dispersed are missing${failure}`
  return { offers, evidence, warnings, partial }
}

const rowsOf = (pages: readonly ReadPage[]) => pages.reduce((sum, { rows }) => sum + rows.length, 0)
const totalOf = (pages: readonly ReadPage[]) => pages.at(-1)?.total ?? 0

/** Every row that Dispersed offers just now. Throws NectoError, also when some are missing. */
export async function readRows(dispersed: Dispersed, signal: AbortSignal): Promise<unknown[]> {
  const pages: ReadPage[] = []
  await walk(dispersed, pages, signal)
  if (rowsOf(pages) >= totalOf(pages)) return pages.flatMap(({ rows }) => rows)
  throw new NectoError('render.partial', 'Dispersed did not list all its nodes.', { retry: 'later' })
}

/** Turns pages into `pages` until all offers are there, none come any more, or there are absurdly many. */
async function walk(dispersed: Dispersed, pages: ReadPage[], signal: AbortSignal): Promise<void> {
  while (pages.length < MAX_PAGES) {
    const page = await readPage(dispersed, pages.length + 1, signal)
    pages.push(page)
    if (page.rows.length === 0 || rowsOf(pages) >= page.total) return
  }
}

async function readPage(dispersed: Dispersed, page: number, signal: AbortSignal): Promise<ReadPage> {
  const query = { limit: String(PAGE_ROWS), page: String(page) }
  const fetched = await signedFetch(dispersed, { path: '/v1/compute/offers', query }, signal)
  const { evidence } = fetched
  return { ...dispersedPage(jsonOf(fetched)), observedAtMs: evidence.fetchedAtMs, evidence }
}
