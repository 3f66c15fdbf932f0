// The chains Necto knows, from data/networks.json, with what an operator set over it.
import type { Address } from 'viem'
import { z } from 'zod'
import networksJson from '../data/networks.json' with { type: 'json' }
import { address } from './codecs.ts'
import type { Config } from './config.ts'
import { NectoError } from './errors.ts'

const explorerTxUrl = z.string().includes('{hash}').optional()
const networks = z
  .object({
    escrow: z.record(
      z.string(),
      z.strictObject({
        name: z.string(),
        usdc: address.optional(),
        usdcName: z.string().optional(),
        /** Blocks until an event is final, its own counted. */
        confirmations: z.int().positive(),
        /** A public endpoint that a wallet may add the chain with. */
        walletRpcUrl: z.string().optional(),
        /** Chainlink's USDC/USD feed. */
        usdcFeed: address.optional(),
        /** Chainlink's feed of the sequencer's uptime. */
        sequencerFeed: address.optional(),
        /** Where test USDC is given out; real money has none. */
        usdcFaucetUrl: z.string().optional(),
        explorerTxUrl,
      }),
    ),
    storage: z.record(
      z.string(),
      z.strictObject({
        name: z.string(),
        flow: address.optional(),
        rpcUrl: z.string().optional(),
        indexerUrl: z.string().optional(),
        /** Where test tokens are given out. */
        faucetUrl: z.string().optional(),
        explorerTxUrl,
      }),
    ),
  })
  .parse(networksJson)

/** The escrow's chain as configured. */
export interface EscrowNetwork {
  readonly name: string
  readonly chainId: number
  readonly usdc: Address
  readonly confirmations: number
  readonly walletRpcUrl: string | undefined
  readonly explorerTxUrl: string | undefined
}

/** Throws 'config.network' for a chain that nobody described, or one without a USDC. */
export function escrowNetwork(
  config: Pick<Config, 'ESCROW_CHAIN_ID' | 'ESCROW_CONFIRMATIONS' | 'USDC_ADDRESS'>,
): EscrowNetwork {
  const known = networks.escrow[config.ESCROW_CHAIN_ID]
  const usdc = config.USDC_ADDRESS ?? known?.usdc
  if (!known || !usdc) {
    const ids = Object.entries(networks.escrow).map(([id, { name }]) => `${id} (${name})`)
    throw new NectoError(
      'config.network',
      `ESCROW_CHAIN_ID ${config.ESCROW_CHAIN_ID} is not usable. Known: ${ids.join(', ')}; a local chain also needs USDC_ADDRESS.`,
    )
  }
  return {
    name: known.name,
    chainId: config.ESCROW_CHAIN_ID,
    usdc,
    confirmations: config.ESCROW_CONFIRMATIONS ?? known.confirmations,
    walletRpcUrl: known.walletRpcUrl,
    explorerTxUrl: known.explorerTxUrl,
  }
}

/**
 * What a stranger may read the chain through: its public endpoint, else one on this very machine. Never another that
 * was configured, since that may hold a key.
 */
export function readerRpcUrl(chainId: number, rpcUrls: readonly string[]): string | undefined {
  const isHere = (url: string) => URL.canParse(url) && ['127.0.0.1', 'localhost'].includes(new URL(url).hostname)
  return networks.escrow[chainId]?.walletRpcUrl ?? rpcUrls.find(isHere)
}

/** The explorer of a 0G chain: `https://…/tx/{hash}`; undefined where there is none. */
export const storageExplorer = (chainId: number): string | undefined => networks.storage[chainId]?.explorerTxUrl

/** What is known of a chain before anybody configured it; undefined for one that nobody described. */
export const knownEscrowChain = (chainId: number) => networks.escrow[chainId]
export const knownStorageChain = (chainId: number) => networks.storage[chainId]
