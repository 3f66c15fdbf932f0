// Deploys registry, price guard and router with their roles: the same code for demo, tests and production.
import { pathToFileURL } from 'node:url'
import {
  type Abi,
  type Account,
  type Address,
  type Chain,
  createPublicClient,
  createWalletClient,
  getAddress,
  type Hex,
  http,
  keccak256,
  type PublicClient,
  stringToHex,
  type Transport,
  type WalletClient,
  zeroAddress,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import { address } from '../core/codecs.ts'
import { NectoError } from '../core/errors.ts'
import { readUsdcDomain } from '../core/escrow/usdc.ts'
import { computeRouterAbi } from './abi/ComputeRouter.ts'
import { priceGuardAbi } from './abi/PriceGuard.ts'
import { providerRegistryAbi } from './abi/ProviderRegistry.ts'
import { computeRouterBytecode } from './bytecode/ComputeRouter.ts'
import { priceGuardBytecode } from './bytecode/PriceGuard.ts'
import { providerRegistryBytecode } from './bytecode/ProviderRegistry.ts'

const DAY_SECONDS = 86_400
const RECEIPT_TIMEOUT_MS = 120_000

const wholeText = z.string().regex(/^\d+$/, 'a whole number').transform(BigInt)
const feedSchema = z.strictObject({
  /** Token symbol; USDC must be among them. */
  symbol: z.string().min(1),
  source: address,
  heartbeatSeconds: z.int().positive(),
  /** How far a quote may be from the feed, in 1/10000. */
  maxDeviationBps: z.int().min(0).max(9999),
  /** Sane range in USD with 8 decimals. */
  minPrice: wholeText.or(z.bigint()),
  maxPrice: wholeText.or(z.bigint()),
})
const seconds = (fallback: number) => z.coerce.number().int().min(0).default(fallback)

/** What a deployment is made of; everything but the keys. */
export const deploymentSchema = z.strictObject({
  chainId: z.coerce.number().int().positive(),
  usdc: address,
  /** What the token must call itself, so that a look-alike or a bridged one is refused. */
  usdcName: z.string(),
  usdcVersion: z.string().default('2'),
  feeRecipient: address,
  feeds: z.array(feedSchema).refine((feeds) => feeds.some((feed) => feed.symbol === 'USDC'), 'a USDC feed is needed'),
  /** L2 sequencer uptime feed, where the chain has one. */
  sequencerFeed: address.default(zeroAddress),
  sequencerGraceSeconds: seconds(3600),
  admin: address,
  agents: z.array(address),
  quoters: z.array(address),
  pausers: z.array(address),
  listers: z.array(address),
  adminDelaySeconds: seconds(2 * DAY_SECONDS),
  changeDelaySeconds: seconds(2 * DAY_SECONDS),
  feedDelaySeconds: seconds(2 * DAY_SECONDS),
})
/** See `deploymentSchema`; timings default to two days. */
export type Deployment = z.input<typeof deploymentSchema>

/** Where everything is, and from which block on the router can have logs. */
export interface Deployed {
  chainId: number
  router: Address
  registry: Address
  priceGuard: Address
  usdc: Address
  fromBlock: bigint
}

/** The gas of all three contracts, with room for longer lists of roles and feeds: what a deployment is estimated by. */
export const DEPLOYMENT_GAS = 9_000_000n

/** A contract that stands. */
export interface DeployedContract {
  readonly name: 'registry' | 'priceGuard' | 'router'
  readonly address: Address
  readonly blockNumber: bigint
}

/**
 * Deploys the three contracts; roles are granted by the constructors, so the deployer ends with no power. `existing`
 * ones, of a deployment that was cut off, are used as they are; `onDeployed` is told each new one as soon as it stands.
 * Errors: deploy.wrong_chain, deploy.wrong_usdc, usdc.domain_mismatch, deploy.reverted.
 */
export async function deploy(options: {
  client: PublicClient
  wallet: WalletClient<Transport, Chain | undefined, Account>
  deployment: Deployment
  existing?: { readonly registry?: Address | undefined; readonly priceGuard?: Address | undefined }
  onDeployed?: (contract: DeployedContract) => Promise<void>
}): Promise<Deployed> {
  const { client, wallet, existing = {}, onDeployed } = options
  const plan = deploymentSchema.parse(options.deployment)
  const chainId = await client.getChainId()
  if (chainId !== plan.chainId) {
    throw new NectoError('deploy.wrong_chain', `This endpoint is chain ${chainId}, not ${plan.chainId}.`)
  }
  const domain = await readUsdcDomain({ client, usdc: plan.usdc, chainId })
  if (domain.name !== plan.usdcName || domain.version !== plan.usdcVersion) {
    throw new NectoError(
      'deploy.wrong_usdc',
      `The token is "${domain.name}" version ${domain.version}, not "${plan.usdcName}" version ${plan.usdcVersion}.`,
    )
  }

  const create = async (name: DeployedContract['name'], code: Code, args: readonly unknown[]) => {
    const contract = { name, ...(await deployOne({ client, wallet, ...code, args })) }
    await onDeployed?.(contract)
    return contract
  }
  const registry =
    existing.registry ??
    (
      await create('registry', { abi: providerRegistryAbi, bytecode: providerRegistryBytecode }, [
        plan.admin,
        plan.adminDelaySeconds,
        BigInt(plan.changeDelaySeconds),
        plan.listers,
      ])
    ).address
  const priceGuard =
    existing.priceGuard ??
    (
      await create('priceGuard', { abi: priceGuardAbi, bytecode: priceGuardBytecode }, [
        plan.admin,
        plan.adminDelaySeconds,
        BigInt(plan.feedDelaySeconds),
        plan.sequencerFeed,
        BigInt(plan.sequencerGraceSeconds),
        plan.feeds.map(({ symbol, heartbeatSeconds, ...feed }) => ({
          asset: keccak256(stringToHex(symbol)),
          config: { ...feed, heartbeat: heartbeatSeconds },
        })),
      ])
    ).address
  const router = await create('router', { abi: computeRouterAbi, bytecode: computeRouterBytecode }, [
    plan.admin,
    plan.adminDelaySeconds,
    plan.usdc,
    registry,
    priceGuard,
    plan.feeRecipient,
    { agents: plan.agents, quoters: plan.quoters, pausers: plan.pausers },
  ])
  return {
    chainId,
    router: router.address,
    registry,
    priceGuard,
    usdc: plan.usdc,
    fromBlock: router.blockNumber,
  }
}

interface Code {
  readonly abi: Abi
  readonly bytecode: Hex
}

async function deployOne(
  options: Code & {
    client: PublicClient
    wallet: WalletClient<Transport, Chain | undefined, Account>
    args: readonly unknown[]
  },
): Promise<{ address: Address; blockNumber: bigint }> {
  const { client, wallet, abi, bytecode, args } = options
  const hash = await wallet.deployContract({ abi, bytecode, args, chain: wallet.chain ?? null })
  const receipt = await client.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS })
  if (receipt.status !== 'success' || !receipt.contractAddress) {
    throw new NectoError('deploy.reverted', 'The deployment reverted.', { details: hash })
  }
  return { address: getAddress(receipt.contractAddress), blockNumber: receipt.blockNumber }
}

/** Deploys from DEPLOY_RPC_URL and DEPLOYER_KEY what the JSON of DEPLOYMENT says, and prints the addresses as JSON. */
async function main(): Promise<void> {
  const { DEPLOY_RPC_URL, DEPLOYER_KEY, DEPLOYMENT } = z
    .object({
      DEPLOY_RPC_URL: z.url(),
      DEPLOYER_KEY: z.templateLiteral(['0x', z.string().regex(/^[0-9a-fA-F]{64}$/)]),
      DEPLOYMENT: z.string().transform((text) => deploymentSchema.parse(JSON.parse(text))),
    })
    .parse(process.env)
  const transport = http(DEPLOY_RPC_URL)
  const deployed = await deploy({
    client: createPublicClient({ transport }),
    wallet: createWalletClient({ transport, account: privateKeyToAccount(DEPLOYER_KEY) }),
    deployment: DEPLOYMENT,
  })
  console.log(JSON.stringify({ ...deployed, fromBlock: deployed.fromBlock.toString() }, null, 2))
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
