// The index of jobs on 0G's key-value storage: where the record and the evidence of a job are. It proves nothing and can be rebuilt.
import { type Address, type Hex, keccak256 } from 'viem'
import { z } from 'zod'
import { bytes32 } from '../codecs.ts'
import { canonicalBytes, parseCanonical } from '../record/canonicalJson.ts'
import type { ZeroG } from '../zerog/zeroG.ts'
import type { Upload } from './upload.ts'

const entrySchema = z.strictObject({ root: bytes32, length: z.int().positive(), hash: bytes32, txSeq: z.int().min(0) })

/** How a stored file is addressed: what is public of it, and nothing of the job itself. */
export type IndexEntry = z.output<typeof entrySchema>

/** The stream of one router's jobs, which is the same for everybody who reads them. */
export const indexStream = (of: { chainId: number; router: Address }): Hex =>
  keccak256(canonicalBytes({ index: 'necto jobs', chainId: of.chainId, router: of.router.toLowerCase() }))

/** "job:K7QF-3M2P" names the record, "evidence:K7QF-3M2P" the evidence. */
const indexKey = (ref: string, kind: Upload['kind']): Uint8Array =>
  new TextEncoder().encode(`${kind === 'record' ? 'job' : kind}:${ref}`)

/** The entry of a stored record or evidence. */
export function indexEntry({ kind, ref, root, length, hash, txSeq = 0 }: Upload): {
  key: Uint8Array
  value: Uint8Array
} {
  const entry: IndexEntry = { root, length, hash, txSeq }
  return { key: indexKey(ref, kind), value: canonicalBytes(entry) }
}

/**
 * What the index says of a job; undefined when it names none, or what it holds is no entry of ours. Believe the bytes
 * behind it only when they have the root that the chain names. `after`: throws `zerog.kv-behind` while the node has not
 * replayed that submission.
 */
export async function readJobIndex(options: {
  zeroG: Pick<ZeroG, 'kvGet'>
  streamId: Hex
  ref: string
  kind?: 'record' | 'evidence'
  after?: number | undefined
  signal?: AbortSignal
}): Promise<IndexEntry | undefined> {
  const { zeroG, streamId, ref, kind = 'record', after, signal } = options
  const value = await zeroG.kvGet({ streamId, key: indexKey(ref, kind), after }, signal)
  try {
    return value && entrySchema.safeParse(parseCanonical(value)).data
  } catch {
    return undefined
  }
}
