// A log of every REST call with its outcome, in which neither the bot's token nor an interaction's appears.
import type { Json } from '../json.ts'

/** One call as the bot made it; files are described, not kept. */
interface CallRecord {
  readonly at: number
  /** Verb and pattern, as `PATCH /channels/:channel/messages/:message`. */
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
  readonly files: readonly string[]
  /** Whether it came with an Authorization header. */
  readonly hasToken: boolean
  /** Set once answered: the HTTP status, 0 when the connection was dropped. */
  status?: number
  /** Discord's code of a refusal. */
  code?: number
}

export interface CallLog {
  begin(call: Omit<CallRecord, 'status' | 'code'>): CallRecord
  /** All calls in order, or those whose route contains this. */
  list(route?: string): readonly CallRecord[]
}

/** A log that leaves the tokens out. */
export function createCallLog(botToken: string): CallLog {
  const records: CallRecord[] = []
  return {
    begin({ params: { token: _token, ...params }, body, ...rest }) {
      const redacted: unknown = JSON.parse(JSON.stringify(body ?? null).replaceAll(botToken, '<token>'))
      const record: CallRecord = { ...rest, params, body: redacted as Json }
      records.push(record)
      return record
    },
    list: (route) => records.filter((record) => route === undefined || record.route.includes(route)),
  }
}
