// The keeper's composition root: follows the chain, sends what must be sent, watches runners, stores files.
import { createPublicClient, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { readTransport } from '../core/escrow/readTransport.ts'
import { createRegistryReads } from '../core/escrow/registryReads.ts'
import { routerErrors } from '../core/escrow/routerCall.ts'
import type { Check } from '../core/health/readiness.ts'
import { createMachineDesk } from '../core/jobs/createMachineDesk.ts'
import { createRunnerDesk } from '../core/jobs/createRunnerDesk.ts'
import type { Job, JobState } from '../core/jobs/job.ts'
import { indexStream } from '../core/jobs/jobIndex.ts'
import { utcDay } from '../core/jobs/relayDay.ts'
import { SECRETLESS_STATES } from '../core/jobs/secrets.ts'
import { createKeyedQueue } from '../core/keyedQueue.ts'
import { wantBrokers } from '../core/launch/broker.ts'
import { runTogether } from '../core/runTogether.ts'
import type { Stored } from '../core/store/store.ts'
import { workOn } from '../core/store/workOn.ts'
import { openChange } from '../core/supply/walletLink.ts'
import { reports } from '../core/teams/report.ts'
import { createStoreJournal, submissions } from '../core/zerog/storeJournal.ts'
import { createZeroG, type ZeroG } from '../core/zerog/zeroG.ts'
import { createSellerApi } from './api/createSellerApi.ts'
import { createNonces } from './api/nonces.ts'
import { serveSellerApi } from './api/serveSellerApi.ts'
import { createWaitForWork } from './api/waitForWork.ts'
import { createChainWatch } from './health/chainWatch.ts'
import { countDocuments } from './health/countDocuments.ts'
import type { KeeperOptions } from './keeperOptions.ts'
import { runSchedules } from './schedule.ts'
import { keeperSchedules } from './schedules.ts'
import { chainCursors } from './tasks/chainCursor.ts'
import { createChainReads } from './tasks/chainReads.ts'
import { changePayouts } from './tasks/changePayouts.ts'
import { checkpointJob } from './tasks/checkpointJobs.ts'
import { expireJob } from './tasks/expireJobs.ts'
import { applyFinalEvent, followRouter } from './tasks/followRouter.ts'
import { forgetJobSecrets } from './tasks/forgetSecrets.ts'
import { fundJob } from './tasks/fundJobs.ts'
import type { KeeperContext } from './tasks/keeper.ts'
import { launchJob, wantsLaunch } from './tasks/launchJobs.ts'
import { listBroker } from './tasks/listBrokers.ts'
import { listSeller } from './tasks/listSellers.ts'
import { countRelayGas, isFundIntent } from './tasks/relayBudget.ts'
import type { Renting, RentingOptions } from './tasks/renting.ts'
import { returnDeposit } from './tasks/returnDeposits.ts'
import { sendReport } from './tasks/sendReports.ts'
import { settleJob } from './tasks/settleJobs.ts'
import { startJob } from './tasks/startJobs.ts'
import { storeFile } from './tasks/storeFiles.ts'
import { watchJob } from './tasks/watchJobs.ts'
import { createEndpoints, rpcTransport } from './tx/endpoints.ts'
import { intents } from './tx/intent.ts'
import { createSender } from './tx/sender.ts'

// Far above what Base asks (20 gwei); a spike above it waits instead of draining the wallets.
const FEE_CAP_WEI = 20_000_000_000n
const STORAGE_GAS_LIMIT = 1_000_000n
const STORAGE_GAS_PRICE_WEI = 50_000_000_000n
const UPLOAD_TIMEOUT_MS = 120_000

export interface Keeper {
  readonly sellerApiUrl: string
  readonly zeroG: ZeroG
  /** What must hold for it to do its work. */
  readonly checks: readonly Check[]
  /** Resolves when every loop has ended; the signal ends them. */
  run(signal: AbortSignal): Promise<void>
}

/** Builds the keeper and opens the sellers' port; nothing else happens before `run`. */
export async function createKeeper(options: KeeperOptions): Promise<Keeper> {
  const { context, store, escrow, storage, metrics } = options
  const { clock, log } = context
  const { chainId } = context.escrow
  // A stop does not wait for an endpoint: what was sent meanwhile is looked for at the next start.
  const over = new AbortController()
  const { signal } = over
  const transports = escrow.rpcUrls.map((url, endpoint) =>
    rpcTransport({ url, signal, onFailure: (failure) => metrics.rpcFailed(endpoint, failure) }),
  )
  const client = createPublicClient({
    transport: readTransport({ urls: escrow.rpcUrls, chainId, clock, signal, onFailure: metrics.rpcFailed }),
  })
  const intentDocs = store.collection(intents)
  const sender = (key: Hex, name: string) =>
    createSender({
      intents: intentDocs,
      transports,
      account: privateKeyToAccount(key),
      chainId,
      confirmations: escrow.confirmations,
      clock,
      log: log.child({ signer: name }),
      feeCapWei: FEE_CAP_WEI,
      pollMs: escrow.pollMs,
      errorAbi: routerErrors,
      onTrouble: (what) => metrics.count(what, 1, name),
    })
  const agent = sender(escrow.agentKey, 'agent')
  const relay = sender(escrow.relayKey, 'relay')
  const zeroG = createZeroG({
    ...storage,
    gasLimit: STORAGE_GAS_LIMIT,
    maxGasPriceWei: STORAGE_GAS_PRICE_WEI,
    uploadTimeoutMs: UPLOAD_TIMEOUT_MS,
    clock,
    log,
    journal: createStoreJournal({ collection: store.collection(submissions), clock }),
  })
  const streamId = storage.kvStream ?? indexStream(context.escrow)
  const registryReads = createRegistryReads({ client, registry: escrow.registry })
  const cursors = store.collection(chainCursors)
  const reportDocs = store.collection(reports)
  const cursorName = `${chainId}:${escrow.router}`
  const keeper: KeeperContext = {
    context,
    intents: intentDocs,
    agent,
    relay,
    feeCapWei: FEE_CAP_WEI,
    turns: createKeyedQueue(),
    router: escrow.router,
    registry: escrow.registry,
    ...createChainReads({ client, router: escrow.router, cursors, name: cursorName }),
    startedAtMs: clock.now(),
  }
  const chainWatch = createChainWatch({ clock, metrics, confirmations: escrow.confirmations })
  countDocuments({ context, intents: intentDocs, metrics })
  const { payout, watchStandings, ...rented }: Partial<RentingOptions> & Pick<Renting, 'launchers' | 'machinesUrl'> =
    options.renting ?? { launchers: [], machinesUrl: '' }
  const renting: Renting = { keeper, ...rented, memory: new Map() }
  const follower = followRouter({
    keeper,
    metrics,
    name: cursorName,
    endpoints: createEndpoints({ transports, chainId }),
    cursors,
    startBlock: escrow.fromBlock,
    confirmations: escrow.confirmations,
    pollMs: escrow.pollMs,
    onRead: chainWatch.read,
  })
  const schedules = keeperSchedules({
    ...{ context, store, metrics, market: options.market, client, escrow },
    applyFinal: (event) => applyFinalEvent(keeper, event),
    storageClient: createPublicClient({ transport: rpcTransport({ url: storage.rpcUrl, signal }) }),
    storageKey: storage.signerKey,
    agent,
    index: storage.kvUrl === undefined ? undefined : { context, zeroG, streamId },
    finalBlock: async () => (chainWatch.isNear() ? (await keeper.chainReadBlock()) - 1n : undefined),
  })
  const app = createSellerApi({
    desk: createRunnerDesk(context),
    machines: createMachineDesk(context),
    nonces: createNonces(clock),
    clock,
    log,
    chainId,
    waitForWork: createWaitForWork(context.jobs),
  })
  const server = await serveSellerApi({ app, ...options.sellerApi })

  /** A task over the jobs in some states. */
  const overJobs =
    (
      name: string,
      states: readonly JobState[],
      work: (keeper: KeeperContext, doc: Stored<Job>, signal: AbortSignal) => Promise<number | undefined>,
    ) =>
    (signal: AbortSignal) =>
      workOn({
        name,
        collection: context.jobs,
        wants: (job) => states.includes(job.state),
        work: (doc, ending) => work(keeper, doc, ending),
        clock,
        log,
        signal,
      })

  return {
    sellerApiUrl: server.url,
    zeroG,
    checks: [
      ...chainWatch.checks,
      {
        name: 'transactions',
        fault: async () =>
          agent.isReconciled() && relay.isReconciled() ? undefined : 'what was open at the start is not looked at yet',
      },
    ],
    async run(stop) {
      stop.addEventListener('abort', () => over.abort(stop.reason), { once: true })
      try {
        const wanted = payout
          ? await wantBrokers({ brokers: context.brokers, launchers: rented.launchers, payout })
          : []
        await runTogether(stop, [
          (signal) => agent.run(signal),
          (signal) => relay.run(signal),
          (signal) => follower.run(signal),
          ...(watchStandings ? [watchStandings] : []),
          overJobs('fundJobs', ['paying'], fundJob),
          overJobs('startJobs', ['funded', 'starting', 'cancelling'], startJob),
          overJobs('checkpointJobs', ['running'], checkpointJob),
          overJobs('watchJobs', ['active', 'running'], watchJob),
          overJobs('settleJobs', ['finishing', 'settling'], settleJob),
          overJobs('forgetSecrets', SECRETLESS_STATES, forgetJobSecrets),
          overJobs('expireJobs', ['offered', 'ordered', 'signed', 'paying'], expireJob),
          (signal) =>
            workOn({
              name: 'countRelayGas',
              collection: intentDocs,
              wants: ({ createdAtMs }) => utcDay(createdAtMs) === utcDay(clock.now()),
              work: async (doc) => void (isFundIntent(doc.id) && (await countRelayGas(keeper))),
              clock,
              log,
              signal,
            }),
          (signal) =>
            workOn({
              name: 'returnDeposits',
              collection: intentDocs,
              wants: ({ state }) => state === 'failed',
              work: (doc, ending) => returnDeposit(keeper, doc, ending),
              clock,
              log,
              signal,
            }),
          (signal) =>
            workOn({
              name: 'listSellers',
              collection: context.listings,
              wants: (listing) => listing.state === 'approved',
              work: (doc) => listSeller(keeper, doc),
              clock,
              log,
              signal,
            }),
          (signal) =>
            workOn({
              name: 'launchJobs',
              collection: context.jobs,
              wants: wantsLaunch,
              work: (doc, ending) => launchJob(renting, doc, ending),
              clock,
              log,
              signal,
            }),
          (signal) =>
            workOn({
              name: 'listBrokers',
              collection: context.brokers,
              wants: (broker) => broker.state === 'wanted',
              work: async (doc) =>
                wanted.some((id) => id === doc.id) ? listBroker({ ...keeper, reads: registryReads }, doc) : undefined,
              clock,
              log,
              signal,
            }),
          (signal) =>
            workOn({
              name: 'changePayouts',
              collection: context.walletLinks,
              wants: (link) => openChange(link) !== undefined,
              work: (doc, ending) => changePayouts({ ...keeper, reads: registryReads }, doc, ending),
              clock,
              log,
              signal,
            }),
          (signal) =>
            workOn({
              name: 'sendReports',
              collection: context.teams,
              wants: (team) => team.report !== undefined,
              work: (doc) => sendReport({ team: doc.value, reports: reportDocs, nowMs: clock.now() }),
              clock,
              log,
              signal,
            }),
          (signal) => runSchedules({ schedules, clock, log, metrics }, signal),
          (signal) =>
            workOn({
              name: 'storeFiles',
              collection: context.uploads,
              wants: (upload) => upload.state === 'pending',
              work: (doc, ending) => storeFile({ context, zeroG, doc, signal: ending }),
              clock,
              log,
              signal,
            }),
        ])
      } finally {
        await Promise.all([server.stop(), zeroG.close()])
      }
    },
  }
}
