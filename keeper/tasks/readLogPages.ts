// Logs of a long range in pages that halve when a node finds one too large.
import type { Address, Log, PublicClient } from 'viem'

export interface LogPage {
  readonly toBlock: bigint
  /** In the chain's order. */
  readonly logs: readonly Log<bigint, number, false>[]
}

/** A reader that remembers which page size last worked; it grows again while pages succeed. */
export function readLogPages(options: { client: PublicClient; addresses: readonly Address[]; pageBlocks: number }) {
  const { client, addresses } = options
  const largest = BigInt(options.pageBlocks)
  let size = largest

  return {
    /** The page that starts at `fromBlock`, ending at `lastBlock` at the latest; throws when even one block fails. */
    async next(fromBlock: bigint, lastBlock: bigint): Promise<LogPage> {
      for (;;) {
        const toBlock = fromBlock + size - 1n < lastBlock ? fromBlock + size - 1n : lastBlock
        try {
          const logs = await client.getLogs({ address: [...addresses], fromBlock, toBlock })
          size = size * 2n < largest ? size * 2n : largest
          return { toBlock, logs: logs.sort(byPlace) }
        } catch (error) {
          const tried = toBlock - fromBlock + 1n
          if (tried <= 1n) throw error
          size = tried / 2n
        }
      }
    },
  }
}

function byPlace(a: Log<bigint, number, false>, b: Log<bigint, number, false>): number {
  return a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : a.blockNumber < b.blockNumber ? -1 : 1
}
