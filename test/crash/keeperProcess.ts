// A process that is a keeper with its seller's runner on a chain, over the store in a folder, until it is told to end.
import { z } from 'zod'
import { systemClock } from '../../core/clock.ts'
import { address } from '../../core/codecs.ts'
import { isEnded } from '../../core/jobs/job.ts'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import { people } from '../world/startEscrowChain.ts'
import { openChainKeeper } from './chainKeeper.ts'
import { runJobs } from './chainRunner.ts'

const orderSchema = z.strictObject({
  directory: z.string(),
  url: z.string(),
  chainId: z.int(),
  router: address,
  usdc: address,
  fromBlock: z.coerce.bigint(),
})
export type KeeperOrder = z.input<typeof orderSchema>

const RPC_TIMEOUT_MS = 1_000

if (import.meta.main) {
  const { directory, url, ...place } = orderSchema.parse(JSON.parse(process.argv[2] ?? ''))
  const store = await openLowdbStore({ directory })
  const keeper = await openChainKeeper({
    store,
    place,
    urls: [url],
    agent: people.agent,
    relay: people.relay,
    clock: systemClock,
    rpcTimeoutMs: RPC_TIMEOUT_MS,
  })
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  const working = Promise.all([keeper.run(stop.signal), runJobs(keeper, { signal: stop.signal })])
  console.info('at work')
  const { jobs } = keeper.shop.context
  while (!stop.signal.aborted && !(await jobs.list()).every(({ value }) => isEnded(value))) await systemClock.sleep(50)
  if (!stop.signal.aborted) console.info('all ended')
  await working
  for (const line of keeper.lines) if (/another transaction took/.test(line.msg)) console.info(line.msg)
  await store.close()
}
