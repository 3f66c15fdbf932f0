// A document's way to JSON and back: encoded by its schema, decoded again as a reader will see it, frozen.
import { z } from 'zod'
import { NectoError } from '../errors.ts'
import type { CollectionDefinition } from './store.ts'

/** What is kept of one document; `value` is JSON. */
export interface Envelope {
  readonly id: string
  readonly version: number
  readonly value: unknown
}

const envelopeSchema = z.strictObject({ id: z.string(), version: z.int().positive(), value: z.unknown() })

/** A value ready to be stored: its JSON, and what decoding that JSON gives. */
export interface Encoded<T> {
  readonly json: unknown
  readonly value: T
}

/** Encodes by way of JSON text, so that a reader now sees what a reader after a restart will see. Throws `store.value`. */
export function encodeValue<T>(definition: CollectionDefinition<T>, id: string, value: T): Encoded<T> {
  try {
    const json: unknown = JSON.parse(JSON.stringify(z.encode(definition.schema, value)))
    return { json, value: freezeDeep(z.decode(definition.schema, json)) }
  } catch (cause) {
    throw new NectoError('store.value', 'This cannot be stored.', {
      details: `${definition.name}/${id}: ${faultText(cause)}`,
      cause,
    })
  }
}

/** The document in a file's JSON; `source` names the file in the NectoError `store.corrupt`. */
export function decodeEnvelope<T>(
  definition: CollectionDefinition<T>,
  json: unknown,
  source: string,
): Encoded<T> & { id: string; version: number } {
  try {
    const envelope = envelopeSchema.parse(json)
    return {
      id: envelope.id,
      version: envelope.version,
      json: envelope.value,
      value: freezeDeep(z.decode(definition.schema, envelope.value)),
    }
  } catch (cause) {
    throw corruptDocument(source, cause)
  }
}

/** A stored file that does not hold what it should. */
export function corruptDocument(source: string, cause: unknown): NectoError {
  return new NectoError('store.corrupt', 'A stored document is damaged.', {
    details: `${source}: ${faultText(cause)}`,
    cause,
  })
}

function faultText(cause: unknown): string {
  if (cause instanceof z.core.$ZodError) return z.prettifyError(cause)
  return cause instanceof Error ? cause.message : String(cause)
}

// Readers share one value, so nobody may change it; what cannot be frozen (bytes, dates, maps) is refused.
function freezeDeep<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null)
    throw new TypeError('a document is made of plain objects, arrays and primitives')
  for (const part of Object.values(value)) freezeDeep(part)
  return Object.freeze(value)
}
