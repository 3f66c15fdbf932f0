// The REST gateway of an indexer: GET /file?root= or ?txSeq=, whole or by range.
import type { Faults } from './faults.ts'
import type { FileStore } from './fileStore.ts'
import { flipBit } from './rpcMethods.ts'

/** An HTTP answer, not yet sent. */
export interface GatewayAnswer {
  status: number
  headers: Record<string, string>
  body: string | Uint8Array
}

/** Answers one GET; what is not found is HTTP 200 with code 101, as the live gateway does it. */
export function answerGet(request: {
  url: URL
  range: string | undefined
  store: FileStore
  faults: Faults
}): GatewayAnswer {
  const { url, range, store, faults } = request
  if (url.pathname !== '/file') return json(404, { code: 404, message: 'not found', data: null })
  const root = url.searchParams.get('root')
  const txSeq = url.searchParams.get('txSeq')
  if (!root && !txSeq)
    return json(200, { code: 1, message: 'Invalid parameter', data: 'either root or txSeq is required' })
  const file = root ? store.byRoot(root.toLowerCase() as `0x${string}`, true) : store.bySeq(Number(txSeq))
  const stored = file && store.isFinal(file) ? store.read(file) : undefined
  if (!file || !stored) return json(200, { code: 101, message: 'File not found', data: null })
  const whole = new Uint8Array(Math.max(file.size + faults.sizeOffsetBytes, 0))
  whole.set(stored.subarray(0, Math.min(whole.length, stored.length)))
  const bytes = faults.corruptDownload ? flipBit(whole) : whole
  const name = url.searchParams.get('name') ?? file.root
  const headers = {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${encodeURIComponent(name)}"`,
    'accept-ranges': 'bytes',
  }
  return range === undefined ? { status: 200, headers, body: bytes } : partOf(bytes, { range, headers })
}

function partOf(bytes: Uint8Array, request: { range: string; headers: Record<string, string> }): GatewayAnswer {
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.range)
  const [, first = '', last = ''] = match ?? []
  const from = first === '' ? Math.max(bytes.length - Number(last), 0) : Number(first)
  const to = first === '' || last === '' ? bytes.length - 1 : Math.min(Number(last), bytes.length - 1)
  if (!match || (first === '' && last === '') || from > to) {
    return { status: 416, headers: { 'content-range': `bytes */${bytes.length}` }, body: '' }
  }
  const headers = { ...request.headers, 'content-range': `bytes ${from}-${to}/${bytes.length}` }
  return { status: 206, headers, body: bytes.subarray(from, to + 1) }
}

function json(status: number, body: unknown): GatewayAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
