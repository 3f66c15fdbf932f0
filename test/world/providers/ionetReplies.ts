// Replies as io.net's API makes them: JSON, FastAPI's errors, and parameters checked as FastAPI checks them.
import type { Reply } from './standInServer.ts'

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
})

export const detail = (status: number, text: string): Reply => json(status, { detail: text })

/** The whole numbers asked for, none below `least`; or the 422 that lists every fault. */
export function wholeNumbers<Key extends string>(
  query: URLSearchParams,
  least: Record<Key, number>,
): Record<Key, number> | Reply {
  const faults: unknown[] = []
  const values: Record<string, number> = {}
  for (const [key, min] of Object.entries<number>(least)) {
    const text = query.get(key)
    const loc = ['query', key]
    if (text === null) faults.push({ type: 'missing', loc, msg: 'Field required', input: null })
    else if (!/^-?\d{1,15}$/.test(text)) {
      const msg = 'Input should be a valid integer, unable to parse string as an integer'
      faults.push({ type: 'int_parsing', loc, msg, input: text })
    } else if (Number(text) < min) {
      const msg = `Input should be greater than or equal to ${min}`
      faults.push({ type: 'greater_than_equal', loc, msg, input: text, ctx: { ge: min } })
    } else values[key] = Number(text)
  }
  return faults.length > 0 ? json(422, { detail: faults }) : values
}

export const isReply = (value: object): value is Reply => 'body' in value && 'headers' in value
