// Follows contracts' events: each is handed on when first seen and again, in order, when its block is final.
import { type Address, BaseError, type Log as ChainLog, type Hex, type PublicClient } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Collection, Stored } from '../../core/store/store.ts'
import { type Endpoints, rpcErrorText } from '../tx/endpoints.ts'
import type { BlockRef, ChainCursor } from './chainCursor.ts'
import { readLogPages } from './readLogPages.ts'
import { createSteadyEndpoint } from './steadyEndpoint.ts'

export interface FollowChainOptions<Event> {
  /** Names the cursor, for example `8453:router`: one follower per name. */
  readonly name: string
  /** Each reading is of one of them; what was seen is taken back only when most say so. Transports set the time limits. */
  readonly endpoints: Endpoints
  readonly addresses: readonly Address[]
  /** A log as an event; undefined for logs that are of no interest. */
  readonly decode: (log: ChainLog<bigint, number, false>) => Event | undefined
  readonly cursors: Collection<ChainCursor>
  /** Where a new cursor starts: the block of the deployment. */
  readonly startBlock: bigint
  /** Blocks until final, the event's own counted. */
  readonly confirmations: number
  readonly clock: Clock
  readonly log: Log
  /**
   * Provisional first, then `isFinal`; in a backlog only final. Final events come in the chain's order. After a crash
   * or an error the same event may come again, so this must be idempotent; money moves only on final ones.
   */
  readonly onEvent: (event: Event, isFinal: boolean) => Promise<void>
  /** Blocks seen provisionally that are no longer of the chain, the newest first. */
  readonly onReorg?: (dropped: readonly BlockRef[]) => void
  /**
   * What was handed on provisionally of this block and later ones may not be of the chain: after a reorg, and after a
   * crash or an error, which can come between an event and the note that its block was read. What is still there comes again.
   */
  readonly onForget?: (fromBlock: bigint) => Promise<void>
  /** After each reading of `run` that came to its end. */
  readonly onRead?: (place: ChainPlace) => void
  /** @default 2_000 */
  readonly pollMs?: number
  /** The most blocks asked for at once while catching up. @default 2_000 */
  readonly pageBlocks?: number
}

export interface ChainPlace {
  readonly head: bigint
  /** The first block whose events are not final yet. */
  readonly nextBlock: bigint
}

export interface ChainFollower {
  /** Reads on to the head once. Throws when an endpoint or a handler does; the cursor then stays where it was. */
  poll(): Promise<ChainPlace>
  /** Polls until aborted. Throws NectoError `chain.deep-reorg`, which no waiting heals. */
  run(signal: AbortSignal): Promise<void>
}

type Doc = Stored<ChainCursor>
// Further behind than this the blocks are read in pages; nearer they are read one by one, by their hash.
const NEAR_BLOCKS = 64n

/** One cursor's follower. */
export function followChain<Event>(options: FollowChainOptions<Event>): ChainFollower {
  const { name, endpoints, addresses, decode, cursors, clock, log, onEvent, pollMs = 2_000 } = options
  const readPages = readLogPages({ addresses, pageBlocks: options.pageBlocks ?? 2_000 })
  const steady = createSteadyEndpoint({ endpoints, clock })
  /** Nothing was handed on but what the cursor knows. */
  let isCertain = false

  async function load(): Promise<Doc> {
    const doc = await cursors.get(name)
    if (doc) return doc
    await cursors.insert(name, { nextBlock: options.startBlock, blocks: [] })
    return await load()
  }

  async function save(doc: Doc, value: ChainCursor): Promise<Doc> {
    const stored = await cursors.put(doc, value)
    if (stored) return stored
    throw new NectoError('chain.cursor-moved', 'Somebody else follows the same chain.', {
      retry: 'later',
      details: name,
    })
  }

  async function handOn(logs: readonly ChainLog<bigint, number, false>[], isFinal: boolean): Promise<void> {
    for (const found of logs) {
      const event = decode(found)
      if (event !== undefined) await onEvent(event, isFinal)
    }
  }

  // By hash and not by number, so that what is handed on is of this very block or is refused by the node.
  async function logsOf(client: PublicClient, blockHash: Hex) {
    const logs = await client.getLogs({ address: [...addresses], blockHash })
    return logs.sort((a, b) => a.logIndex - b.logIndex)
  }

  /**
   * Whether the chain has another block in its place by now, as more than half of all endpoints say: one that is behind
   * may still be on a branch that is gone. Throws NectoError `chain.disagree` when they do not agree: then it is waited.
   */
  async function isGone(client: PublicClient, block: { number: bigint; hash: Hex }): Promise<boolean> {
    const readHash = async (one: PublicClient) => (await one.getBlock({ blockNumber: block.number })).hash
    if ((await readHash(client)) === block.hash) return false
    const others = (await endpoints.answers(readHash)).filter((hash) => hash !== block.hash)
    if (others.length * 2 > endpoints.all.length) return true
    throw new NectoError('chain.disagree', 'The endpoints do not agree about the chain.', {
      retry: 'later',
      details: `${name}: whether block ${block.number} is ${block.hash}`,
    })
  }

  /** Throws when the chain no longer has the last block that was final. */
  async function requireFinal(client: PublicClient, { nextBlock, finalHash }: ChainCursor): Promise<void> {
    const lastFinal = nextBlock - 1n
    if (finalHash === undefined || !(await isGone(client, { number: lastFinal, hash: finalHash }))) return
    const message =
      'The chain took back a block that was final, so the store may be wrong and Necto stops. Set NECTO_DATA_DIR to an empty folder and run ./necto rebuild.'
    throw new NectoError('chain.deep-reorg', message, {
      details: `${name}: block ${lastFinal} is no longer ${finalHash}`,
    })
  }

  /** Drops the seen blocks that the chain no longer has. */
  async function rewind(client: PublicClient, doc: Doc, head: bigint): Promise<Doc> {
    const { blocks, nextBlock } = doc.value
    // An endpoint behind the others knows nothing of newer blocks; that alone is no reorg.
    const known = blocks.filter((block) => block.number <= head)
    let kept = known.length
    for (const block of known.toReversed()) {
      if (!(await isGone(client, block))) break
      kept -= 1
    }
    if (kept === 0 && nextBlock - 1n <= head) await requireFinal(client, doc.value)
    if (kept === known.length) return doc
    const dropped = blocks.slice(kept).reverse()
    log.warn({ msg: 'reorg', name, depth: dropped.length, ancestor: String(dropped.at(-1)?.parentHash) })
    options.onReorg?.(dropped)
    isCertain = false
    return await save(doc, { ...doc.value, blocks: blocks.slice(0, kept) })
  }

  /** Reads a backlog in pages, as final only. */
  async function catchUp(client: PublicClient, doc: Doc, lastFinal: bigint): Promise<Doc> {
    let current = doc
    while (lastFinal - lastSeen(current.value) > NEAR_BLOCKS) {
      const { toBlock, toHash, logs } = await readPages.next(client, current.value.nextBlock, lastFinal)
      // Looked at again after the page was read: only then does the page go on from what was final.
      await requireFinal(client, current.value)
      await handOn(logs, true)
      current = await save(current, { nextBlock: toBlock + 1n, finalHash: toHash, blocks: [] })
    }
    return current
  }

  /** Reads the blocks up to the head one by one, as provisional. */
  async function extend(client: PublicClient, doc: Doc, head: bigint): Promise<Doc> {
    let current = doc
    for (let number = lastSeen(doc.value) + 1n; number <= head; number++) {
      const { hash, parentHash } = await client.getBlock({ blockNumber: number })
      const parent = current.value.blocks.at(-1)?.hash ?? current.value.finalHash
      // The chain changed since the rewind: the next poll walks back.
      if (parent !== undefined && parentHash !== parent) return current
      await handOn(await logsOf(client, hash), false)
      current = await save(current, {
        ...current.value,
        blocks: [...current.value.blocks, { number, hash, parentHash }],
      })
    }
    return current
  }

  /** Hands on as final what is deep enough; the logs are read anew, so a gap in the first reading costs nothing. */
  async function promote(client: PublicClient, doc: Doc, lastFinal: bigint): Promise<Doc> {
    let current = doc
    for (const block of doc.value.blocks) {
      if (block.number > lastFinal) break
      await handOn(await logsOf(client, block.hash), true)
      const blocks = current.value.blocks.slice(1)
      current = await save(current, { nextBlock: block.number + 1n, finalHash: block.hash, blocks })
    }
    return current
  }

  async function poll() {
    const { client, head } = await steady.pick()
    const lastFinal = head - BigInt(options.confirmations) + 1n
    let doc = await rewind(client, await load(), head)
    if (!isCertain) await options.onForget?.(lastSeen(doc.value) + 1n)
    isCertain = false
    doc = await catchUp(client, doc, lastFinal)
    doc = await extend(client, doc, head)
    doc = await promote(client, doc, lastFinal)
    isCertain = true
    return { head, nextBlock: doc.value.nextBlock }
  }

  return {
    poll,
    async run(signal) {
      while (!signal.aborted) {
        try {
          const place = await poll()
          options.onRead?.(place)
        } catch (error) {
          const code = error instanceof NectoError ? error.code : undefined
          if (code === 'chain.deep-reorg') throw error
          if (error instanceof BaseError || code === 'chain.disagree') steady.leave()
          log.warn({ msg: 'chain not read', name, reason: rpcErrorText(error) })
        }
        await clock.sleep(pollMs, signal).catch(() => {})
      }
    },
  }
}

const lastSeen = (cursor: ChainCursor) => cursor.blocks.at(-1)?.number ?? cursor.nextBlock - 1n
