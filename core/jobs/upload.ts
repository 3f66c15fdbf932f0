// Uploads: files waiting for 0G, written down before anything is sent so that none is lost when 0G is away.
import type { Hex } from 'viem'
import { z } from 'zod'
import { bytes32, instantMs } from '../codecs.ts'
import { NectoError } from '../errors.ts'
import { joinPages, splitPages } from '../record/pages.ts'
import type { Blobs, Collection, CollectionDefinition } from '../store/store.ts'

export const uploadSchema = z.strictObject({
  kind: z.enum(['record', 'log', 'output', 'evidence']),
  /** The job's ref: for the record, storing it lets the job start. */
  ref: z.string(),
  root: bytes32,
  length: z.int().positive(),
  hash: bytes32,
  /** In the order they are to be stored; the manifest of a paged file is last. */
  objects: z.array(z.strictObject({ root: bytes32, stored: z.boolean() })),
  state: z.enum(['pending', 'stored']),
  attempts: z.int().nonnegative(),
  nextAttemptMs: instantMs,
  /** Absent in documents of an earlier version. */
  queuedAtMs: instantMs.optional(),
  /** Of the object that `root` names. */
  txHash: bytes32.optional(),
  txSeq: z.int().optional(),
  trouble: z.string().optional(),
})
export type Upload = z.output<typeof uploadSchema>

export const uploads: CollectionDefinition<Upload> = {
  name: 'uploads',
  schema: uploadSchema,
  indexes: { state: (upload) => [upload.state], ref: (upload) => [upload.ref] },
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
}): Promise<{ root: Hex; length: number; hash: Hex }> {
  const { uploads, blobs, kind, ref, bytes, nowMs } = options
  const { root, length, hash, objects } = splitPages(bytes)
  for (const object of objects) await blobs.put(objectBlob(object.root), object.bytes)
  await uploads.insert(root, {
    kind,
    ref,
    root,
    length,
    hash,
    objects: objects.map((object) => ({ root: object.root, stored: false })),
    state: 'pending',
    attempts: 0,
    nextAttemptMs: nowMs,
    queuedAtMs: nowMs,
  })
  return { root, length, hash }
}

/** Our own copy of a stored file, put together and verified; undefined when we have none. */
export async function getUploaded(options: {
  uploads: Collection<Upload>
  blobs: Blobs
  root: Hex
}): Promise<Uint8Array | undefined> {
  const upload = (await options.uploads.get(options.root))?.value
  return (
    upload &&
    joinPages({
      ...upload,
      fetch: async (root) => {
        const bytes = await options.blobs.get(objectBlob(root))
        if (!bytes) throw new NectoError('upload.bytes-missing', 'This file is not here any more.', { details: root })
        return bytes
      },
    })
  )
}
