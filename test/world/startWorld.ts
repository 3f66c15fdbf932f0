// The outside of Necto on this machine: two chains, a 0G node with its key-value node, provider APIs, Telegram and Discord, all on loopback.
import { type Hex, toHex } from 'viem'
import { systemClock } from '../../core/clock.ts'
import { indexStream } from '../../core/jobs/jobIndex.ts'
import { ADMINS } from './cast.ts'
import { anvilAccount, connect, startAnvil } from './chain/anvil.ts'
import { type Discord, startDiscord } from './discord/startDiscord.ts'
import type { DelayRange } from './providers/standIn.ts'
import { startProviders, type WorldProviders } from './providers/startProviders.ts'
import { reservePort } from './reservePort.ts'
import { type EscrowChain, people, startEscrowChain } from './startEscrowChain.ts'
import { startTelegram, type Telegram } from './telegram/startTelegram.ts'
import { deployFlow } from './zerog/deployFlow.ts'
import { type KvNode, startKvNode } from './zerog/kv/startKvNode.ts'
import { startZeroGNode, type ZeroGNode } from './zerog/startZeroGNode.ts'

export const ESCROW_CHAIN_ID = 31_337
export const STORAGE_CHAIN_ID = 31_338

export interface World {
  readonly escrow: EscrowChain
  readonly zeroG: ZeroGNode
  readonly kv: KvNode
  readonly storageRpcUrl: string
  readonly flowAddress: Hex
  readonly providers: WorldProviders
  readonly telegram: Telegram
  readonly discord: Discord
  /** The environment that makes a Necto live in this world. */
  readonly env: Readonly<Record<string, string>>
  readonly publicUrl: string
  /** Where Necto's own server of the pages listens. */
  readonly webUrl: string
  readonly sellerApiUrl: string
  stop(): Promise<void>
}

/** The private key of one of anvil's funded accounts, from its public test mnemonic. */
export function keyOf(index: number): Hex {
  const key = anvilAccount(index) as { getHdKey?: () => { privateKey: Uint8Array | null } }
  return toHex(key.getHdKey?.().privateKey ?? new Uint8Array())
}

/**
 * Starts everything; the same seed gives the same prices. `publicUrl` is where people reach the pages, when not at their
 * own port; `delayMs` how long providers take, when not as long as usual.
 */
export async function startWorld(options: {
  seed: string
  dataDir: string
  publicUrl?: string
  delayMs?: DelayRange
}): Promise<World> {
  const { seed, dataDir, delayMs } = options
  const [escrow, storage, providers, telegram, discord, webPort, apiPort] = await Promise.all([
    startEscrowChain({ chainId: ESCROW_CHAIN_ID }),
    startAnvil({ chainId: STORAGE_CHAIN_ID }),
    startProviders({ seed, originMs: systemClock.now(), ...(delayMs && { delayMs }) }),
    startTelegram(),
    startDiscord(),
    reservePort(),
    reservePort(),
  ])
  const { flowAddress } = await deployFlow({ rpcUrl: storage.url, deployerKey: keyOf(0) })
  const zeroG = await startZeroGNode({ rpcUrl: storage.url, flowAddress })
  const streamId = indexStream({ chainId: ESCROW_CHAIN_ID, router: escrow.deployed.router })
  const kv = await startKvNode({ rpcUrl: storage.url, flowAddress, source: zeroG, streamIds: [streamId] })
  // Deployed in an instant; from here on blocks come once a second, as people would see them.
  for (const chain of [escrow, connect(storage)]) {
    await chain.test.setAutomine(false)
    await chain.test.setIntervalMining({ interval: 1 })
  }
  const webUrl = `http://127.0.0.1:${webPort}`
  const publicUrl = options.publicUrl ?? webUrl
  const { deployed } = escrow
  return {
    escrow,
    zeroG,
    kv,
    storageRpcUrl: storage.url,
    flowAddress,
    providers,
    telegram,
    discord,
    publicUrl,
    webUrl,
    sellerApiUrl: `http://127.0.0.1:${apiPort}`,
    env: {
      NECTO_DATA_DIR: dataDir,
      LOG_LEVEL: 'warn',
      PUBLIC_URL: publicUrl,
      WEB_PORT: String(webPort),
      SELLER_API_PORT: String(apiPort),
      NECTO_ADMINS: ADMINS.join(','),
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      DISCORD_BOT_TOKEN: discord.token,
      DISCORD_API_ROOT: discord.apiRoot,
      ESCROW_CHAIN_ID: String(ESCROW_CHAIN_ID),
      ESCROW_RPC_URLS: escrow.anvil.url,
      ESCROW_POLL_MS: '250',
      ROUTER_ADDRESS: deployed.router,
      REGISTRY_ADDRESS: deployed.registry,
      ROUTER_FROM_BLOCK: String(deployed.fromBlock),
      USDC_ADDRESS: escrow.usdc.address,
      AGENT_KEY: keyOf(1),
      QUOTER_KEY: keyOf(2),
      RELAY_KEY: keyOf(4),
      STORAGE_CHAIN_ID: String(STORAGE_CHAIN_ID),
      STORAGE_RPC_URL: storage.url,
      STORAGE_INDEXER_URL: zeroG.url,
      STORAGE_FLOW_ADDRESS: flowAddress,
      STORAGE_KV_URL: kv.url,
      STORAGE_KEY: keyOf(3),
      ...providers.env,
    },
    async stop() {
      await Promise.all([telegram.stop(), discord.stop(), providers.stop(), zeroG.stop(), kv.stop()])
      await Promise.all([escrow.stop(), storage.stop()])
    },
  }
}

/** Who is who on the escrow chain. */
export const accounts = people
