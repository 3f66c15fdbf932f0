// What the tasks read of the chain, and of how far it was followed.
import type { Address, PublicClient } from 'viem'
import { readJob } from '../../core/escrow/jobRecord.ts'
import type { Collection } from '../../core/store/store.ts'
import type { ChainCursor } from './chainCursor.ts'
import type { KeeperContext } from './keeper.ts'

/** `name`: of the follower whose cursor in `cursors` tells how far the router's events are taken in. */
export function createChainReads(options: {
  client: PublicClient
  router: Address
  cursors: Collection<ChainCursor>
  name: string
}): Pick<KeeperContext, 'chainNowSeconds' | 'chainReadSeconds' | 'chainReadBlock' | 'chainStatus'> {
  const { client, router, cursors, name } = options
  const nextBlock = async () => (await cursors.get(name))?.value.nextBlock ?? 0n
  return {
    chainNowSeconds: async () => Number((await client.getBlock({ blockTag: 'latest' })).timestamp),
    async chainReadSeconds() {
      const next = await nextBlock()
      return next === 0n ? 0 : Number((await client.getBlock({ blockNumber: next - 1n })).timestamp)
    },
    chainReadBlock: nextBlock,
    chainStatus: async (id, signal) => (await readJob({ client, router, id, signal }))?.status,
  }
}
