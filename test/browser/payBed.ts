// For the browser tests: the pay page over a real chain with Circle's USDC, with the product's own relay and follower.
import type { Address } from 'viem'
import { serveWeb } from '../../bots/web/serveWeb.ts'
import { createTestShop } from '../../bots/web/testShop.ts'
import { testWeb } from '../../bots/web/testWeb.ts'
import { type Clock, systemClock } from '../../core/clock.ts'
import { decodeRouterLog, type RouterEvent } from '../../core/escrow/events.ts'
import { depositOf } from '../../core/escrow/metering.ts'
import { createRegistryReads } from '../../core/escrow/registryReads.ts'
import { encodeRouterCall, type RouterCall, routerErrors } from '../../core/escrow/routerCall.ts'
import { encodeApprove, readUsdcBalance } from '../../core/escrow/usdc.ts'
import { applyRouterEvent } from '../../core/jobs/applyRouterEvent.ts'
import { issueTerms } from '../../core/jobs/issueTerms.ts'
import type { JobState } from '../../core/jobs/job.ts'
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
  // Moves together with the chain's.
  let aheadMs = 0
  const clock: Clock = { now: () => Date.now() + aheadMs, sleep: systemClock.sleep }
  const shop = await createTestShop({ at, clock, gpuCount: 50 })
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

  async function reaches(ref: string, state: JobState): Promise<void> {
    const watching = new AbortController()
    const changes = context.jobs.watch(watching.signal)
    const isThere = async () => (await context.jobs.get(ref))?.value.state === state
    if (!(await isThere())) for await (const _ of changes) if (await isThere()) break
    watching.abort()
  }

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
    /** Time goes by, on the chain and for the server. */
    async pass(seconds: number): Promise<void> {
      aheadMs += seconds * 1000
      await chain.passSeconds(seconds)
    },
    /** An ordered job, paid by `payer` out of fresh USDC; the deposit is final and known. */
    async paid() {
      const { linkToken = '', ref } = await shop.ordered()
      const { payer } = people
      const issued = await issueTerms({ context, linkToken, refundTo: payer.address })
      if (!issued.ok) throw new Error(issued.why)
      const { terms, job } = issued
      const amountMicroUsd = depositOf(terms)
      await chain.usdc.mint(payer.address, amountMicroUsd)
      await chain.send(payer, at.usdc, encodeApprove({ spender: router, amountMicroUsd }))
      const fund = { verb: 'fund', terms, quoteSignature: job.quoteSignature ?? '0x' } as const
      await chain.send(payer, router, encodeRouterCall(fund))
      await chain.test.mine({ blocks: CONFIRMATIONS })
      await reaches(ref, 'funded')
      return job
    },
    reaches,
    /** A verb of the keeper's key, final and known. */
    async agent(call: RouterCall, state: JobState, ref: string): Promise<void> {
      await chain.send(people.agent, router, encodeRouterCall(call))
      await chain.test.mine({ blocks: CONFIRMATIONS })
      await reaches(ref, state)
    },
    async stop() {
      stop.abort()
      await running
      await web.stop()
      await chain.stop()
    },
  }
}
