// Calls the server the way a bot library does, for tests that look at the bare answer.
import type { Telegram } from './startTelegram.ts'

/** What the Bot API answers. */
export interface ApiAnswer {
  readonly ok: boolean
  readonly result?: unknown
  readonly error_code?: number
  readonly description?: string
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number }
}

/** Posts JSON to a method. */
export async function callApi(
  { apiRoot, token }: Pick<Telegram, 'apiRoot' | 'token'>,
  { method, signal = null, ...params }: { method: string; signal?: AbortSignal | null; [name: string]: unknown },
): Promise<ApiAnswer> {
  const response = await fetch(`${apiRoot}/bot${token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
    signal,
  })
  return (await response.json()) as ApiAnswer
}

/** The id of the message a send returned. */
export function sentId({ result, description }: ApiAnswer): number {
  const id = (result as { message_id?: number } | undefined)?.message_id
  if (id === undefined) throw new Error(`nothing was sent: ${description}`)
  return id
}
