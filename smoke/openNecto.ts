// A Necto without chat over a store of its own: the keeper and the pages, wired as `necto start` wires them.
import { createPublicClient, type PublicClient } from 'viem'
import { createWeb } from '../bots/web/createWeb.ts'
import { serveWeb } from '../bots/web/serveWeb.ts'
import type { Clock } from '../core/clock.ts'
import { requireSettings, START_NEEDS } from '../core/config.ts'
import { readTransport } from '../core/escrow/readTransport.ts'
import { readUsdcDomain, type UsdcDomain } from '../core/escrow/usdc.ts'
import { createMetrics } from '../core/health/metrics.ts'
import { randomBytes } from '../core/ids.ts'
import { type JobsContext, openCollections } from '../core/jobs/context.ts'
import { policyOf } from '../core/jobs/policyOf.ts'
import type { Market } from '../core/jobs/readMarket.ts'
import type { Log } from '../core/log.ts'
import { createOfferCache } from '../core/market/cache.ts'
import { type EscrowNetwork, escrowNetwork, readerRpcUrl, storageExplorer } from '../core/networks.ts'
import { createNectoProvider } from '../core/providers/necto/index.ts'
import { verifyDecision } from '../core/record/verifyDecision.ts'
import type { Store } from '../core/store/store.ts'
import { readNectoListings } from '../core/supply/nectoListings.ts'
import { verifySources } from '../core/verifySources.ts'
import { keeperChains } from '../keeper/keeperChains.ts'
import { createKeeper } from '../keeper/main.ts'
import type { SmokeConfig } from './checks.ts'

const HOST = '127.0.0.1'

export interface OpenNecto {
  readonly context: JobsContext
  readonly market: Market
  readonly client: PublicClient
  readonly network: EscrowNetwork
  readonly domain: UsdcDomain
  readonly pagesUrl: string
  readonly sellerApiUrl: string
  readonly sources: ReturnType<typeof verifySources>
  /** Runs until the signal ends. */
  run(signal: AbortSignal): Promise<void>
}

/** Opens its ports on any that are free; it sees nothing that happened on chain before now. */
export async function openNecto(options: {
  config: SmokeConfig
  store: Store
  clock: Clock
  log: Log
  signal: AbortSignal
}): Promise<OpenNecto> {
  const { store, clock, log, signal } = options
  const set = requireSettings(options.config, START_NEEDS)
  const network = escrowNetwork(options.config)
  const { chainId } = network
  const client = createPublicClient({ transport: readTransport({ urls: set.ESCROW_RPC_URLS, chainId, clock }) })
  // From now on only: a store that knows none of the earlier jobs would send their deposits back.
  const fromBlock = Number(await client.getBlockNumber({ cacheTime: 0 })) + 1
  const config = { ...options.config, ROUTER_FROM_BLOCK: fromBlock }
  const domain = await readUsdcDomain({ client, usdc: network.usdc, chainId: network.chainId, signal })
  const context: JobsContext = {
    ...openCollections(store),
    clock,
    random: randomBytes,
    log,
    policy: policyOf(config),
    escrow: { chainId: network.chainId, router: set.ROUTER_ADDRESS, usdc: network.usdc, quoterKey: set.QUOTER_KEY },
  }
  // Its own seller alone: what others offer is no part of this.
  const provider = createNectoProvider({
    clock,
    listings: () => readNectoListings({ listings: context.listings, clock }),
  })
  const market: Market = {
    providers: [provider],
    cache: createOfferCache({ clock }),
    clock,
    tokens: async () => [],
  }
  const chains = keeperChains({ config, set, network })
  const keeper = await createKeeper({
    context,
    store,
    market,
    ...chains,
    sellerApi: { port: 0, hostname: HOST },
    metrics: createMetrics(),
  })
  const sources = verifySources({ config, clock, signal: new AbortController().signal })
  const app = await createWeb({
    context,
    domain,
    publicUrl: `http://${HOST}`,
    chain: { ...network, readerRpcUrl: readerRpcUrl(network.chainId, set.ESCROW_RPC_URLS) },
    gatewayUrl: set.STORAGE_INDEXER_URL,
    storageExplorerTxUrl: storageExplorer(config.STORAGE_CHAIN_ID),
    async verifyJob(ref) {
      const { steps, chain } = await verifyDecision({ target: { kind: 'ref', ref }, sources })
      return { steps, ...(chain && { chain }) }
    },
    routerFromBlock: fromBlock,
    log,
  })
  const web = await serveWeb({ app, port: 0, hostname: HOST })
  return {
    context,
    market,
    client,
    network,
    domain,
    pagesUrl: web.url,
    sellerApiUrl: keeper.sellerApiUrl,
    sources,
    async run(ending) {
      try {
        await keeper.run(ending)
      } finally {
        await web.stop()
      }
    },
  }
}
