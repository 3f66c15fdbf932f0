// Values of a record as JSON: without undefined members, and with every string well-formed, since canonical JSON refuses both.
import { z } from 'zod'

/** Equal texts are equal JSON; what differs only in half surrogate pairs is equal JSON too. */
export const toJsonText = <Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>): string =>
  JSON.stringify(z.encode(schema, value))

export function toJson<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>): unknown {
  const text = toJsonText(schema, value)
  // Half a surrogate pair is written as an escape: looking for one costs far less than visiting every string.
  if (!/\\ud[89a-f]/.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, item) => (typeof item === 'string' ? item.toWellFormed() : item))
}
