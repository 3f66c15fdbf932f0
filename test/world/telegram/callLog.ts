// A log of every API call with its outcome, in which the bot's token never appears.

/** One call as the bot made it; files are described, not kept. */
interface CallRecord {
  readonly at: number
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
  /** Set once answered: the HTTP status, 0 when the connection was dropped. */
  status?: number
  /** The refusal's text. */
  description?: string
}

export interface CallLog {
  begin(call: { at: number; method: string; params: Record<string, unknown> }): CallRecord
  /** All calls in order, or those of one method. */
  list(method?: string): readonly CallRecord[]
}

/** A log that replaces the token wherever a parameter carries it. */
export function createCallLog(token: string): CallLog {
  const records: CallRecord[] = []
  return {
    begin({ at, method, params }) {
      const redacted = JSON.stringify(params).replaceAll(token, '<token>')
      const record: CallRecord = { at, method, params: JSON.parse(redacted) as Record<string, unknown> }
      records.push(record)
      return record
    },
    list: (method) => records.filter((record) => method === undefined || record.method === method),
  }
}
