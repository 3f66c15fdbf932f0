// `necto start` and `necto chat`: one process, one store; bots, pages and keeper around it, and for `chat` this terminal.
import { userInfo } from 'node:os'
import { createPublicClient } from 'viem'
import { createBots } from './bots/main.ts'
import { readArguments } from './bots/terminal/readArguments.ts'
import { plainLines } from './bots/terminal/render.ts'
import { createScreen, type Screen } from './bots/terminal/screen.ts'
import { createTerminalLog } from './bots/terminal/terminalLog.ts'
import { createWeb } from './bots/web/createWeb.ts'
import { serveWeb } from './bots/web/serveWeb.ts'
import { requireChat, requireSettings, START_NEEDS } from './core/config.ts'
import { NectoError } from './core/errors.ts'
import { readTransport } from './core/escrow/readTransport.ts'
import { createRegistryReads } from './core/escrow/registryReads.ts'
import { untilChainAnswers } from './core/escrow/untilChainAnswers.ts'
import { createCoinGecko } from './core/feed/coingecko.ts'
import { createTokenFeed } from './core/feed/createTokenFeed.ts'
import { tokenPrices } from './core/feed/lastKnown.ts'
import { createMetrics } from './core/health/metrics.ts'
import { type Check, createReadiness } from './core/health/readiness.ts'
import { serveHealth } from './core/health/serveHealth.ts'
import { storeWritable } from './core/health/storeWritable.ts'
import { randomBytes } from './core/ids.ts'
import { type JobsContext, openCollections } from './core/jobs/context.ts'
import { policyOf } from './core/jobs/policyOf.ts'
import { withLaunchers } from './core/launch/withLaunchers.ts'
import { createOfferCache } from './core/market/cache.ts'
import { escrowNetwork, readerRpcUrl, storageExplorer } from './core/networks.ts'
import { createProviders, createTokenSources, providerSettings } from './core/providers/registry.ts'
import { readyWords } from './core/readyWords.ts'
import { verifyDecision } from './core/record/verifyDecision.ts'
import { type ProcessContext, runProcess } from './core/runProcess.ts'
import { runTogether } from './core/runTogether.ts'
import { openLowdbStore } from './core/store/lowdb.ts'
import type { Store } from './core/store/store.ts'
import { checkMessageOnChain } from './core/supply/checkMessageOnChain.ts'
import { readNectoListings } from './core/supply/nectoListings.ts'
import { verifySources } from './core/verifySources.ts'
import { keeperChains } from './keeper/keeperChains.ts'
import { createKeeper } from './keeper/main.ts'
import { rentingOf } from './keeper/rentingOf.ts'

const STOP_WITHIN_MS = 10_000
const STARTING: Check = { name: 'start', fault: async () => 'it waits for the escrow chain' }

await runProcess(run, providerSettings, { stopWithinMs: STOP_WITHIN_MS })

async function run(context: ProcessContext): Promise<number> {
  const [verb, ...typed] = process.argv.slice(2)
  if (verb !== 'chat') return start(context)
  const read = readArguments(verb, typed)
  if ('why' in read || read.words.length > 0) {
    context.warn('why' in read ? read.why : `chat takes no words: "${read.words.join(' ')}". See necto help chat.`)
    return 2
  }
  if (read.values.seed) {
    context.warn('--seed is for the local world: add --sandbox.')
    return 2
  }
  const screen = openScreen()
  const say = (text: string) => void screen.print(plainLines(text, { isAllowedLink: () => true }))
  // Beside a conversation a line of words is enough; `2>file` gets the whole log.
  const log = process.stderr.isTTY ? createTerminalLog(say, { once: true }) : context.log
  const { config, env, clock, signal, warn } = context
  return start({ config, env, clock, signal, warn, log, say }, screen)
}

/** Runs until the signal; the exit code. With a screen whoever sits at it talks to Necto too, without any bot. */
async function start({ config, env, clock, log, signal, say }: ProcessContext, screen?: Screen): Promise<number> {
  const set = requireSettings(config, START_NEEDS)
  if (!screen) requireChat(config)
  const network = escrowNetwork(config)
  const rpcUrls = set.ESCROW_RPC_URLS
  const chains = keeperChains({ config, set, network })
  const client = createPublicClient({
    transport: readTransport({ urls: rpcUrls, chainId: network.chainId, clock, signal }),
  })
  const store = await openStore(config.NECTO_DATA_DIR)
  const metrics = createMetrics()
  const checks: Check[] = [storeWritable(store.blobs), STARTING]
  const health =
    config.METRICS_PORT === undefined
      ? undefined
      : await serveHealth({
          port: config.METRICS_PORT,
          metrics,
          readiness: createReadiness({ checks: () => checks, clock }),
        })
  if (health) say(`Metrics at ${health.url}/metrics.`)
  try {
    const domain = await untilChainAnswers({ rpcUrls, client, network, clock, log, signal })
    const context: JobsContext = {
      ...openCollections(store),
      clock,
      random: randomBytes,
      log,
      policy: policyOf(config),
      escrow: { chainId: network.chainId, router: set.ROUTER_ADDRESS, usdc: network.usdc, quoterKey: set.QUOTER_KEY },
    }
    const providerDeps = { clock, env, listings: () => readNectoListings({ listings: context.listings, clock }) }
    const feed = createTokenFeed({
      sources: [
        createCoinGecko({ baseUrl: config.COINGECKO_API_URL, apiKey: config.COINGECKO_API_KEY, clock, log }),
        ...createTokenSources(providerDeps),
      ],
      clock,
      log,
      kept: store.collection(tokenPrices),
    })
    const renting = rentingOf({ config, clock, env, log })
    const market = {
      providers: withLaunchers({
        providers: createProviders(providerDeps),
        launchers: renting?.launchers ?? [],
        payout: renting?.payout,
        brokers: context.brokers,
      }),
      cache: createOfferCache({ clock }),
      clock,
      tokens: feed.prices,
    }
    const keeper = await createKeeper({
      context,
      store,
      market,
      ...chains,
      sellerApi: { port: config.SELLER_API_PORT, hostname: config.LISTEN_HOST },
      metrics,
      renting,
    })
    const web = await serveWeb({
      port: config.WEB_PORT,
      hostname: config.LISTEN_HOST,
      app: await createWeb({
        context,
        domain,
        publicUrl: config.PUBLIC_URL,
        chain: { ...network, readerRpcUrl: readerRpcUrl(network.chainId, rpcUrls) },
        readHead: () => client.getBlockNumber(),
        readPayout: createRegistryReads({ client, registry: set.REGISTRY_ADDRESS, timeoutMs: 3_000 }).payout,
        // Smart wallets sign by contract, which only the chain can judge (ERC-1271).
        checkContractSignature: ({ from, digestOf, signature }) =>
          client.verifyTypedData({ address: from, ...digestOf, signature }),
        checkMessageSignature: checkMessageOnChain(client),
        gatewayUrl: set.STORAGE_INDEXER_URL,
        storageExplorerTxUrl: storageExplorer(config.STORAGE_CHAIN_ID),
        verifyJob: async (ref, ending) => {
          const sources = verifySources({ config, clock, signal: AbortSignal.any([signal, ending]) })
          // Without the bytes, which would stay in the pages' memory.
          const { steps, chain } = await verifyDecision({ target: { kind: 'ref', ref }, sources })
          return { steps, ...(chain && { chain }) }
        },
        routerFromBlock: config.ROUTER_FROM_BLOCK,
        log,
      }),
    })
    const bots = createBots({
      context,
      store,
      market,
      telegram: { token: config.TELEGRAM_BOT_TOKEN, apiRoot: config.TELEGRAM_API_ROOT },
      discord: { token: config.DISCORD_BOT_TOKEN, apiRoot: config.DISCORD_API_ROOT },
      // As SIGTERM does: what is under way is finished first.
      ...(screen && { terminal: { screen, person: operator(), onQuit: () => process.kill(process.pid, 'SIGTERM') } }),
      admins: config.NECTO_ADMINS,
      scansPerDay: config.SCANS_PER_PERSON_PER_DAY,
      publicUrl: config.PUBLIC_URL,
      gatewayUrl: set.STORAGE_INDEXER_URL,
      explorerTxUrl: network.explorerTxUrl,
      onAnswered: metrics.chatAnswered,
    })
    checks.splice(checks.indexOf(STARTING), 1, ...keeper.checks)
    say(`Pages at ${config.PUBLIC_URL} (port ${new URL(web.url).port}), sellers' interface at ${keeper.sellerApiUrl}.`)
    try {
      await runTogether(signal, [
        (ending) => bots.run(ending, (names) => say(`${readyWords(names)} on ${network.name}.`)),
        (ending) => keeper.run(ending),
      ])
    } finally {
      await web.stop()
    }
    return 0
  } finally {
    await health?.stop()
    await store.close()
  }
}

async function openStore(directory: string): Promise<Store> {
  try {
    return await openLowdbStore({ directory })
  } catch (error) {
    if (!(error instanceof NectoError) || error.code !== 'store.locked') throw error
    const why = `Nothing was started: ${error.message} (${directory}). Each of start and chat is a whole Necto, so stop the other one first.`
    throw new NectoError('store.locked', why, { retry: error.retry, cause: error })
  }
}

function openScreen(): Screen {
  const { stdin: input, stdout: output } = process
  return createScreen({
    input,
    output,
    isTerminal: input.isTTY === true && output.isTTY === true && process.env.TERM !== 'dumb',
    size: () => ({ columns: output.columns ?? 80, rows: output.rows ?? 24 }),
  })
}

/** Who runs this process; in a container its id may have no name. */
function operator(): { userId: string; name: string } {
  const userId = String(process.getuid?.() ?? 0)
  try {
    return { userId, name: userInfo().username }
  } catch {
    return { userId, name: `user ${userId}` }
  }
}
