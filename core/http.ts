// Reading one URL of an outside service: time limit, size limit, and every failure named, with evidence of the bytes.
import { createHash } from 'node:crypto'
import type { Clock } from './clock.ts'
import { NectoError, wrapError } from './errors.ts'
import type { Evidence } from './market/provider.ts'
import { withTimeLimit } from './timeLimit.ts'

export interface FetchOptions {
  readonly url: string
  /** GET unless given. */
  readonly method?: 'POST' | 'PUT' | 'DELETE'
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly signal: AbortSignal
  readonly clock: Clock
  /** For the whole exchange, body included. */
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

/** What came back with a 2xx status: the raw bytes, and what lets a stranger check that they are the same. */
export interface Fetched {
  readonly bytes: Uint8Array
  readonly evidence: Evidence
}

/** The service asks to be left alone; `retryAfterMs` is set when it said for how long. */
export class BusyError extends NectoError {
  readonly retryAfterMs: number | undefined

  constructor(retryAfterMs: number | undefined, details: string) {
    const wait = retryAfterMs === undefined ? 'later' : `in ${Math.ceil(retryAfterMs / 1000)} s`
    super('http.busy', `It is busy and asks to try again ${wait}.`, { retry: 'later', details })
    this.retryAfterMs = retryAfterMs
  }
}

/** An error status that does not mean busy, with the beginning of what the service says about it. */
export class StatusError extends NectoError {
  readonly status: number
  readonly body: string

  constructor(reply: { status: number; body: string; url: string }) {
    const { status, body } = reply
    super('http.status', `It answered with an error (${status}).`, {
      retry: status >= 500 || status === 408 ? 'later' : 'never',
      details: `${status} from ${publicUrl(reply.url)}: ${body}`,
    })
    this.status = status
    this.body = body
  }
}

/**
 * Asks a URL. Throws NectoError: http.busy (429, or 503 with Retry-After), http.status, http.too-large, http.not-json
 * (a page where data was expected), http.timeout, http.unreachable; rejects with the signal's reason when it is
 * aborted. Redirects are refused, because headers that carry keys would follow them to another host.
 */
export async function fetchBytes(options: FetchOptions): Promise<Fetched> {
  const { url, method = 'GET', body, clock, signal, timeoutMs = 5_000, maxBytes = 8 * 1024 * 1024 } = options
  const timeout = new NectoError('http.timeout', `It did not answer within ${timeoutMs / 1000} s.`, { retry: 'later' })
  return withTimeLimit({ clock, signal, timeoutMs, timeout }, async (limited) => {
    try {
      const headers = { accept: 'application/json', ...options.headers }
      const response = await fetch(url, { method, headers, ...(body && { body }), redirect: 'manual', signal: limited })
      const bytes = await readBody(response, maxBytes)
      refuseFailure({ response, bytes, url, nowMs: clock.now() })
      return { bytes, evidence: evidenceOf({ url, status: response.status, bytes, fetchedAtMs: clock.now() }) }
    } catch (error) {
      throw wrapError(error, { code: 'http.unreachable', message: 'It could not be reached.' })
    }
  })
}

/** The JSON in fetched bytes, for the caller's schema to judge. Throws http.not-json when it is cut short or no JSON. */
export function jsonOf({ bytes, evidence }: Fetched): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw notJson(`${bytes.byteLength} bytes from ${evidence.url}`, cause)
  }
}

/** Evidence of raw bytes, however they were fetched. */
export function evidenceOf(reply: { url: string; status: number; bytes: Uint8Array; fetchedAtMs: number }): Evidence {
  return {
    url: publicUrl(reply.url),
    status: reply.status,
    fetchedAtMs: reply.fetchedAtMs,
    byteLength: reply.bytes.byteLength,
    sha256: createHash('sha256').update(reply.bytes).digest('hex'),
  }
}

/** The URL without what could be a secret: user info, fragment, and the values of parameters that look like keys. */
export function publicUrl(url: string): string {
  const clean = new URL(url)
  clean.username = ''
  clean.password = ''
  clean.hash = ''
  for (const name of [...clean.searchParams.keys()]) {
    if (/key|token|secret|sig|auth|pass|cred/i.test(name)) clean.searchParams.set(name, 'hidden')
  }
  return clean.href
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the body, so that no more of it is downloaded.
    if (size > maxBytes) throw new NectoError('http.too-large', 'Its answer is too large to read.', { retry: 'later' })
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function refuseFailure(reply: { response: Response; bytes: Uint8Array; url: string; nowMs: number }) {
  const { response, bytes, nowMs } = reply
  const { status } = response
  const body = new TextDecoder().decode(bytes.slice(0, 300))
  const details = `${status} from ${publicUrl(reply.url)}: ${body}`
  const retryAfterMs = retryAfter(response.headers.get('retry-after'), nowMs)
  if (status === 429 || (status === 503 && retryAfterMs !== undefined)) throw new BusyError(retryAfterMs, details)
  if (!response.ok) throw new StatusError({ status, body, url: reply.url })
  const looksLikePage = response.headers.get('content-type')?.includes('text/html') || bytes[0] === '<'.charCodeAt(0)
  if (looksLikePage) throw notJson(details)
}

/** What a Retry-After header asks for, in milliseconds: it carries seconds or an HTTP date. Undefined for anything else. */
export function retryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

function notJson(details: string, cause?: unknown) {
  return new NectoError('http.not-json', 'It answered with something that is not data.', {
    retry: 'later',
    details,
    cause,
  })
}
