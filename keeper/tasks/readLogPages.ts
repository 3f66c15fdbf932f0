// Logs of a long range in pages that halve when a node finds one too large.
import type { Address, Hex, Log, PublicClient } from 'viem'
import { NectoError } from '../../core/errors.ts'

export interface LogPage {
  readonly toBlock: bigint
  /** That block's hash, the same before the logs were read and after it. */
  readonly toHash: Hex
  /** In the chain's order. */
  readonly logs: readonly Log<bigint, number, false>[]
}

/** A reader that remembers which page size last worked; it grows again while pages succeed. */
export function readLogPages(options: { addresses: readonly Address[]; pageBlocks: number }) {
  const { addresses } = options
  const largest = BigInt(options.pageBlocks)
  let size = largest

  return {
    /**
     * The page that starts at `fromBlock`, ending at `lastBlock` at the latest; throws when even one block fails, and
     * NectoError `chain.moved` when the chain changed while it was read: then nobody knows which one the logs are of.
     */
    async next(client: PublicClient, fromBlock: bigint, lastBlock: bigint): Promise<LogPage> {
      const readHash = async (blockNumber: bigint) => (await client.getBlock({ blockNumber })).hash
      for (;;) {
        const toBlock = fromBlock + size - 1n < lastBlock ? fromBlock + size - 1n : lastBlock
        const toHash = await readHash(toBlock)
        const logs = await client.getLogs({ address: [...addresses], fromBlock, toBlock }).catch((error: unknown) => {
          const tried = toBlock - fromBlock + 1n
          if (tried <= 1n) throw error
          size = tried / 2n
          return undefined
        })
        if (!logs) continue
        if ((await readHash(toBlock)) !== toHash)
          throw new NectoError('chain.moved', 'The chain changed while it was read.', {
            retry: 'later',
            details: `block ${toBlock} was ${toHash}`,
          })
        size = size * 2n < largest ? size * 2n : largest
        return { toBlock, toHash, logs: logs.sort(byPlace) }
      }
    },
  }
}

function byPlace(a: Log<bigint, number, false>, b: Log<bigint, number, false>): number {
  return a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : a.blockNumber < b.blockNumber ? -1 : 1
}
