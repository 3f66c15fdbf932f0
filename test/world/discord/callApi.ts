// Calls the server the way a bot library does, for tests that look at the bare answer.
import type { Discord } from './startDiscord.ts'

/** What came back; `code` and `errors` of a refusal. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  /** The raw text, empty with 204. */
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
  readonly code: unknown
  readonly errors: unknown
}

interface ApiCall {
  /** Verb and path: `PATCH /channels/1/messages/2`. */
  readonly call: string
  readonly body?: unknown
  /** Sent as multipart with payload_json, in this order. */
  readonly files?: readonly { readonly name: string; readonly bytes: Buffer }[]
  /** The Authorization header; the bot's by default, null for none. */
  readonly authorization?: string | null
}

/** One call with the bot's token unless told otherwise. */
export async function callApi(
  { apiRoot, token }: Pick<Discord, 'apiRoot' | 'token'>,
  { call, body, files, authorization = `Bot ${token}` }: ApiCall,
): Promise<ApiAnswer> {
  const [method = '', path = ''] = call.split(' ')
  const headers: Record<string, string> = authorization === null ? {} : { authorization }
  if (!files && body !== undefined) headers['content-type'] = 'application/json'
  const sent = files ? multipart(body, files) : body === undefined ? null : JSON.stringify(body)
  const response = await fetch(`${apiRoot}/v10${path}`, { method, headers, body: sent })
  const text = await response.text()
  const json = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  return { status: response.status, headers: response.headers, text, body: json, code: json.code, errors: json.errors }
}

function multipart(body: unknown, files: NonNullable<ApiCall['files']>): FormData {
  const form = new FormData()
  form.set('payload_json', JSON.stringify(body ?? {}))
  for (const [index, { name, bytes }] of files.entries())
    form.set(`files[${index}]`, new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' }), name)
  return form
}

/** The faults of a form error, one a line: `embeds.0.title: BASE_TYPE_MAX_LENGTH`. */
export function faultLines(errors: unknown, path: readonly string[] = []): string[] {
  if (typeof errors !== 'object' || errors === null) return []
  return Object.entries(errors).flatMap(([key, value]) =>
    key === '_errors'
      ? (value as { code: string }[]).map(({ code }) => `${path.join('.')}: ${code}`)
      : faultLines(value, [...path, key]),
  )
}
