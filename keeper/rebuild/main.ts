// `necto rebuild`: makes the jobs' documents again from the chain and 0G after the store was lost; sends nothing.
import { createPublicClient } from 'viem'
import { type Config, requireSettings } from '../../core/config.ts'
import { NectoError } from '../../core/errors.ts'
import { readTransport } from '../../core/escrow/readTransport.ts'
import { createRegistryReads } from '../../core/escrow/registryReads.ts'
import { readRouterTotals } from '../../core/escrow/routerReads.ts'
import { randomBytes } from '../../core/ids.ts'
import { openCollections } from '../../core/jobs/context.ts'
import { escrowNetwork } from '../../core/networks.ts'
import { createProviders, providerSettings } from '../../core/providers/registry.ts'
import { type ProcessContext, runProcess } from '../../core/runProcess.ts'
import { openLowdbStore } from '../../core/store/lowdb.ts'
import type { Store } from '../../core/store/store.ts'
import { createZeroG } from '../../core/zerog/zeroG.ts'
import { createEndpoints, rpcTransport } from '../tx/endpoints.ts'
import { readStories } from './jobStories.ts'
import { readFinalEvents } from './readFinalEvents.ts'
import { isWhole, rebuildReport } from './rebuildReport.ts'
import { rebuildStore } from './rebuildStore.ts'
import { requireRouter } from './requireRouter.ts'
import { sellersOf } from './sellersOf.ts'
import { createStoredFiles } from './storedFiles.ts'

const EXIT_AGAIN = 75
const EXIT_STOPPED = 130
const TELL_EVERY_MS = 5_000
// Nothing is stored from here.
const NO_UPLOADS = { gasLimit: 0n, maxGasPriceWei: 0n, uploadTimeoutMs: 1 }

const NEEDS = [
  'ESCROW_RPC_URLS',
  'ROUTER_ADDRESS',
  'REGISTRY_ADDRESS',
  'STORAGE_RPC_URL',
  'STORAGE_INDEXER_URL',
  'STORAGE_FLOW_ADDRESS',
  'STORAGE_KEY',
] as const

await runProcess(run, providerSettings)

async function run(process_: ProcessContext): Promise<number> {
  const { config, signal, say, warn } = process_
  const words = process.argv.slice(2)
  const strange = words.find((word) => word !== '--merge')
  if (strange !== undefined) {
    warn(`What is "${strange}"? See necto help rebuild.`)
    return 2
  }
  const store = await openStore(config.NECTO_DATA_DIR)
  try {
    return await rebuild(process_, store, words.includes('--merge'))
  } catch (error) {
    if (!signal.aborted) throw error
    say('Stopped. Every document that was written is whole; run this again to go on.')
    return EXIT_STOPPED
  } finally {
    await store.close()
  }
}

async function rebuild(process_: ProcessContext, store: Store, isMerging: boolean): Promise<number> {
  const { config, env, clock, log, signal, say } = process_
  const set = requireSettings(config, NEEDS)
  const network = escrowNetwork(config)
  const { chainId } = network
  const context = { ...openCollections(store), random: randomBytes }
  const strangers = (await context.jobs.list()).filter(({ value }) => !value.restored).length
  if (strangers > 0 && !isMerging) throw refuseToMix(config, strangers)

  const router = set.ROUTER_ADDRESS
  const rpcUrls = set.ESCROW_RPC_URLS
  const fromBlock = BigInt(config.ROUTER_FROM_BLOCK)
  const client = createPublicClient({ transport: readTransport({ urls: rpcUrls, chainId, clock, signal }) })
  const head = await requireRouter({ rpcUrls, client, network, router, fromBlock, signal })
  const tell = everySoOften()
  say(`Reading the escrow ${router} on ${network.name}, blocks ${fromBlock} to ${head}.`)
  const { events, nextBlock } = await readFinalEvents({
    endpoints: createEndpoints({ transports: rpcUrls.map((url) => rpcTransport({ url, signal })), chainId }),
    router,
    fromBlock,
    confirmations: network.confirmations,
    clock,
    log,
    signal,
    onPage: (next) => tell(() => `  read up to block ${next - 1n} of ${head}`),
  })
  const stories = readStories(events)
  say(
    `${stories.jobs.length} paid jobs up to block ${nextBlock - 1n}, the last that is final. Fetching what 0G has of them.`,
  )

  const zeroG = createZeroG({
    rpcUrl: set.STORAGE_RPC_URL,
    chainId: config.STORAGE_CHAIN_ID,
    indexerUrl: set.STORAGE_INDEXER_URL,
    flowAddress: set.STORAGE_FLOW_ADDRESS,
    signerKey: set.STORAGE_KEY,
    ...NO_UPLOADS,
    clock,
  })
  try {
    const providers = createProviders({ clock, env, listings: async () => [] })
    const rebuilt = await rebuildStore({
      context,
      chainId,
      stories: stories.jobs,
      stored: createStoredFiles({ context, zeroG, signal }),
      timeOf: async (blockNumber) => Number((await client.getBlock({ blockNumber })).timestamp) * 1000,
      names: Object.fromEntries(providers.map(({ id, name }) => [id, name])),
      onProgress: (done) => tell(() => `  ${done} of ${stories.jobs.length} jobs`),
    })
    const registry = createRegistryReads({ client, registry: set.REGISTRY_ADDRESS })
    const lockedMicroUsd = await readRouterTotals({ client, router, usdc: network.usdc, blockNumber: nextBlock - 1n })
      .then((totals) => totals.lockedMicroUsd)
      .catch(() => undefined)
    const sellers = await sellersOf({ jobs: await context.jobs.list(), payoutOf: registry.payout })
    for (const line of rebuildReport({ rebuilt, stories, lockedMicroUsd, sellers })) say(line)
    return isWhole({ rebuilt, stories }) ? 0 : EXIT_AGAIN
  } finally {
    await zeroG.close()
  }

  /** Says a line when the last was long enough ago. */
  function everySoOften(): (line: () => string) => void {
    let nextAtMs = clock.now() + TELL_EVERY_MS
    return (line) => {
      if (clock.now() < nextAtMs) return
      nextAtMs = clock.now() + TELL_EVERY_MS
      say(line())
    }
  }
}

function refuseToMix({ NECTO_DATA_DIR: folder }: Config, count: number): NectoError {
  return new NectoError(
    'rebuild.not-empty',
    `${folder} already holds ${count} job${count === 1 ? '' : 's'} that no rebuild wrote. Nothing was written. Name an empty folder in NECTO_DATA_DIR; or, to keep all that is there and add only jobs that are missing, run this with --merge.`,
  )
}

async function openStore(directory: string): Promise<Store> {
  try {
    return await openLowdbStore({ directory })
  } catch (error) {
    if (!(error instanceof NectoError) || error.code !== 'store.locked') throw error
    const why = `Nothing was written: ${error.message} (${directory}). Stop it first: a rebuild needs the store for itself.`
    throw new NectoError('store.locked', why, { retry: error.retry, cause: error })
  }
}
