// Reads a call's parameters the four ways the Bot API takes them: query string, form, JSON, multipart.
import type { IncomingMessage } from 'node:http'
import busboy from 'busboy'
import { ApiError, badRequest } from './apiError.ts'

/** A file as it was uploaded. */
export interface UploadedFile {
  readonly name: string
  readonly contentType: string
  readonly bytes: Buffer
}

/** What a method gets: parameters as sent (strings or JSON values), files by field name, the caller's patience. */
export interface Call {
  readonly params: Record<string, unknown>
  readonly files: ReadonlyMap<string, UploadedFile>
  readonly signal: AbortSignal
}

/** Uploads end here: 50 MB for a bot. */
const maxUploadBytes = 50 * 1024 * 1024

const tooLarge = () => new ApiError(413, 'Request Entity Too Large')

/** Reads query and body of a request. Throws ApiError on a body that is broken or too large. */
export async function readCall(
  request: IncomingMessage,
  { query, signal }: { query: URLSearchParams; signal: AbortSignal },
): Promise<Call> {
  const params: Record<string, unknown> = Object.fromEntries(query)
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('multipart/form-data')) {
    const { fields, files } = await readMultipart(request)
    return { params: { ...params, ...fields }, files, signal }
  }
  const body = await readBody(request)
  if (type.startsWith('application/json')) Object.assign(params, parseObject(body))
  else if (type.startsWith('application/x-www-form-urlencoded'))
    Object.assign(params, Object.fromEntries(new URLSearchParams(body)))
  return { params, files: new Map(), signal }
}

/** Busboy, because grammY writes part headers without spaces, which stricter parsers refuse. */
function readMultipart(request: IncomingMessage) {
  const fields: Record<string, string> = {}
  const files = new Map<string, UploadedFile>()
  return new Promise<{ fields: Record<string, string>; files: Map<string, UploadedFile> }>((resolve, reject) => {
    const parser = busboy({
      headers: request.headers,
      limits: { fileSize: maxUploadBytes + 1, fieldSize: maxUploadBytes },
    })
    parser.on('field', (name, value) => {
      fields[name] = value
    })
    parser.on('file', (field, stream, { filename, mimeType }) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => files.set(field, { name: filename, contentType: mimeType, bytes: Buffer.concat(chunks) }))
    })
    parser.on('close', () => {
      const bytes = [...files.values()].reduce((sum, file) => sum + file.bytes.length, 0)
      if (bytes > maxUploadBytes) reject(tooLarge())
      else resolve({ fields, files })
    })
    parser.on('error', reject)
    request.on('error', reject)
    request.pipe(parser)
  })
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxUploadBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text || '{}')
    if (typeof value === 'object' && value !== null) return value
  } catch {}
  throw badRequest("can't parse JSON object")
}
