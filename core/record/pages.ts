// Cuts a record into 0G objects of at most one segment, and puts them together again, verified.
import { type Hex, keccak256 } from 'viem'
import { z } from 'zod'
import { NectoError } from '../errors.ts'
import { canonicalBytes, parseCanonical } from './canonicalJson.ts'
import { merkleRoot } from './merkleRoot.ts'
import { segmentBytes } from './merkleTree.ts'

/** Most bytes of one stored object: one 0G segment, since the SDK loses segments of larger files on sharded nodes. */
export const pageBytes = segmentBytes

/** A record as it is stored: `root` addresses the record itself up to `pageBytes`, its manifest above. */
export interface PagedRecord {
  root: Hex
  /** Bytes of the record, not of the manifest. */
  length: number
  /** keccak256 of the record's bytes. */
  hash: Hex
  /** What to store, in this order: the manifest comes last, so that whoever finds it finds its pages too. */
  objects: { root: Hex; bytes: Uint8Array }[]
}

const hex32 = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{64}$/)])
const manifestSchema = z.strictObject({
  bytes: z.int().positive(),
  hash: hex32,
  pages: z.array(z.strictObject({ root: hex32, length: z.int().positive(), hash: hex32 })),
})

/** One object up to `pageBytes`; above, pages of `pageBytes` (the last one shorter) and a manifest `{bytes, hash, pages}`. */
export function splitPages(bytes: Uint8Array): PagedRecord {
  const hash = keccak256(bytes)
  if (bytes.length <= pageBytes) {
    const root = merkleRoot(bytes)
    return { root, length: bytes.length, hash, objects: [{ root, bytes }] }
  }
  const pages = slicesOf(bytes.length).map(([from, to]) => {
    const page = bytes.subarray(from, to)
    return { root: merkleRoot(page), bytes: page }
  })
  const manifest = canonicalBytes({
    bytes: bytes.length,
    hash,
    pages: pages.map((page) => ({ root: page.root, length: page.bytes.length, hash: keccak256(page.bytes) })),
  })
  if (manifest.length > pageBytes) throw new NectoError('record.too-large', 'This record is too large to store.')
  const root = merkleRoot(manifest)
  return { root, length: bytes.length, hash, objects: [...pages, { root, bytes: manifest }] }
}

/**
 * Fetches and joins a record, trusting nothing but `root`, `length` and `hash`: every object's root, every page's
 * length and hash, and the whole are checked. Throws `record.root-mismatch`, `record.length-mismatch`,
 * `record.hash-mismatch`, `record.bad-manifest`, or what `fetch` throws.
 */
export async function joinPages(record: {
  root: Hex
  length: number
  hash: Hex
  fetch: (root: Hex, expect: { expectLength?: number }) => Promise<Uint8Array>
}): Promise<Uint8Array> {
  const { root, length, hash, fetch } = record
  if (length <= pageBytes) return check(await fetch(root, { expectLength: length }), { root, length, hash })
  const manifest = readManifest(await fetch(root, {}), root)
  const slices = slicesOf(length)
  if (manifest.bytes !== length || manifest.hash !== hash || manifest.pages.length !== slices.length) {
    throw new NectoError('record.bad-manifest', 'The stored manifest describes another record.')
  }
  const bytes = new Uint8Array(length)
  await Promise.all(
    manifest.pages.map(async (page, i) => {
      const [from, to] = slices[i] ?? [0, 0]
      if (page.length !== to - from)
        throw new NectoError('record.bad-manifest', 'The stored manifest has a wrong page.')
      bytes.set(check(await fetch(page.root, { expectLength: page.length }), page), from)
    }),
  )
  return check(bytes, { length, hash })
}

function readManifest(bytes: Uint8Array, root: Hex): z.infer<typeof manifestSchema> {
  // The length is not known beforehand and the root does not fix it, but canonical JSON admits no trailing zeros.
  if (bytes.length === 0 || merkleRoot(bytes) !== root) throw mismatch('root')
  const parsed = manifestSchema.safeParse(parseCanonical(bytes))
  if (parsed.success) return parsed.data
  throw new NectoError('record.bad-manifest', 'The stored manifest is malformed.', { details: parsed.error.message })
}

function check(bytes: Uint8Array, expected: { root?: Hex; length: number; hash: Hex }): Uint8Array {
  if (bytes.length !== expected.length) throw mismatch('length')
  if (expected.root !== undefined && merkleRoot(bytes) !== expected.root) throw mismatch('root')
  if (keccak256(bytes) !== expected.hash) throw mismatch('hash')
  return bytes
}

function mismatch(what: 'root' | 'length' | 'hash'): NectoError {
  return new NectoError(`record.${what}-mismatch`, `The stored bytes do not have the recorded ${what}.`)
}

/** Where each page starts and ends; fixed by the length, so a record has exactly one manifest. */
function slicesOf(length: number): [from: number, to: number][] {
  const count = Math.ceil(length / pageBytes)
  return Array.from({ length: count }, (_, i) => [i * pageBytes, Math.min(length, (i + 1) * pageBytes)])
}
