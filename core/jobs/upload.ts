// Uploads: files waiting for 0G, written down before anything is sent so that none is lost when 0G is away.
import type { Hex } from 'viem'
import { z } from 'zod'
import { bytes32, instantMs } from '../codecs.ts'
import { NectoError } from '../errors.ts'
import { joinPages, splitPages } from '../record/pages.ts'
import type { Blobs, Collection, CollectionDefinition } from '../store/store.ts'

/**
 * One object's way to 0G, written down before each step: its bytes are kept here; its payment is signed and about to be
 * sent; the payment is mined; the nodes have the bytes; final. That its root is anchored stands in the job: `funded` for
 * a record, `settled` for evidence.
 */
const objectState = z.enum(['built', 'submitting', 'registered', 'uploaded', 'finalized'])
export type ObjectState = z.output<typeof objectState>

export const uploadSchema = z.strictObject({
  kind: z.enum(['record', 'log', 'output', 'evidence', 'index']),
  /** The job's ref: for the record, storing it lets the job start. A batch of the index is of no job. */
  ref: z.string(),
  root: bytes32,
  length: z.int().positive(),
  hash: bytes32,
  /** In the order they are to be stored; the manifest of a paged file is last. */
  objects: z.array(z.strictObject({ root: bytes32, state: objectState, txHash: bytes32.optional() })),
  state: z.enum(['pending', 'stored']),
  attempts: z.int().nonnegative(),
  nextAttemptMs: instantMs,
  /** Absent in documents of an earlier version. */
  queuedAtMs: instantMs.optional(),
  /** Of the object that `root` names. */
  txHash: bytes32.optional(),
  txSeq: z.int().optional(),
  trouble: z.string().optional(),
  /** A batch of the index: its stream, and the uploads that it names. */
  batch: z.strictObject({ streamId: bytes32, names: z.array(bytes32) }).optional(),
  /** The batch that names this upload in the index. */
  indexedIn: bytes32.optional(),
})
export type Upload = z.output<typeof uploadSchema>

export const uploads: CollectionDefinition<Upload> = {
  name: 'uploads',
  schema: uploadSchema,
  indexes: {
    state: (upload) => [upload.state],
    ref: (upload) => [upload.ref],
    index: (upload) => {
      if (upload.state !== 'stored' || !isIndexed(upload)) return []
      return [upload.indexedIn === undefined ? 'missing' : 'named']
    },
  },
}

/** The files of a job that the index names: the rest is found through them. */
function isIndexed({ kind }: Upload): boolean {
  return kind === 'record' || kind === 'evidence'
}

/** The object as far as it has come now; undefined when it was there or beyond: what arrives late changes nothing. */
export function advance(
  upload: Upload,
  step: { root: Hex; state: ObjectState; txHash?: Hex | undefined },
): Upload | undefined {
  const { root, state, txHash } = step
  const order = objectState.options
  const now = upload.objects.find((object) => object.root === root)
  if (!now) return undefined
  const isNew = order.indexOf(state) > order.indexOf(now.state)
  // A payment that is sent again for more, after its first one was written down.
  if (!isNew && !(state === now.state && txHash && txHash !== now.txHash)) return undefined
  const next = { ...now, state, ...(txHash && { txHash }) }
  return { ...upload, objects: upload.objects.map((object) => (object.root === root ? next : object)) }
}

/** The name of a stored object's bytes: our own copy, since 0G's retention is finite. */
export const objectBlob = (root: Hex): string => `objects/${root}`

/** Keeps the bytes and queues them for 0G; the same bytes again change nothing. Answers how they are addressed. */
export async function queueUpload(options: {
  uploads: Collection<Upload>
  blobs: Blobs
  kind: Upload['kind']
  ref: string
  bytes: Uint8Array
  nowMs: number
  batch?: Upload['batch']
}): Promise<{ root: Hex; length: number; hash: Hex }> {
  const { uploads, blobs, kind, ref, bytes, nowMs, batch } = options
  const { root, length, hash, objects } = splitPages(bytes)
  for (const object of objects) await blobs.put(objectBlob(object.root), object.bytes)
  await uploads.insert(root, {
    kind,
    ref,
    root,
    length,
    hash,
    objects: objects.map((object) => ({ root: object.root, state: 'built' as const })),
    state: 'pending',
    attempts: 0,
    nextAttemptMs: nowMs,
    queuedAtMs: nowMs,
    ...(batch && { batch }),
  })
  return { root, length, hash }
}

/**
 * Our own copy of a stored file, put together and verified; undefined when we never had one. `fetchLost` is asked for an
 * object whose copy is gone, and believed no more than the copy.
 */
export async function getUploaded(options: {
  uploads: Collection<Upload>
  blobs: Blobs
  root: Hex
  fetchLost?: (root: Hex) => Promise<Uint8Array>
}): Promise<Uint8Array | undefined> {
  const upload = (await options.uploads.get(options.root))?.value
  return (
    upload &&
    joinPages({
      ...upload,
      fetch: async (root) => {
        const bytes = (await options.blobs.get(objectBlob(root))) ?? (await options.fetchLost?.(root))
        if (!bytes) throw new NectoError('upload.bytes-missing', 'This file is not here any more.', { details: root })
        return bytes
      },
    })
  )
}
