// For the browser tests: the pay page over a real chain with Circle's USDC, with the product's own relay and follower.
import type { Address } from 'viem'
import { serveWeb } from '../../bots/web/serveWeb.ts'
import { createTestShop } from '../../bots/web/testShop.ts'
import { testWeb } from '../../bots/web/testWeb.ts'
import { systemClock } from '../../core/clock.ts'
import { decodeRouterLog, type RouterEvent } from '../../core/escrow/events.ts'
import { createRegistryReads } from '../../core/escrow/registryReads.ts'
import { routerErrors } from '../../core/escrow/routerCall.ts'
import { readUsdcBalance } from '../../core/escrow/usdc.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { seePayment } from '../../core/jobs/seePayment.ts'
import { quoter } from '../../core/jobs/testJobs.ts'
import { createKeyedQueue } from '../../core/keyedQueue.ts'
import { silentLog } from '../../core/log.ts'
import { runTogether } from '../../core/runTogether.ts'
import { workOn } from '../../core/store/workOn.ts'
import { chainCursors } from '../../keeper/tasks/chainCursor.ts'
import { followChain } from '../../keeper/tasks/followChain.ts'
import { fundJob } from '../../keeper/tasks/fundJobs.ts'
import { createEndpoints, rpcTransport } from '../../keeper/tx/endpoints.ts'
import { intents } from '../../keeper/tx/intent.ts'
import { createSender } from '../../keeper/tx/sender.ts'
import { people, startEscrowChain } from '../world/startEscrowChain.ts'

export const CONFIRMATIONS = 3
const CHAIN_ID = 84_532

export type PayBed = Awaited<ReturnType<typeof createPayBed>>

/** A block is mined for each transaction, and else when a test says so. */
export async function createPayBed() {
  const chain = await startEscrowChain({ chainId: CHAIN_ID, deployment: { quoters: [quoter.address] } })
  const { router } = chain.deployed
  const at = { chainId: CHAIN_ID, router, usdc: chain.usdc.address, usdcName: 'USDC' }
  const shop = await createTestShop({ at, clock: systemClock, gpuCount: 50 })
  await chain.listProvider(shop.listing.id)
  const { context, store } = shop
  const loops = { clock: systemClock, log: silentLog, pollMs: 100 }
  const intentDocs = store.collection(intents)
  const sender = createSender({
    ...loops,
    intents: intentDocs,
    transports: [rpcTransport({ url: chain.anvil.url })],
    account: people.relay,
    chainId: CHAIN_ID,
    confirmations: CONFIRMATIONS,
    feeCapWei: 100_000_000_000n,
    errorAbi: routerErrors,
  })
  /** A test may hold the relay's transactions back. */
  const relay = { isDown: false }
  const keeper = {
    context,
    intents: intentDocs,
    agent: sender,
    relay: {
      async submit(call: Parameters<typeof sender.submit>[0]) {
        if (!relay.isDown) await sender.submit(call)
      },
    },
    feeCapWei: 100_000_000_000n,
    turns: createKeyedQueue(),
    router,
    registry: chain.deployed.registry,
    chainNowSeconds: async () => Number(await chain.nowSeconds()),
    chainReadSeconds: async () => Number(await chain.nowSeconds()),
    chainReadBlock: async () => 0n,
    chainStatus: async () => undefined,
    startedAtMs: systemClock.now(),
  }
  const follower = followChain<RouterEvent>({
    ...loops,
    name: 'pay-bed',
    endpoints: createEndpoints({ transports: [rpcTransport({ url: chain.anvil.url })], chainId: chain.anvil.chainId }),
    addresses: [router],
    decode: decodeRouterLog,
    cursors: store.collection(chainCursors),
    startBlock: await chain.client.getBlockNumber(),
    confirmations: CONFIRMATIONS,
    onEvent: async (event, isFinal) =>
      isFinal ? void (await applyRouterEvent(context, event)) : seePayment(context, event),
  })
  const stop = new AbortController()
  const running = runTogether(stop.signal, [
    (signal) => sender.run(signal),
    (signal) => follower.run(signal),
    (signal) =>
      workOn({
        ...loops,
        name: 'fundJobs',
        collection: context.jobs,
        wants: (job) => job.state === 'paying',
        work: (doc) => fundJob(keeper, doc),
        signal,
      }),
  ])
  const web = await serveWeb({
    port: 0,
    app: await testWeb(shop, {
      chain: {
        name: 'Base Sepolia',
        chainId: CHAIN_ID,
        confirmations: CONFIRMATIONS,
        explorerTxUrl: 'https://explorer.test/tx/{hash}',
      },
      readHead: () => chain.client.getBlockNumber(),
      readPayout: createRegistryReads({ client: chain.client, registry: chain.deployed.registry }).payout,
      checkContractSignature: ({ from, digestOf, signature }) =>
        chain.client.verifyTypedData({ address: from, ...digestOf, signature }),
    }),
  })

  return {
    chain,
    shop,
    relay,
    web,
    at,
    urlOf: (job: { linkToken?: string | undefined }) => `${web.url}/pay/${job.linkToken}`,
    jobOf: async (ref: string) => (await context.jobs.get(ref))?.value,
    usdcOf: (account: Address) => readUsdcBalance({ client: chain.client, usdc: at.usdc, account }),
    mine: (blocks = 1) => chain.test.mine({ blocks }),
    async stop() {
      stop.abort()
      await running
      await web.stop()
      await chain.stop()
    },
  }
}
