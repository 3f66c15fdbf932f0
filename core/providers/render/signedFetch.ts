// One signed request to Dispersed: what is signed is what is sent, and a refused signature is told from a wrong clock.
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import { type Fetched, fetchBytes, StatusError } from '../../http.ts'
import { canonicalize } from '../../record/canonicalJson.ts'
import { canonicalQuery, type DispersedKeys, signRequest } from './signRequest.ts'

export interface DispersedAccess {
  /** https://api.dispersed.com */
  readonly baseUrl: string
  readonly keys: DispersedKeys
  readonly clock: Clock
  /** For one request. */
  readonly timeoutMs: number
}

/** Throws what fetchBytes throws, render.clock and render.refused. */
export async function signedFetch(
  access: DispersedAccess,
  request: {
    path: string
    query?: Readonly<Record<string, string>>
    method?: 'POST' | 'PUT'
    body?: unknown
  },
  signal: AbortSignal,
): Promise<Fetched> {
  const { baseUrl, keys, clock, timeoutMs } = access
  const { method, body } = request
  const query = canonicalQuery(Object.entries(request.query ?? {}))
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}${request.path}${query && `?${query}`}`)
  const signed = signRequest({
    ...{ keys, method: method ?? 'GET', path: url.pathname, query, body },
    atMs: clock.now(),
    nonce: randomBytes(16).toString('hex'),
  })
  const options = {
    url: url.href,
    ...(method && { method }),
    headers: { ...signed, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: canonicalize(body) }),
  }
  return fetchBytes({ ...options, signal, clock, timeoutMs }).catch((error: unknown) => {
    throw refusal(error)
  })
}

function refusal(error: unknown): unknown {
  if (!(error instanceof StatusError) || ![401, 403].includes(error.status)) return error
  const { details } = error
  // Names of fields say nothing: any error may carry a "timestamp".
  if (/\btime|clock|skew/i.test(error.body.replace(/"[\w-]+"\s*:/g, ''))) {
    const message = "It refused the time of the request: is this machine's clock more than five minutes off?"
    return new NectoError('render.clock', message, { retry: 'later', details, cause: error })
  }
  return new NectoError('render.refused', `It refused the keys (${error.status}).`, { details, cause: error })
}
