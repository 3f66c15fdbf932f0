// Finds what was paid for a job in the chain's own log: by the job's id, or by the ref people know it by.
import { type Address, getAbiItem, type Hex, type PublicClient } from 'viem'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { type CallLimits, withDeadline } from './deadline.ts'
import { decodeRouterLog, type RouterEventOf } from './events.ts'
import { refKey } from './terms.ts'

// Public endpoints refuse wide ranges; this many blocks is what most of them take.
export const PAGE_BLOCKS = 9_000n

/** Every JobFunded event of an id or a ref, oldest first, from `fromBlock` (the router's deployment) to the head. */
export async function findFunding(
  options: CallLimits & {
    client: Pick<PublicClient, 'getBlockNumber' | 'getLogs'>
    router: Address
    fromBlock: bigint
    by: { id: Hex } | { ref: string }
  },
): Promise<RouterEventOf<'JobFunded'>[]> {
  const { client, router, fromBlock, by, ...limits } = options
  const event = getAbiItem({ abi: computeRouterAbi, name: 'JobFunded' })
  const args = 'id' in by ? { id: by.id } : { ref: refKey(by.ref) }
  const head = await withDeadline(() => client.getBlockNumber({ cacheTime: 0 }), 'head of the chain', limits)
  const found: RouterEventOf<'JobFunded'>[] = []
  for (let from = fromBlock; from <= head; from += PAGE_BLOCKS) {
    const toBlock = from + PAGE_BLOCKS - 1n < head ? from + PAGE_BLOCKS - 1n : head
    const logs = await withDeadline(
      () => client.getLogs({ address: router, event, args, fromBlock: from, toBlock }),
      `payments in blocks ${from}-${toBlock}`,
      limits,
    )
    for (const log of logs) {
      const decoded = decodeRouterLog(log)
      if (decoded?.name === 'JobFunded') found.push(decoded)
    }
  }
  return found
}
