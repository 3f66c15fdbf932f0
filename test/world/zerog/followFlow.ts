// Reads Submit events in order into a node's store, and starts again when the chain was reorganised.
import { type Address, BlockNotFoundError, createPublicClient, type Hex, http, parseAbiItem } from 'viem'
import type { Clock } from '../../../core/clock.ts'
import type { Faults } from './faults.ts'
import type { FileStore } from './fileStore.ts'

const submitEvent = parseAbiItem([
  'event Submit(address indexed sender, bytes32 indexed identity, uint256 submissionIndex, uint256 startPos, uint256 length, SubmissionData submission)',
  'struct SubmissionData { uint256 length; bytes tags; SubmissionNode[] nodes; }',
  'struct SubmissionNode { bytes32 root; uint256 height; }',
])
const pollMs = 100

/** How far the node has read the chain. */
export interface SyncProgress {
  height: number
  block: Hex
}

/** Polls until `signal` is aborted. `confirmations` counts the block of the event itself. */
export function followFlow(options: {
  rpcUrl: string
  flowAddress: Address
  confirmations: number
  store: FileStore
  faults: Faults
  clock: Clock
  signal: AbortSignal
}): SyncProgress {
  const { store, faults, clock, signal } = options
  const chain = createPublicClient({ transport: http(options.rpcUrl, { retryCount: 0, timeout: 5_000 }) })
  const progress: SyncProgress = { height: -1, block: '0x' }
  const firstSeenMs = new Map<string, number>()

  async function poll(): Promise<void> {
    await dropReorganised()
    const head = Number(await chain.getBlockNumber({ cacheTime: 0 }))
    const to = head - options.confirmations + 1
    if (to > progress.height) await readLogs(to)
    store.settle()
  }

  async function dropReorganised(): Promise<void> {
    if (progress.height < 0) return
    const block = await chain.getBlock({ blockNumber: BigInt(progress.height) }).catch((error: unknown) => {
      if (error instanceof BlockNotFoundError) return undefined
      throw error
    })
    if (block?.hash === progress.block) return
    store.forgetSubmissions()
    progress.height = -1
  }

  async function readLogs(to: number): Promise<void> {
    const range = { fromBlock: BigInt(progress.height + 1), toBlock: BigInt(to) }
    const logs = await chain.getLogs({ address: options.flowAddress, event: submitEvent, strict: true, ...range })
    for (const { args, blockHash, blockNumber } of logs) {
      const key = `${blockHash}:${args.submissionIndex}`
      const seenMs = firstSeenMs.get(key) ?? clock.now()
      firstSeenMs.set(key, seenMs)
      if (clock.now() < seenMs + faults.syncDelayMs) return
      if (!store.bySeq(Number(args.submissionIndex))) {
        store.addSubmission({
          seq: Number(args.submissionIndex),
          startEntryIndex: Number(args.startPos),
          size: Number(args.submission.length),
          nodes: args.submission.nodes.map((node) => ({ root: node.root, height: Number(node.height) })),
        })
      }
      await moveTo(Number(blockNumber) - 1)
    }
    await moveTo(to)
  }

  async function moveTo(height: number): Promise<void> {
    if (height <= progress.height) return
    const block = await chain.getBlock({ blockNumber: BigInt(height) })
    Object.assign(progress, { height, block: block.hash })
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      // A chain that does not answer is asked again at the next turn.
      await poll().catch(() => undefined)
      await clock.sleep(pollMs, signal).catch(() => undefined)
    }
  }
  void run()
  return progress
}
