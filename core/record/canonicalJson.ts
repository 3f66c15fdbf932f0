// RFC 8785 canonical JSON: one text per value, so that equal records have equal bytes.
import { errorText, NectoError } from '../errors.ts'

// Deeper than any record; keeps hostile nesting from exhausting the stack.
const maxDepth = 256

/**
 * The RFC 8785 (JCS) text of a value. Numbers follow the RFC, so every finite double is accepted and written as
 * ECMAScript writes it; money and other exact quantities belong in strings.
 * Throws `record.not-canonicalizable` for what JSON would silently drop or change: undefined, bigint, functions,
 * symbols, NaN and infinities, lone surrogates, array holes, objects that are not plain, cycles, nesting over 256.
 */
export function canonicalize(value: unknown): string {
  return write(value, { path: '$', parents: [] })
}

/** The UTF-8 bytes of `canonicalize(value)`: no byte order mark, no trailing newline. */
export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalize(value))
}

/**
 * Parses bytes that must already be canonical: whatever does not come back byte for byte (white space, key order,
 * duplicate keys, a number a double cannot hold, trailing NULs) throws `record.not-canonical`.
 */
export function parseCanonical(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw notCanonical(errorText(error), error)
  }
  if (canonicalize(value) !== text) throw notCanonical('the text is JSON, but not in canonical form')
  return value
}

interface Place {
  path: string
  parents: object[]
}

function write(value: unknown, place: Place): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeString(value, place)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refused(place, `number ${value}`)
    return JSON.stringify(value)
  }
  if (typeof value !== 'object') throw refused(place, typeof value)
  if (place.parents.includes(value)) throw refused(place, 'cycle')
  if (place.parents.length >= maxDepth) throw refused(place, `nesting over ${maxDepth}`)
  const parents = [...place.parents, value]
  return Array.isArray(value) ? writeArray(value, { ...place, parents }) : writeObject(value, { ...place, parents })
}

function writeArray(items: unknown[], place: Place): string {
  // Array.from visits holes too, which then are refused as undefined.
  const parts = Array.from(items, (item, i) => write(item, { ...place, path: `${place.path}[${i}]` }))
  return `[${parts.join(',')}]`
}

function writeObject(value: object, place: Place): string {
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) throw refused(place, 'object that is not plain')
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused(place, 'symbol key')
  const parts = Object.entries(value)
    // The RFC orders by UTF-16 code units, which is how JavaScript compares strings.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => {
      const inner = { ...place, path: `${place.path}.${key}` }
      return `${writeString(key, inner)}:${write(item, inner)}`
    })
  return `{${parts.join(',')}}`
}

function writeString(text: string, place: Place): string {
  if (!text.isWellFormed()) throw refused(place, 'lone surrogate')
  return JSON.stringify(text)
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    // ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw notCanonical('not UTF-8', error)
  }
}

function refused(place: Place, what: string): NectoError {
  const details = `${what} at ${place.path}`
  return new NectoError('record.not-canonicalizable', 'This value cannot be written as canonical JSON.', { details })
}

function notCanonical(details: string, cause?: unknown): NectoError {
  return new NectoError('record.not-canonical', 'These bytes are not canonical JSON.', { details, cause })
}
