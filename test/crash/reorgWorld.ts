// One job on a chain whose blocks are taken back: the keeper's real follower, senders and tasks, the chat, a seller's runner.
import { type Hex, http, type LocalAccount, sha256, zeroHash } from 'viem'
import { openJob } from '../../bots/commands/openJob.ts'
import { createTestApp, textOf } from '../../bots/commands/testApp.ts'
import { createJobFollower } from '../../bots/follow/followJobs.ts'
import { notices } from '../../bots/follow/notice.ts'
import { createManualClock } from '../../core/clock.ts'
import { encodeRegistryCall } from '../../core/escrow/registryCall.ts'
import { routerErrors } from '../../core/escrow/routerCall.ts'
import { createRunnerDesk } from '../../core/jobs/createRunnerDesk.ts'
import type { Job } from '../../core/jobs/job.ts'
import { askerChat, createTestJobs, payer, runner } from '../../core/jobs/testJobs.ts'
import { createKeyedQueue } from '../../core/keyedQueue.ts'
import { silentLog } from '../../core/log.ts'
import { createMemoryStore } from '../../core/store/memory.ts'
import { blindHash } from '../../core/supply/blindHash.ts'
import { signReceipt } from '../../core/supply/receiptSignature.ts'
import { chainCursors } from '../../keeper/tasks/chainCursor.ts'
import { createChainReads } from '../../keeper/tasks/chainReads.ts'
import { checkpointJob } from '../../keeper/tasks/checkpointJobs.ts'
import { expireJob } from '../../keeper/tasks/expireJobs.ts'
import { followRouter } from '../../keeper/tasks/followRouter.ts'
import { fundJob } from '../../keeper/tasks/fundJobs.ts'
import type { KeeperContext } from '../../keeper/tasks/keeper.ts'
import { settleJob } from '../../keeper/tasks/settleJobs.ts'
import { startJob } from '../../keeper/tasks/startJobs.ts'
import { storeFile } from '../../keeper/tasks/storeFiles.ts'
import { watchJob } from '../../keeper/tasks/watchJobs.ts'
import { createEndpoints } from '../../keeper/tx/endpoints.ts'
import { type Intent, intents } from '../../keeper/tx/intent.ts'
import { createSender } from '../../keeper/tx/sender.ts'
import { people } from '../world/startEscrowChain.ts'
import type { ReorgChain } from './reorgChain.ts'

const FEE_CAP_WEI = 200_000_000_000n
const signal = new AbortController().signal

export type ReorgWorld = Awaited<ReturnType<typeof openReorgWorld>>

/** A shop whose one job waits for its payment, its terms signed; `hasStorage`: its record gets to 0G. */
export async function openReorgWorld(options: { chain: ReorgChain; confirmations: number; hasStorage?: boolean }) {
  const { chain, confirmations, hasStorage = true } = options
  const { chainId, router, registry } = chain.deployed
  const store = createMemoryStore()
  const clock = createManualClock((await chain.latestSeconds()) * 1000)
  const at = { chainId, router, usdc: chain.usdc, usdcName: 'USDC' }
  const shop = await createTestJobs({ store, clock, at, gpuCount: 1 })
  const { context, listing } = shop
  const add = {
    verb: 'add',
    provider: listing.payee,
    payout: people.provider.address,
    kind: 'direct',
    priceAsset: zeroHash,
  } as const
  await chain.act(people.agent, registry, encodeRegistryCall(add))
  const startBlock = (await chain.head()) + 1n
  const docs = store.collection(intents)
  const storedCursors = store.collection(chainCursors)
  let isDying = false
  const cursors: typeof storedCursors = {
    ...storedCursors,
    async put(doc, value) {
      if (isDying) throw new Error('the keeper is dead')
      return storedCursors.put(doc, value)
    },
  }
  const transports = [http(chain.anvil.url, { retryCount: 0 })]
  const bots = createTestApp({ shop, clock })
  const follow = createJobFollower({ app: bots.app, notices: store.collection(notices) })
  const desk = createRunnerDesk(context)

  const { ref } = await bots.until(shop.asks())
  await bots.until(openJob({ app: bots.app, job: await shop.jobOf(ref), place: { ...askerChat } }))
  const signed = await shop.signs(await shop.orders(await shop.scans(await shop.jobOf(ref))))
  const { jobId, terms } = signed
  let reorgs = 0

  /** What lasts from a start of the keeper to its end. */
  function begin() {
    const sender = (account: LocalAccount) =>
      createSender({
        intents: docs,
        transports,
        account,
        chainId,
        confirmations,
        clock,
        log: silentLog,
        feeCapWei: FEE_CAP_WEI,
        errorAbi: routerErrors,
      })
    const [agent, relay] = [sender(people.agent), sender(people.relay)]
    const keeper: KeeperContext = {
      context,
      intents: docs,
      agent,
      relay,
      feeCapWei: FEE_CAP_WEI,
      turns: createKeyedQueue(),
      router,
      registry,
      ...createChainReads({ client: chain.client, router, cursors, name: 'router' }),
      startedAtMs: clock.now(),
    }
    const follower = followRouter({
      keeper,
      metrics: { count: (what) => void (what === 'reorgs' && reorgs++) },
      name: 'router',
      endpoints: createEndpoints({ transports, chainId }),
      cursors,
      startBlock,
      confirmations,
    })
    return { agent, relay, keeper, follower }
  }

  let life = begin()

  async function passClock(): Promise<void> {
    const aheadMs = (await chain.latestSeconds()) * 1000 - clock.now()
    if (aheadMs > 0) await clock.tick(aheadMs)
  }

  async function each(
    work: (job: Awaited<ReturnType<typeof docOf>>) => Promise<unknown>,
    states: readonly Job['state'][],
  ) {
    const doc = await docOf()
    if (states.includes(doc.value.state)) await work(doc)
  }

  async function docOf() {
    const doc = await context.jobs.get(ref)
    if (!doc) throw new Error('the job is gone')
    return doc
  }

  /** Every loop of keeper and bots once, over what is there. */
  async function turn(): Promise<void> {
    const { keeper, agent, relay, follower } = life
    await passClock()
    await follower.poll()
    await each((doc) => fundJob(keeper, doc), ['paying'])
    await each((doc) => startJob(keeper, doc, signal), ['funded', 'starting', 'cancelling'])
    await each((doc) => checkpointJob(keeper, doc, signal), ['running'])
    await each((doc) => watchJob(keeper, doc), ['active', 'running'])
    await each((doc) => settleJob(keeper, doc, signal), ['finishing', 'settling'])
    await each((doc) => expireJob(keeper, doc, signal), ['offered', 'ordered', 'signed', 'paying'])
    for (const doc of hasStorage ? await context.uploads.list({ index: 'state', key: 'pending' }) : [])
      await storeFile({ context, zeroG: { put, kvPut: ({ bytes }) => put(bytes) }, doc, signal })
    await agent.step()
    await relay.step()
    await bots.until(follow(await docOf()))
  }

  async function put(bytes: Uint8Array) {
    const root = sha256(bytes)
    return { txSeq: 1, txHash: root, root, deduplicated: false, finalized: true } as const
  }

  /** What the seller's machine does in one go, `seconds` of the chain's time. */
  async function run(seconds: number): Promise<void> {
    await desk.accept(runner.address, jobId)
    await chain.passSeconds(seconds)
    await passClock()
    await desk.heartbeat(runner.address, jobId)
  }

  async function handIn(usedSeconds: number): Promise<void> {
    const salt: Hex = `0x${'5a'.repeat(32)}`
    const nothing = (kind: 'log' | 'output') => blindHash(kind, { salt, hash: sha256(new Uint8Array()) })
    const hashes = { logHash: nothing('log'), outputHash: nothing('output') }
    const receipt = { jobId, usedSeconds, exitCode: 0, reason: 'exited', ...hashes } as const
    const signedReceipt = await signReceipt({ account: runner, receipt, chainId })
    await desk.receipt(runner.address, jobId, { ...signedReceipt, salt })
  }

  return {
    ...{ chain, shop, ref, jobId, terms, confirmations, startBlock, turn, run, handIn },
    keeper: () => life.keeper,
    /** The keeper dies; another goes on from what is stored. */
    restart(): void {
      isDying = false
      life = begin()
    },
    /** From here on it dies before it can write down how far it has read. */
    dies(): void {
      isDying = true
    },
    job: async () => (await docOf()).value,
    quoteSignature: signed.quoteSignature as Hex,
    authorize: () => shop.pays(signed, payer),
    isIdle: async () => (await life.agent.isIdle()) && (await life.relay.isIdle()),
    intentsBy: async (part: string): Promise<Intent[]> =>
      (await docs.list()).filter(({ id }) => id.includes(part)).map(({ value }) => value),
    reorgs: () => reorgs,
    /** Everything the chat was ever shown, one text per message as it is now. */
    said: () => [...bots.messages.values()].map(({ view }) => textOf(view)),
  }
}
