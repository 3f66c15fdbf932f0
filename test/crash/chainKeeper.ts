// One keeper on a real chain, over a store and endpoints of its own: the product's tasks, senders and follower, as keeper/main.ts runs them.
import { type Address, createPublicClient, keccak256, type LocalAccount } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { routerErrors } from '../../core/escrow/routerCall.ts'
import type { JobState } from '../../core/jobs/job.ts'
import { createTestJobs } from '../../core/jobs/testJobs.ts'
import { createKeyedQueue } from '../../core/keyedQueue.ts'
import type { Log, LogFields } from '../../core/log.ts'
import { runTogether } from '../../core/runTogether.ts'
import type { Store } from '../../core/store/store.ts'
import { workOn } from '../../core/store/workOn.ts'
import type { ZeroG } from '../../core/zerog/zeroG.ts'
import { chainCursors } from '../../keeper/tasks/chainCursor.ts'
import { createChainReads } from '../../keeper/tasks/chainReads.ts'
import { checkpointJob } from '../../keeper/tasks/checkpointJobs.ts'
import { expireJob } from '../../keeper/tasks/expireJobs.ts'
import { followRouter } from '../../keeper/tasks/followRouter.ts'
import { fundJob } from '../../keeper/tasks/fundJobs.ts'
import type { KeeperContext } from '../../keeper/tasks/keeper.ts'
import { returnDeposit } from '../../keeper/tasks/returnDeposits.ts'
import { settleJob } from '../../keeper/tasks/settleJobs.ts'
import { startJob } from '../../keeper/tasks/startJobs.ts'
import { storeFile } from '../../keeper/tasks/storeFiles.ts'
import { watchJob } from '../../keeper/tasks/watchJobs.ts'
import { createEndpoints, rpcTransport } from '../../keeper/tx/endpoints.ts'
import { intents } from '../../keeper/tx/intent.ts'
import { createSender } from '../../keeper/tx/sender.ts'

export interface ChainPlace {
  readonly chainId: number
  readonly router: Address
  readonly usdc: Address
  readonly fromBlock: bigint
}

export interface ChainKeeperOptions {
  readonly store: Store
  readonly place: ChainPlace
  readonly urls: readonly string[]
  readonly agent: LocalAccount
  readonly relay: LocalAccount
  readonly clock: Clock
  /** How long it waits for an endpoint. @default 2_000 */
  readonly rpcTimeoutMs?: number
}

export type ChainKeeper = Awaited<ReturnType<typeof openChainKeeper>>

const CONFIRMATIONS = 2
const FEE_CAP_WEI = 500_000_000_000n

/** Nothing is done before `run`. */
export async function openChainKeeper(options: ChainKeeperOptions) {
  const { store, place, urls, clock, rpcTimeoutMs: timeoutMs = 2_000 } = options
  const { chainId, router } = place
  const shop = await createTestJobs({ store, clock, gpuCount: 10_000, at: { ...place, usdcName: 'USDC' } })
  const lines: LogFields[] = []
  const note = (fields: LogFields) => void lines.push(fields)
  const log: Log = { info: note, warn: note, error: note, child: () => log }
  const context = { ...shop.context, log }
  const transports = urls.map((url) => rpcTransport({ url, timeoutMs }))
  const endpoints = createEndpoints({ transports, chainId })
  const client = createPublicClient({ transport: rpcTransport({ url: urls[0] ?? '', timeoutMs }), cacheTime: 0 })
  const docs = store.collection(intents)
  const cursors = store.collection(chainCursors)
  const sender = (account: LocalAccount) =>
    createSender({
      intents: docs,
      transports,
      account,
      chainId,
      confirmations: CONFIRMATIONS,
      clock,
      log,
      feeCapWei: FEE_CAP_WEI,
      errorAbi: routerErrors,
      pollMs: 50,
      resendEveryMs: 300,
      bumpEveryMs: 3_000,
    })
  const [agent, relay] = [sender(options.agent), sender(options.relay)]
  const keeper: KeeperContext = {
    context,
    intents: docs,
    agent,
    relay,
    feeCapWei: FEE_CAP_WEI,
    turns: createKeyedQueue(),
    router,
    registry: router,
    ...createChainReads({ client, router, cursors, name: 'router' }),
    startedAtMs: clock.now(),
  }
  const follower = followRouter({
    keeper,
    metrics: { count: () => {} },
    name: 'router',
    endpoints,
    cursors,
    startBlock: place.fromBlock,
    confirmations: CONFIRMATIONS,
    pollMs: 100,
  })
  // 0G has trials of its own; here what is given to it is there.
  const put: ZeroG['put'] = async (bytes) => {
    const root = keccak256(bytes)
    return { txSeq: 1, txHash: root, root, deduplicated: false, finalized: true }
  }
  const loop = { clock, log }
  const overJobs =
    (name: string, states: readonly JobState[], work: typeof settleJob | typeof fundJob) => (signal: AbortSignal) =>
      workOn({
        ...loop,
        name,
        collection: context.jobs,
        wants: (job) => states.includes(job.state),
        work: (doc, ending) => work(keeper, doc, ending),
        signal,
      })

  return {
    shop,
    keeper,
    lines,
    run: (stop: AbortSignal) =>
      runTogether(stop, [
        (signal) => agent.run(signal),
        (signal) => relay.run(signal),
        (signal) => follower.run(signal),
        overJobs('fundJobs', ['paying'], fundJob),
        overJobs('startJobs', ['funded', 'starting', 'cancelling'], startJob),
        overJobs('checkpointJobs', ['running'], checkpointJob),
        overJobs('watchJobs', ['active', 'running'], watchJob),
        overJobs('settleJobs', ['finishing', 'settling'], settleJob),
        overJobs('expireJobs', ['offered', 'ordered', 'signed', 'paying'], expireJob),
        (signal) =>
          workOn({
            ...loop,
            name: 'returnDeposits',
            collection: docs,
            wants: ({ state }) => state === 'failed',
            work: (doc, ending) => returnDeposit(keeper, doc, ending),
            signal,
          }),
        (signal) =>
          workOn({
            ...loop,
            name: 'storeFiles',
            collection: context.uploads,
            wants: (upload) => upload.state === 'pending',
            work: (doc, ending) =>
              storeFile({ context, zeroG: { put, kvPut: ({ bytes }) => put(bytes) }, doc, signal: ending }),
            signal,
          }),
      ]),
  }
}
