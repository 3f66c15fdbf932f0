// Follows contracts' events: each is handed on when first seen and again, in order, when its block is final.
import type { Address, Log as ChainLog, Hex, PublicClient } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Collection, Stored } from '../../core/store/store.ts'
import { rpcErrorText } from '../tx/endpoints.ts'
import type { BlockRef, ChainCursor } from './chainCursor.ts'
import { readLogPages } from './readLogPages.ts'

export interface FollowChainOptions<Event> {
  /** Names the cursor, for example `8453:router`: one follower per name. */
  readonly name: string
  /** Its transport sets the time limit of each call. */
  readonly client: PublicClient
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
  readonly onReorg?: (dropped: readonly BlockRef[]) => Promise<void>
  /** @default 2_000 */
  readonly pollMs?: number
  /** The most blocks asked for at once while catching up. @default 2_000 */
  readonly pageBlocks?: number
}

export interface ChainFollower {
  /** Reads on to the head once. Throws when an endpoint or a handler does; the cursor then stays where it was. */
  poll(): Promise<{ head: bigint; nextBlock: bigint }>
  /** Polls until aborted. Throws NectoError `chain.deep-reorg`, which no waiting heals. */
  run(signal: AbortSignal): Promise<void>
}

type Doc = Stored<ChainCursor>
// Further behind than this the blocks are read in pages; nearer they are read one by one, by their hash.
const NEAR_BLOCKS = 64n

/** One cursor's follower. */
export function followChain<Event>(options: FollowChainOptions<Event>): ChainFollower {
  const { name, client, addresses, decode, cursors, clock, log, onEvent, onReorg, pollMs = 2_000 } = options
  const readPages = readLogPages({ client, addresses, pageBlocks: options.pageBlocks ?? 2_000 })

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
  async function logsOf(blockHash: Hex) {
    const logs = await client.getLogs({ address: [...addresses], blockHash })
    return logs.sort((a, b) => a.logIndex - b.logIndex)
  }

  const readHash = async (blockNumber: bigint) => (await client.getBlock({ blockNumber })).hash

  /** Throws when the chain no longer has the last block that was final. */
  async function requireFinal({ nextBlock, finalHash }: ChainCursor): Promise<void> {
    const lastFinal = nextBlock - 1n
    if (finalHash === undefined || (await readHash(lastFinal)) === finalHash) return
    throw new NectoError('chain.deep-reorg', 'The chain took back a block that was final.', {
      details: `${name}: block ${lastFinal} is no longer ${finalHash}`,
    })
  }

  /** Drops the seen blocks that the chain no longer has. */
  async function rewind(doc: Doc, head: bigint): Promise<Doc> {
    const { blocks, nextBlock } = doc.value
    // An endpoint behind the others knows nothing of newer blocks; that alone is no reorg.
    const known = blocks.filter((block) => block.number <= head)
    let kept = known.length
    for (const block of known.toReversed()) {
      if ((await readHash(block.number)) === block.hash) break
      kept -= 1
    }
    if (kept === 0 && nextBlock - 1n <= head) await requireFinal(doc.value)
    if (kept === known.length) return doc
    const dropped = blocks.slice(kept).reverse()
    log.warn({ msg: 'reorg', name, depth: dropped.length, ancestor: String(dropped.at(-1)?.parentHash) })
    await onReorg?.(dropped)
    return await save(doc, { ...doc.value, blocks: blocks.slice(0, kept) })
  }

  /** Reads a backlog in pages, as final only. */
  async function catchUp(doc: Doc, lastFinal: bigint): Promise<Doc> {
    let current = doc
    while (lastFinal - lastSeen(current.value) > NEAR_BLOCKS) {
      const { toBlock, toHash, logs } = await readPages.next(current.value.nextBlock, lastFinal)
      // Looked at again after the page was read: only then does the page go on from what was final.
      await requireFinal(current.value)
      await handOn(logs, true)
      current = await save(current, { nextBlock: toBlock + 1n, finalHash: toHash, blocks: [] })
    }
    return current
  }

  /** Reads the blocks up to the head one by one, as provisional. */
  async function extend(doc: Doc, head: bigint): Promise<Doc> {
    let current = doc
    for (let number = lastSeen(doc.value) + 1n; number <= head; number++) {
      const { hash, parentHash } = await client.getBlock({ blockNumber: number })
      const parent = current.value.blocks.at(-1)?.hash ?? current.value.finalHash
      // The chain changed since the rewind: the next poll walks back.
      if (parent !== undefined && parentHash !== parent) return current
      await handOn(await logsOf(hash), false)
      current = await save(current, {
        ...current.value,
        blocks: [...current.value.blocks, { number, hash, parentHash }],
      })
    }
    return current
  }

  /** Hands on as final what is deep enough; the logs are read anew, so a gap in the first reading costs nothing. */
  async function promote(doc: Doc, lastFinal: bigint): Promise<Doc> {
    let current = doc
    for (const block of doc.value.blocks) {
      if (block.number > lastFinal) break
      await handOn(await logsOf(block.hash), true)
      const blocks = current.value.blocks.slice(1)
      current = await save(current, { nextBlock: block.number + 1n, finalHash: block.hash, blocks })
    }
    return current
  }

  async function poll() {
    const { number: head } = await client.getBlock({ blockTag: 'latest' })
    const lastFinal = head - BigInt(options.confirmations) + 1n
    let doc = await rewind(await load(), head)
    doc = await catchUp(doc, lastFinal)
    doc = await extend(doc, head)
    doc = await promote(doc, lastFinal)
    return { head, nextBlock: doc.value.nextBlock }
  }

  return {
    poll,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await poll()
        } catch (error) {
          if (error instanceof NectoError && error.code === 'chain.deep-reorg') throw error
          log.warn({ msg: 'chain not read', name, reason: rpcErrorText(error) })
        }
        await clock.sleep(pollMs, signal).catch(() => {})
      }
    },
  }
}

const lastSeen = (cursor: ChainCursor) => cursor.blocks.at(-1)?.number ?? cursor.nextBlock - 1n
