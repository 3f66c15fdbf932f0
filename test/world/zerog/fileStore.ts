// What a storage node knows: submissions in their order on chain, the segments it holds, and which files are final.
import type { Hex } from 'viem'
import { chunkBytes, foldNodeRoots, segmentBytes, segmentChunks } from '../../../core/record/merkleTree.ts'
import type { Faults } from './faults.ts'
import type { FlowReader, Submission } from './followFlow.ts'
import { internalError, invalidParams, serverError } from './rpcError.ts'

const largestCachedFileBytes = 10 * 1024 * 1024

/** The part of all segments a node holds: those whose number in the flow leaves `shardId` when divided by `numShard`. */
export interface Shard {
  shardId: number
  numShard: number
}

/** A submission with the root of its file. */
export interface StoredFile extends Submission {
  root: Hex
}

/** Files by submission and by root, and the pool of segments that waits for, or belongs to, them. */
export function createFileStore(faults: Faults, shard: Shard) {
  const files: StoredFile[] = []
  const segmentsByRoot = new Map<Hex, Map<number, Uint8Array>>()
  const final = new Set<number>()
  const pruned = new Set<number>()

  const isOurs = (file: StoredFile, segment: number) =>
    (Math.floor(file.startEntryIndex / segmentChunks) + segment) % shard.numShard === shard.shardId
  const segmentsOf = (file: StoredFile) => Array.from({ length: Math.ceil(file.size / segmentBytes) }, (_, i) => i)
  const holds = (file: StoredFile, segment: number) => segmentsByRoot.get(file.root)?.has(segment) ?? false
  const holdsAll = (file: StoredFile) =>
    segmentsOf(file).every((segment) => !isOurs(file, segment) || holds(file, segment))

  const settle = () => {
    if (faults.neverFinalize) return
    for (const file of files) {
      // Equal roots share their segments, so a second submission of a stored file becomes final by copying.
      if (!final.has(file.seq) && !pruned.has(file.seq) && holdsAll(file)) final.add(file.seq)
    }
  }

  const bySeq = (seq: number) => files.find((file) => file.seq === seq)

  const reader: FlowReader = {
    settle,
    addSubmission(submission) {
      files.push({ ...submission, root: foldNodeRoots(submission.nodes.map((node) => node.root)) })
      settle()
    },
    // The segments are kept.
    forgetSubmissions() {
      files.length = 0
      final.clear()
    },
  }

  return {
    ...reader,
    files,
    bySeq,
    isFinal: (file: StoredFile) => final.has(file.seq),
    isPruned: (file: StoredFile) => pruned.has(file.seq),
    heldSegments: (root: Hex) => segmentsByRoot.get(root)?.size ?? 0,

    /** The first final file of that root; else the first there is, pruned ones only when availability is not asked. */
    byRoot(root: Hex, needAvailable: boolean): StoredFile | undefined {
      const all = files.filter((file) => file.root === root)
      return all.find((file) => final.has(file.seq)) ?? all.find((file) => !needAvailable || !pruned.has(file.seq))
    },

    /** What a node refuses before it looks at the segment itself. */
    checkUpload(upload: { root: Hex; fileSize: number; file: StoredFile | undefined }): void {
      const { root, fileSize, file } = upload
      if (faults.rejectSegments > 0) {
        faults.rejectSegments--
        throw serverError('too many data writing: 64')
      }
      if (!file) {
        if (fileSize <= largestCachedFileBytes) return
        throw invalidParams('file_size', 'caching of large file when tx is unavailable is not supported')
      }
      if (file.root !== root) throw internalError('data root and tx seq not match')
      if (file.size !== fileSize) {
        throw invalidParams('file_size', 'segment file size not matched with tx file size')
      }
      if (final.has(file.seq)) throw invalidParams('root', 'already uploaded and finalized')
      if (pruned.has(file.seq)) throw invalidParams('root', 'already pruned')
    },

    putSegment(segment: { root: Hex; index: number; bytes: Uint8Array }): void {
      const held = segmentsByRoot.get(segment.root) ?? new Map<number, Uint8Array>()
      if (held.has(segment.index)) throw serverError('segment has already been uploaded or is being uploaded')
      segmentsByRoot.set(segment.root, held.set(segment.index, segment.bytes))
      settle()
    },

    /** The whole file in whole chunks; undefined while a segment is missing, of this shard or of another. */
    read(file: StoredFile): Uint8Array | undefined {
      if (pruned.has(file.seq)) return undefined
      const parts = segmentsOf(file).map((segment) => segmentsByRoot.get(file.root)?.get(segment))
      const held = parts.filter((part) => part !== undefined)
      return held.length === parts.length ? new Uint8Array(Buffer.concat(held)) : undefined
    },

    /** Chunks of one segment; undefined when it is not here. */
    readChunks(file: StoredFile, { start, end }: { start: number; end: number }): Uint8Array | undefined {
      const segment = Math.floor(start / segmentChunks)
      const first = segment * segmentChunks
      const part = pruned.has(file.seq) ? undefined : segmentsByRoot.get(file.root)?.get(segment)
      return part?.slice((start - first) * chunkBytes, (end - first) * chunkBytes)
    },

    /** Drops a file's data, as a node does when its paid time is over. */
    prune(root: Hex): void {
      segmentsByRoot.delete(root)
      for (const file of files.filter((known) => known.root === root)) {
        final.delete(file.seq)
        pruned.add(file.seq)
      }
    },
  }
}

/** The store of one node. */
export type FileStore = ReturnType<typeof createFileStore>
