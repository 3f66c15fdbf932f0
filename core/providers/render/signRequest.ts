// Dispersed's signature of a request: HMAC-SHA256 of a canonical line, in four headers.
import { createHash, createHmac } from 'node:crypto'
import { canonicalBytes } from '../../record/canonicalJson.ts'

export interface DispersedKeys {
  /** "pk_…" */
  readonly publicKey: string
  readonly secretKey: string
}

/**
 * The headers of one request. `path` is the URL's path alone, `query` what canonicalQuery made and the URL carries,
 * `body` the JSON value whose canonical text is sent, absent when none is. `nonce` is 32 hex digits, used once; `atMs`
 * must be within five minutes of Dispersed's clock.
 */
export function signRequest(request: {
  keys: DispersedKeys
  method: 'GET' | 'POST' | 'PUT'
  path: string
  query: string
  body?: unknown
  atMs: number
  nonce: string
}): Record<string, string> {
  const { keys, method, path, query, body, atMs, nonce } = request
  // Compact JSON with sorted keys, letters beyond ASCII as they are; no body is hashed as the empty string.
  const bytes = body === undefined ? '' : canonicalBytes(body)
  const digest = createHash('sha256').update(bytes).digest('hex')
  const line = [keys.publicKey, atMs, nonce, method, path, query, digest].join('|')
  return {
    'X-API-Key': keys.publicKey,
    'X-Time': String(atMs),
    'X-Nonce': nonce,
    'X-Signature': createHmac('sha256', keys.secretKey).update(line).digest('hex'),
  }
}

/** Parameters as they are signed and sent: sorted by name, then value, percent-encoded as RFC 3986 says, no "?". */
export function canonicalQuery(parameters: readonly (readonly [name: string, value: string])[]): string {
  return [...parameters]
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&')
}

// encodeURIComponent leaves these five, which RFC 3986 reserves.
const encoded = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
