// Checks the signature of a request to the stand-in of Dispersed: key, time, nonce and HMAC.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const WINDOW_MS = 5 * 60_000

/** Why a request is refused, if it is; written from the description and not with the client's code. A nonce counts once. */
export function refusedSignature(options: {
  request: IncomingMessage
  url: URL
  body: string
  keys: { publicKey: string; secretKey: string }
  nowMs: number
  usedNonces: Set<string>
}): string | undefined {
  const { request, url, body, keys, nowMs, usedNonces } = options
  const header = (name: string) => String(request.headers[name] ?? '')
  const [key, time, nonce] = [header('x-api-key'), header('x-time'), header('x-nonce')]
  const signature = header('x-signature')
  if (!key || !time || !nonce || !signature) return 'Missing authentication headers'
  if (key !== keys.publicKey) return 'Invalid API key'
  if (!/^\d{13}$/.test(time) || Math.abs(Number(time) - nowMs) > WINDOW_MS) {
    return 'Request timestamp is outside the allowed window'
  }
  if (!/^[0-9a-f]{32}$/.test(nonce)) return 'Invalid nonce'
  const pairs = [...url.searchParams].map((pair) => pair.map(percentEncoded).join('=')).sort()
  const digest = createHash('sha256').update(body).digest('hex')
  const line = `${key}|${time}|${nonce}|${request.method}|${url.pathname}|${pairs.join('&')}|${digest}`
  const right = createHmac('sha256', keys.secretKey).update(line).digest()
  const given = Buffer.from(signature, 'hex')
  if (given.length !== right.length || !timingSafeEqual(given, right)) return 'Invalid signature'
  if (usedNonces.has(nonce)) return 'Nonce has already been used'
  usedNonces.add(nonce)
}

const percentEncoded = (text: string) =>
  [...Buffer.from(text)]
    .map((byte) => String.fromCharCode(byte))
    .map((letter) =>
      /[\w.~-]/.test(letter) ? letter : `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
