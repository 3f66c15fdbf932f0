// Reads the body of a call: JSON, or multipart with payload_json and files[n].
import type { IncomingMessage } from 'node:http'
import { entityTooLarge, invalidJson } from '../apiError.ts'
import { MAX_REQUEST_BYTES } from '../limits.ts'
import type { Files } from '../validate/message.ts'

export interface CallBody {
  /** The JSON of the call; undefined when it has none. */
  readonly body: unknown
  readonly files: Files
}

/** The body of a request. Throws 40005 when it is too large, 50109 when it is broken. */
export async function readBody(request: IncomingMessage): Promise<CallBody> {
  const bytes = await readBytes(request)
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('multipart/form-data')) return readMultipart(bytes, type)
  return { body: bytes.length === 0 ? undefined : parse(bytes.toString('utf8')), files: new Map() }
}

async function readMultipart(bytes: Buffer, type: string): Promise<CallBody> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } })
    .formData()
    .catch((cause: unknown) => {
      throw Object.assign(invalidJson(), { cause })
    })
  const files = new Map()
  for (const [field, value] of form) {
    const index = /^files\[(\d+)\]$/.exec(field)?.[1]
    if (index === undefined || typeof value === 'string') continue
    files.set(index, { name: value.name, contentType: value.type, bytes: Buffer.from(await value.arrayBuffer()) })
  }
  const payload = form.get('payload_json')
  return { body: typeof payload === 'string' ? parse(payload) : {}, files }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    // Read to the end all the same: an answer in the middle of an upload looks like a lost connection.
    if (size <= MAX_REQUEST_BYTES) chunks.push(chunk)
  }
  if (size > MAX_REQUEST_BYTES) throw entityTooLarge()
  return Buffer.concat(chunks)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidJson()
  }
}
