// What the keeper does at set times: notes prices, compares the ledger with the escrow, indexes jobs, looks at its wallets, sends fees.
import { type Address, type Hex, type PublicClient, parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { RouterEvent } from '../core/escrow/events.ts'
import { readJobEvents } from '../core/escrow/jobEvents.ts'
import { readJob } from '../core/escrow/jobRecord.ts'
import { readCredit, readRouterSettings, readRouterTotals } from '../core/escrow/routerReads.ts'
import type { Metrics } from '../core/health/metrics.ts'
import type { JobsContext } from '../core/jobs/context.ts'
import { priceSamples } from '../core/market/priceSamples.ts'
import type { Store } from '../core/store/store.ts'
import { createSignerWatch } from './health/watchSigners.ts'
import type { Schedule } from './schedule.ts'
import { createIndexing, type Index } from './tasks/indexJobs.ts'
import type { KeeperContext } from './tasks/keeper.ts'
import { type ReconcileContext, reconcileJobs } from './tasks/reconcileJobs.ts'
import { type SampledMarket, samplePrices } from './tasks/samplePrices.ts'
import { withdrawFees } from './tasks/withdrawFees.ts'
import { intents } from './tx/intent.ts'

// Fifty records on 0G.
const STORAGE_FLOOR_WEI = parseEther('0.075')

export interface ScheduleOptions {
  readonly context: JobsContext
  readonly store: Store
  readonly market: SampledMarket
  readonly metrics: Metrics
  readonly client: PublicClient
  readonly storageClient: PublicClient
  readonly escrow: { router: Address; fromBlock: bigint; agentKey: Hex; relayKey: Hex }
  readonly storageKey: Hex
  readonly agent: KeeperContext['agent']
  /** The index of jobs on 0G; absent = none is kept. */
  readonly index?: Index | undefined
  /** The last block whose events are all applied; undefined while there is much still to be read. */
  finalBlock(): Promise<bigint | undefined>
  /** Applies one final event, again if need be. */
  applyFinal(event: RouterEvent): Promise<void>
}

/** Reports are none of them: they are due by each team's own clock, which `sendReports` says more about. */
export function keeperSchedules(options: ScheduleOptions): Schedule[] {
  const { context, store, metrics, client, escrow, finalBlock, applyFinal } = options
  const { chainId, usdc } = context.escrow
  const { router } = escrow
  const intentDocs = store.collection(intents)
  const days = store.collection(priceSamples)
  const addressOf = (key: Hex) => privateKeyToAccount(key).address
  const watchSigners = createSignerWatch({
    signers: [
      { name: 'agent', address: addressOf(escrow.agentKey), client, chainId },
      { name: 'relay', address: addressOf(escrow.relayKey), client, chainId },
      {
        name: 'storage',
        address: addressOf(options.storageKey),
        client: options.storageClient,
        floorWei: STORAGE_FLOOR_WEI,
      },
    ],
    intents: intentDocs,
    metrics,
    log: context.log,
  })
  const reconciling: ReconcileContext = {
    context,
    metrics,
    finalBlock,
    readJob: (id, blockNumber, signal) => readJob({ client, router, id, blockNumber, signal }),
    readTotals: (blockNumber, signal) => readRouterTotals({ client, router, usdc, blockNumber, signal }),
    async applyAgain({ jobId, funded }, toBlock, signal) {
      if (!jobId) return
      const from = funded && (await client.getTransactionReceipt({ hash: funded.txHash })).blockNumber
      const range = { fromBlock: from ?? escrow.fromBlock, toBlock }
      for (const event of await readJobEvents({ client, router, id: jobId, ...range, signal })) await applyFinal(event)
    },
  }
  const indexing = options.index && createIndexing(options.index)
  return [
    ...(indexing ? [{ name: 'indexJobs', cron: '* * * * *', work: indexing }] : []),
    {
      name: 'samplePrices',
      cron: '*/15 * * * *',
      work: (signal) => samplePrices({ market: options.market, days, clock: context.clock }, signal),
    },
    { name: 'reconcileJobs', cron: '*/5 * * * *', work: (signal) => reconcileJobs(reconciling, signal) },
    { name: 'watchSigners', cron: '* * * * *', work: () => watchSigners() },
    {
      name: 'withdrawFees',
      cron: '10 4 * * *',
      work: (signal) =>
        withdrawFees({ context, agent: options.agent, router }, async () => {
          const { feeRecipient: recipient } = await readRouterSettings({ client, router, signal })
          return { recipient, microUsd: await readCredit({ client, router, account: recipient, signal }) }
        }),
    },
  ]
}
