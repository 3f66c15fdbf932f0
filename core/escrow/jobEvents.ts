// Everything that the router said of one job, in the chain's order.
import type { Address, Hex, PublicClient } from 'viem'
import type { CallLimits } from './deadline.ts'
import { type RouterEvent, readRouterEvents } from './events.ts'
import { PAGE_BLOCKS } from './findFunding.ts'

/** From `fromBlock` to `toBlock`, both included; throws when a page of the range cannot be read. */
export async function readJobEvents(
  options: CallLimits & { client: PublicClient; router: Address; id: Hex; fromBlock: bigint; toBlock: bigint },
): Promise<RouterEvent[]> {
  const { id, fromBlock, toBlock, ...read } = options
  const found: RouterEvent[] = []
  for (let from = fromBlock; from <= toBlock; from += PAGE_BLOCKS) {
    const last = from + PAGE_BLOCKS - 1n
    const events = await readRouterEvents({ ...read, fromBlock: from, toBlock: last < toBlock ? last : toBlock })
    found.push(...events.filter((event) => 'id' in event && event.id === id))
  }
  return found
}
