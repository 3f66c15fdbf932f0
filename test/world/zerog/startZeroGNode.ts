// A 0G indexer and storage node on one local port, over the storage chain it is given.
import { type Address, createPublicClient, type Hex, http } from 'viem'
import { type Clock, systemClock } from '../../../core/clock.ts'
import { type Faults, noFaults } from './faults.ts'
import { createFileStore, type Shard } from './fileStore.ts'
import { followFlow } from './followFlow.ts'
import { answerGet } from './gateway.ts'
import { createRpcMethods, type Peer } from './rpcMethods.ts'
import { serveNode } from './serveNode.ts'

/** A running node. */
export interface ZeroGNode {
  /** Indexer, storage node and gateway alike. */
  url: string
  faults: Faults
  stats(): { requests: Record<string, number>; submissions: number; finalFiles: number }
  /** What the node holds of a root, without going through the network. */
  peek(root: Hex): { seq: number; size: number; final: boolean; bytes: Uint8Array | undefined } | undefined
  /** How many segments of a root it holds. */
  heldSegments(root: Hex): number
  /** Drops the data of a root, as when its paid time is over. */
  prune(root: Hex): void
  stop(): Promise<void>
}

/** Starts a node that indexes `flowAddress`; a submission counts once it has `confirmations` (1 on the turbo networks). */
export async function startZeroGNode(options: {
  rpcUrl: string
  flowAddress: Address
  faults?: Partial<Faults>
  confirmations?: number
  clock?: Clock
  /** All segments, unless told otherwise. */
  shard?: Shard
  /** The nodes of one network: each puts itself there and, as indexer, names them all. */
  peers?: Peer[]
}): Promise<ZeroGNode> {
  const { rpcUrl, flowAddress, shard = { shardId: 0, numShard: 1 }, peers = [] } = options
  const clock = options.clock ?? systemClock
  const faults: Faults = { ...noFaults, ...options.faults }
  const stopping = new AbortController()
  const { signal } = stopping
  const store = createFileStore(faults, shard)
  const chainId = await createPublicClient({ transport: http(rpcUrl) }).getChainId()
  const confirmations = options.confirmations ?? 1
  const progress = followFlow({ rpcUrl, flowAddress, confirmations, store, faults, clock, signal })
  const state = { store, faults, progress, chainId, flowAddress, shard, peers, startedAtMs: clock.now() }
  const methods = createRpcMethods(state)
  const onGet = (request: { url: URL; range: string | undefined }) => answerGet({ ...request, store, faults })
  const server = await serveNode({ methods, onGet, faults, clock, signal })
  const isFinal = (root: Hex) => {
    const file = store.byRoot(root, true)
    return file !== undefined && store.isFinal(file)
  }
  peers.push({ url: server.url, shard, isFinal })

  return {
    url: server.url,
    faults,
    stats: () => ({
      requests: server.requests(),
      submissions: store.files.length,
      finalFiles: store.files.filter(store.isFinal).length,
    }),
    peek(root) {
      const file = store.byRoot(root, false)
      if (!file) return undefined
      const { seq, size } = file
      return { seq, size, final: store.isFinal(file), bytes: store.read(file)?.slice(0, size) }
    },
    heldSegments: store.heldSegments,
    prune: store.prune,
    async stop() {
      stopping.abort()
      await server.stop()
    },
  }
}
