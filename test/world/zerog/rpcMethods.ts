// The JSON-RPC methods of one process that is indexer and storage node at once.
import type { Hex } from 'viem'
import { z } from 'zod'
import { chunkBytes, proofOfHash, segmentBytes, segmentChunks, segmentRoots } from '../../../core/record/merkleTree.ts'
import { checkSegment, segmentSchema } from './checkSegment.ts'
import type { Faults } from './faults.ts'
import type { FileStore, Shard, StoredFile } from './fileStore.ts'
import type { SyncProgress } from './followFlow.ts'
import { invalidParams, RpcError, serverError } from './rpcError.ts'

const root = z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]{64}$/)])
const seq = z.int().min(0)
const index = z.int().min(0)

/** What the methods look at. */
export interface NodeState {
  store: FileStore
  faults: Faults
  progress: SyncProgress
  chainId: number
  flowAddress: string
  shard: Shard
  /** The nodes that the indexer knows, this one among them once it listens. */
  peers: readonly Peer[]
  startedAtMs: number
}

/** A storage node as an indexer sees it. */
export interface Peer {
  url: string
  shard: Shard
  isFinal(root: Hex): boolean
}

/** A method takes the request's params as they came and answers or throws RpcError. */
export type RpcMethods = Record<string, (params: unknown[]) => unknown>

/** All methods by name. */
export function createRpcMethods(state: NodeState): RpcMethods {
  return { ...indexerMethods(state), ...fileMethods(state), ...uploadMethods(state), ...downloadMethods(state) }
}

function indexerMethods({ peers, startedAtMs }: NodeState): RpcMethods {
  const show = ({ url, shard }: Peer) => ({ url, config: shard, latency: 3, since: startedAtMs })
  return {
    indexer_getShardedNodes: () => ({ trusted: peers.map(show), discovered: null }),
    indexer_getNodeLocations: () => ({}),
    indexer_getFileLocations(params) {
      const [wanted] = read(z.tuple([root]), params)
      const holders = peers.filter((peer) => peer.isFinal(wanted))
      if (holders.length === 0) throw serverError('file not found')
      return holders.map(show)
    },
  }
}

function fileMethods({ store, faults, progress, chainId, flowAddress, shard }: NodeState): RpcMethods {
  const info = (file: StoredFile | undefined) =>
    file
      ? {
          tx: {
            streamIds: [],
            data: [],
            dataMerkleRoot: file.root,
            merkleNodes: file.nodes.map((node) => [node.height + 1, node.root]),
            startEntryIndex: file.startEntryIndex,
            size: file.size + faults.sizeOffsetBytes,
            seq: file.seq,
          },
          finalized: store.isFinal(file),
          isCached: false,
          uploadedSegNum: store.heldSegments(file.root),
          pruned: store.isPruned(file),
        }
      : null
  return {
    zgs_getStatus: () => ({
      connectedPeers: 3,
      logSyncHeight: Math.max(progress.height, 0),
      logSyncBlock: progress.block,
      nextTxSeq: store.files.length,
      networkIdentity: {
        chainId,
        flowAddress: faults.reportedFlowAddress ?? flowAddress,
        p2pProtocolVersion: { major: 0, minor: 4, build: 0 },
      },
    }),
    zgs_getShardConfig: () => shard,
    zgs_getFileInfo(params) {
      const [wanted, needAvailable] = read(z.tuple([root, z.boolean()]), params)
      return info(store.byRoot(wanted, needAvailable))
    },
    zgs_getFileInfoByTxSeq: (params) => info(store.bySeq(read(z.tuple([seq]), params)[0])),
    zgs_checkFileFinalized(params) {
      const [wanted] = read(z.tuple([z.union([seq, root])]), params)
      const file = typeof wanted === 'number' ? store.bySeq(wanted) : store.byRoot(wanted, false)
      return file ? store.isFinal(file) : null
    },
  }
}

function uploadMethods({ store }: NodeState): RpcMethods {
  const put = (wire: z.infer<typeof segmentSchema>, file: StoredFile | undefined) => {
    store.checkUpload({ root: wire.root, fileSize: wire.fileSize, file })
    store.putSegment(checkSegment(wire))
  }
  return {
    zgs_uploadSegment(params) {
      const [wire] = read(z.tuple([segmentSchema]), params)
      put(wire, store.byRoot(wire.root, false))
      return null
    },
    zgs_uploadSegmentByTxSeq(params) {
      const [wire, txSeq] = read(z.tuple([segmentSchema, seq]), params)
      put(wire, store.bySeq(txSeq))
      return null
    },
    zgs_uploadSegments(params) {
      for (const wire of read(z.tuple([z.array(segmentSchema)]), params)[0]) put(wire, store.byRoot(wire.root, false))
      return null
    },
    zgs_uploadSegmentsByTxSeq(params) {
      const [wires, txSeq] = read(z.tuple([z.array(segmentSchema), seq]), params)
      const file = store.bySeq(txSeq)
      for (const wire of wires) {
        try {
          put(wire, file)
        } catch (error) {
          if (!(error instanceof RpcError && error.message.includes('segment has already been uploaded'))) throw error
        }
      }
      return null
    },
  }
}

function downloadMethods({ store, faults }: NodeState): RpcMethods {
  const chunks = (file: StoredFile | undefined, start: number, end: number) => {
    if (start >= end) throw invalidParams('end_index', 'invalid chunk index')
    if (end - start > segmentChunks) throw invalidParams('end_index', `exceeds maximum chunks ${segmentChunks}`)
    const bytes = file && store.readChunks(file, { start, end })
    return bytes?.length === (end - start) * chunkBytes ? encode(bytes, faults) : null
  }
  const withProof = (file: StoredFile | undefined, segment: number) => {
    if (!file) return null
    if (segment >= Math.ceil(file.size / segmentBytes)) throw invalidParams('index', 'index out of bound')
    const bytes = store.read(file)
    if (!bytes) return null
    const part = bytes.slice(segment * segmentBytes, (segment + 1) * segmentBytes)
    const proof = proofOfHash(segmentRoots(bytes.subarray(0, file.size)), segment)
    return { root: file.root, data: encode(part, faults), index: segment, proof, fileSize: file.size }
  }
  return {
    zgs_downloadSegment(params) {
      const [wanted, start, end] = read(z.tuple([root, index, index]), params)
      return chunks(store.byRoot(wanted, true), start, end)
    },
    zgs_downloadSegmentByTxSeq(params) {
      const [txSeq, start, end] = read(z.tuple([seq, index, index]), params)
      return chunks(store.bySeq(txSeq), start, end)
    },
    zgs_downloadSegmentWithProof(params) {
      const [wanted, segment] = read(z.tuple([root, index]), params)
      return withProof(store.byRoot(wanted, true), segment)
    },
    zgs_downloadSegmentWithProofByTxSeq(params) {
      const [txSeq, segment] = read(z.tuple([seq, index]), params)
      return withProof(store.bySeq(txSeq), segment)
    },
  }
}

function encode(bytes: Uint8Array, faults: Faults): string {
  return Buffer.from(faults.corruptDownload ? flipBit(bytes) : bytes).toString('base64')
}

/** One bit of the first byte the other way round. */
export function flipBit(bytes: Uint8Array): Uint8Array {
  return bytes.with(0, (bytes[0] ?? 0) ^ 1)
}

/** The params as the schema reads them, or the node's own error. */
export function read<T>(schema: z.ZodType<T>, params: unknown[]): T {
  const parsed = schema.safeParse(params)
  if (parsed.success) return parsed.data
  throw new RpcError(-32602, 'Invalid params', z.prettifyError(parsed.error))
}
