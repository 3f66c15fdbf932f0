// Everything that is looked at before anything is spent; all that is missing or wrong is told at once.
import { createPublicClient, http, type PublicClient, parseEther } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import type { Clock } from '../core/clock.ts'
import { type Config, SETTINGS, START_NEEDS } from '../core/config.ts'
import { NectoError } from '../core/errors.ts'
import { contractFaults } from '../core/escrow/contractFaults.ts'
import { readUsdcBalance, readUsdcDomain } from '../core/escrow/usdc.ts'
import { etherText } from '../core/etherText.ts'
import { showUsd } from '../core/money.ts'
import { escrowNetwork, knownEscrowChain, knownStorageChain } from '../core/networks.ts'
import { hostOf, requireChain } from '../core/requireChain.ts'
import type { Values } from '../core/settings.ts'
import { withTimeLimit } from '../core/timeLimit.ts'
import { createNodeReads } from '../core/zerog/nodeRpc.ts'
import { PAYER_NEEDS_MICRO_USD } from './smallJob.ts'
import { SMOKE_SETTINGS } from './smokeSettings.ts'

/** One thing looked at: right, missing or wrong (`later`: it may pass by itself). */
export interface Finding {
  readonly ok: boolean
  readonly text: string
  readonly later?: boolean
}
export type SmokeConfig = Config & Values<typeof SMOKE_SETTINGS>

const TIMEOUT_MS = 20_000
// Agent: listing the seller, start, completion. Relay: the deposit. With room; bids go up to twice the price of now.
const GAS = { AGENT_KEY: 700_000n, RELAY_KEY: 400_000n } as const
const STORAGE_NEEDS_WEI = parseEther('0.05')

/** Looks at all that can be looked at with the settings that are there. Never throws but for the signal. */
export async function checkAll(options: {
  config: SmokeConfig
  clock: Clock
  signal: AbortSignal
}): Promise<Finding[]> {
  const { config } = options
  const findings = await Promise.all([
    checkEscrowChain(options),
    checkContracts(options),
    checkStorage(options),
    checkGas(options, 'AGENT_KEY', 'agent'),
    checkGas(options, 'RELAY_KEY', 'relay'),
    checkStorageMoney(options),
    checkPayer(options),
  ])
  return [...missingSettings(config), ...findings.filter((finding) => finding !== undefined)]
}

/** The addresses behind the keys that are set. */
export const addressOf = (config: SmokeConfig, key: 'AGENT_KEY' | 'RELAY_KEY' | 'STORAGE_KEY' | 'SMOKE_PAYER_KEY') => {
  const value = config[key]
  return value === undefined ? undefined : privateKeyToAddress(value)
}

/** What the transactions of one key cost at the present price. */
export async function gasCostWei(client: PublicClient): Promise<bigint> {
  return (await client.getGasPrice()) * (GAS.AGENT_KEY + GAS.RELAY_KEY)
}

function missingSettings(config: SmokeConfig): Finding[] {
  const missing = START_NEEDS.filter((key) => config[key] === undefined || config[key]?.length === 0)
  const findings = missing.map((key) => ({
    ok: false,
    text: `${key} is not set: ${SETTINGS.find((entry) => entry.key === key)?.meaning} (./necto setup)`,
  }))
  if (config.SMOKE_PAYER_KEY !== undefined) return findings
  const text = `SMOKE_PAYER_KEY is not set: ${SMOKE_SETTINGS[0].meaning}. Make one (echo SMOKE_PAYER_KEY=0x$(openssl rand -hex 32) >> .env) and run this again: it says where to send the USDC.`
  return [...findings, { ok: false, text }]
}

type Looking = Parameters<typeof checkAll>[0]

/** Runs one check within the time limit; what it answers, or what it threw in words. */
async function look(
  { clock, signal }: Looking,
  what: string,
  run: (signal: AbortSignal) => Promise<string | readonly string[]>,
): Promise<Finding> {
  const timeout = new NectoError('smoke.timeout', `no answer within ${TIMEOUT_MS / 1000} s`, { retry: 'later' })
  try {
    const found = await withTimeLimit({ clock, signal, timeoutMs: TIMEOUT_MS, timeout }, run)
    return typeof found === 'string' ? { ok: true, text: found } : { ok: false, text: found.join(' ') }
  } catch (error) {
    signal.throwIfAborted()
    // Texts of libraries carry whole addresses, which may hold a key.
    if (!(error instanceof NectoError)) return { ok: false, later: true, text: `${what}: it could not be read.` }
    return { ok: false, later: error.retry !== 'never', text: `${what}: ${error.message}` }
  }
}

/** The escrow chain as far as it is set; undefined: that is told already. */
function escrowOf(config: SmokeConfig) {
  const rpcUrl = config.ESCROW_RPC_URLS?.[0]
  if (!rpcUrl) return undefined
  const network = escrowNetwork(config)
  return { network, client: createPublicClient({ transport: http(rpcUrl, { retryCount: 1 }) }) }
}

async function checkEscrowChain(options: Looking): Promise<Finding | undefined> {
  const { config } = options
  const chainId = config.ESCROW_CHAIN_ID
  const urls = config.ESCROW_RPC_URLS ?? []
  if (urls.length === 0) return undefined
  return look(options, 'Escrow chain', async (signal) => {
    const { network, client } = escrowOf(config) ?? {}
    if (!network || !client) return []
    for (const url of urls) await requireChain({ url, chainId, signal })
    const domain = await readUsdcDomain({ client, usdc: network.usdc, chainId, signal })
    return `${network.name} (chain ${chainId}) answers at ${urls.map(hostOf).join(', ')}; USDC signs as "${domain.name}"`
  })
}

async function checkContracts(options: Looking): Promise<Finding | undefined> {
  const { config } = options
  const { ROUTER_ADDRESS: router, REGISTRY_ADDRESS: registry, AGENT_KEY, QUOTER_KEY, RELAY_KEY } = config
  if (!router || !registry || !AGENT_KEY || !QUOTER_KEY || !RELAY_KEY || !config.ESCROW_RPC_URLS?.[0]) return undefined
  return look(options, 'Contracts', async () => {
    const escrow = escrowOf(config)
    if (!escrow) return []
    const faults = await contractFaults({
      client: escrow.client,
      name: escrow.network.name,
      usdc: escrow.network.usdc,
      router,
      registry,
      agent: privateKeyToAddress(AGENT_KEY),
      quoter: privateKeyToAddress(QUOTER_KEY),
      relay: privateKeyToAddress(RELAY_KEY),
    })
    return faults.length > 0
      ? faults
      : `Router ${router} is open; agent and quoter hold their roles, the relay none, the agent may list sellers`
  })
}

async function checkStorage(options: Looking): Promise<Finding | undefined> {
  const { STORAGE_CHAIN_ID: chainId, STORAGE_RPC_URL: url, STORAGE_INDEXER_URL: indexer } = options.config
  const flow = options.config.STORAGE_FLOW_ADDRESS
  if (!url || !indexer || !flow) return undefined
  return look(options, '0G', async (signal) => {
    await requireChain({ url, chainId, signal })
    const nodes = await createNodeReads(indexer).identities(signal)
    const others = nodes.filter(
      (node) => node.chainId !== chainId || node.flowAddress.toLowerCase() !== flow.toLowerCase(),
    )
    if (nodes.length === 0) throw new NectoError('smoke.storage', 'No storage node answers.', { retry: 'later' })
    if (others.length > 0)
      return others.map((node) => `A 0G node serves Flow ${node.flowAddress} on chain ${node.chainId}, not ${flow}.`)
    const count = nodes.length === 1 ? '1 storage node answers' : `${nodes.length} storage nodes answer`
    return `${knownStorageChain(chainId)?.name ?? '0G'} (chain ${chainId}): ${count}, for Flow ${flow}`
  })
}

async function checkGas(options: Looking, key: 'AGENT_KEY' | 'RELAY_KEY', name: string): Promise<Finding | undefined> {
  const address = addressOf(options.config, key)
  if (!address || !options.config.ESCROW_RPC_URLS?.[0]) return undefined
  return look(options, `The ${name}`, async () => {
    const { client, network } = escrowOf(options.config) ?? {}
    if (!client || !network) return []
    const [held, price, mined, sent] = await Promise.all([
      client.getBalance({ address }),
      client.getGasPrice(),
      client.getTransactionCount({ address, blockTag: 'latest' }),
      client.getTransactionCount({ address, blockTag: 'pending' }),
    ])
    if (sent > mined)
      throw new NectoError('smoke.busy', 'it has transactions under way, perhaps of a Necto that runs elsewhere.', {
        retry: 'later',
      })
    const needed = 2n * price * GAS[key]
    if (held >= needed) return `The ${name} holds ${etherText(held)} ETH`
    return [
      `The ${name} holds ${etherText(held)} ETH and may need ${etherText(needed)}: send it on ${network.name} to ${address}`,
    ]
  })
}

async function checkStorageMoney(options: Looking): Promise<Finding | undefined> {
  const { STORAGE_RPC_URL: url, STORAGE_CHAIN_ID: chainId } = options.config
  const address = addressOf(options.config, 'STORAGE_KEY')
  if (!address || !url) return undefined
  return look(options, "The storage wallet's money", async () => {
    const held = await createPublicClient({ transport: http(url, { retryCount: 1 }) }).getBalance({ address })
    if (held >= STORAGE_NEEDS_WEI) return `The storage wallet holds ${etherText(held)} 0G`
    const known = knownStorageChain(chainId)
    const faucet = known?.faucetUrl === undefined ? '' : `; ${known.faucetUrl} gives test 0G`
    return [
      `The storage wallet holds ${etherText(held)} 0G and needs ${etherText(STORAGE_NEEDS_WEI)}: send it on ${known?.name ?? '0G'} to ${address}${faucet}`,
    ]
  })
}

async function checkPayer(options: Looking): Promise<Finding | undefined> {
  const account = addressOf(options.config, 'SMOKE_PAYER_KEY')
  if (!account || !options.config.ESCROW_RPC_URLS?.[0]) return undefined
  return look(options, "The payer's USDC", async (signal) => {
    const { client, network } = escrowOf(options.config) ?? {}
    if (!client || !network) return []
    const held = await readUsdcBalance({ client, usdc: network.usdc, account, signal })
    if (held >= PAYER_NEEDS_MICRO_USD) return `The payer ${account} holds ${showUsd(held)} USDC`
    const faucet = knownEscrowChain(network.chainId)?.usdcFaucetUrl
    return [
      `The payer holds ${showUsd(held)} USDC and needs ${showUsd(PAYER_NEEDS_MICRO_USD)}: send it on ${network.name} to ${account}${faucet === undefined ? '' : `; ${faucet} gives test USDC`}`,
    ]
  })
}
