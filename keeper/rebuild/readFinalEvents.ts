// Every event of the router that is final, read as the keeper reads the chain: by pages, over several endpoints.
import type { Address } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { decodeRouterLog, type RouterEvent } from '../../core/escrow/events.ts'
import type { Log } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { chainCursors } from '../tasks/chainCursor.ts'
import { followChain } from '../tasks/followChain.ts'
import type { Endpoints } from '../tx/endpoints.ts'

/** Waits for endpoints that are away meanwhile, until the signal. `onPage` is told the first block not read yet. */
export async function readFinalEvents(options: {
  endpoints: Endpoints
  router: Address
  fromBlock: bigint
  confirmations: number
  clock: Clock
  log: Log
  signal: AbortSignal
  onPage: (nextBlock: bigint) => void
}): Promise<{ events: RouterEvent[]; nextBlock: bigint }> {
  const { endpoints, router, fromBlock, confirmations, clock, log, signal, onPage } = options
  // Its own cursor: the keeper reads everything once more by itself, and so sends back what no job stands for.
  const store = createMemoryStore()
  const cursors = store.collection(chainCursors)
  // A page that failed half way is handed on again.
  const found = new Map<string, RouterEvent>()
  const over = new AbortController()
  const both = AbortSignal.any([signal, over.signal])
  let nextBlock = fromBlock
  const follower = followChain<RouterEvent>({
    name: 'rebuild',
    endpoints,
    addresses: [router],
    decode: decodeRouterLog,
    cursors,
    startBlock: fromBlock,
    confirmations,
    clock,
    log,
    async onEvent(event, isFinal) {
      if (isFinal) found.set(`${event.at.blockHash} ${event.at.logIndex}`, event)
    },
    onRead(place) {
      nextBlock = place.nextBlock
      over.abort()
    },
  })
  const telling = (async () => {
    for await (const { id } of cursors.watch(both)) onPage((await cursors.get(id))?.value.nextBlock ?? fromBlock)
  })()
  try {
    await follower.run(both)
    await telling
  } finally {
    await store.close()
  }
  signal.throwIfAborted()
  return { events: [...found.values()], nextBlock }
}
