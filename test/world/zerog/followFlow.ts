// Reads Submit events in order into whatever a node keeps of them, and starts again when the chain was reorganised.
import { type Address, BlockNotFoundError, createPublicClient, type Hex, http, parseAbiItem } from 'viem'
import type { Clock } from '../../../core/clock.ts'
import type { SubmissionNode } from '../../../core/record/merkleTree.ts'
import type { Faults } from './faults.ts'

const submitEvent = parseAbiItem([
  'event Submit(address indexed sender, bytes32 indexed identity, uint256 submissionIndex, uint256 startPos, uint256 length, SubmissionData submission)',
  'struct SubmissionData { uint256 length; bytes tags; SubmissionNode[] nodes; }',
  'struct SubmissionNode { bytes32 root; uint256 height; }',
])
const pollMs = 100

/** One Submit event, and who paid for it: the event's own sender is anybody's word. */
export interface Submission {
  seq: number
  startEntryIndex: number
  size: number
  nodes: SubmissionNode[]
  tags: Hex
  payer: Address
}

/** What a node makes of the log. */
export interface FlowReader {
  addSubmission(submission: Submission): void
  /** The chain was reorganised: all submissions come again. */
  forgetSubmissions(): void
  /** Called after every look at the chain. */
  settle(): void
}

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
  store: FlowReader
  faults: Faults
  clock: Clock
  signal: AbortSignal
}): SyncProgress {
  const { store, faults, clock, signal } = options
  const chain = createPublicClient({ transport: http(options.rpcUrl, { retryCount: 0, timeout: 5_000 }) })
  const progress: SyncProgress = { height: -1, block: '0x' }
  const firstSeenMs = new Map<Hex, number>()

  async function poll(): Promise<void> {
    const head = Number(await chain.getBlockNumber({ cacheTime: 0 }))
    if (progress.height >= 0 && !(await stillOnChain(progress))) forget()
    while (progress.height <= head - options.confirmations && (await readNextBlock())) {}
    store.settle()
  }

  async function stillOnChain({ height, block }: SyncProgress): Promise<boolean> {
    return (await blockAt(height))?.hash === block
  }

  function forget(): void {
    store.forgetSubmissions()
    Object.assign(progress, { height: -1, block: '0x' })
  }

  /** Takes one block; its logs are asked for by its hash, so a reorganisation between two calls cannot mix two chains. */
  async function readNextBlock(): Promise<boolean> {
    const block = await blockAt(progress.height + 1)
    if (!block) return false
    if (progress.height >= 0 && block.parentHash !== progress.block) {
      forget()
      return true
    }
    const logs = await chain.getLogs({
      address: options.flowAddress,
      event: submitEvent,
      strict: true,
      blockHash: block.hash,
    })
    if (logs.length > 0) {
      const seenMs = firstSeenMs.get(block.hash) ?? clock.now()
      firstSeenMs.set(block.hash, seenMs)
      if (clock.now() < seenMs + faults.syncDelayMs) return false
    }
    for (const { args, transactionHash: hash } of logs) {
      const { from: payer } = await chain.getTransaction({ hash })
      store.addSubmission({
        seq: Number(args.submissionIndex),
        startEntryIndex: Number(args.startPos),
        size: Number(args.submission.length),
        nodes: args.submission.nodes.map((node) => ({ root: node.root, height: Number(node.height) })),
        tags: args.submission.tags,
        payer,
      })
    }
    Object.assign(progress, { height: progress.height + 1, block: block.hash })
    return true
  }

  function blockAt(height: number) {
    return chain.getBlock({ blockNumber: BigInt(height) }).catch((error: unknown) => {
      if (error instanceof BlockNotFoundError) return undefined
      throw error
    })
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
