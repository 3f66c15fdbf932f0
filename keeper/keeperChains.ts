// What the keeper needs of both chains, out of the settings.
import type { Config, requireSettings, START_NEEDS } from '../core/config.ts'
import { NectoError } from '../core/errors.ts'
import type { EscrowNetwork } from '../core/networks.ts'
import type { KeeperOptions } from './keeperOptions.ts'

/** Throws 'config.missing' when no endpoint of the escrow chain is named. */
export function keeperChains(options: {
  config: Config
  set: ReturnType<typeof requireSettings<(typeof START_NEEDS)[number]>>
  network: EscrowNetwork
}): Pick<KeeperOptions, 'escrow' | 'storage'> {
  const { config, set, network } = options
  const [rpcUrl, ...otherRpcUrls] = set.ESCROW_RPC_URLS
  if (!rpcUrl) throw new NectoError('config.missing', 'ESCROW_RPC_URLS names no endpoint.')
  return {
    escrow: {
      rpcUrls: [rpcUrl, ...otherRpcUrls],
      router: set.ROUTER_ADDRESS,
      registry: set.REGISTRY_ADDRESS,
      fromBlock: BigInt(config.ROUTER_FROM_BLOCK),
      confirmations: network.confirmations,
      pollMs: config.ESCROW_POLL_MS,
      agentKey: set.AGENT_KEY,
      relayKey: set.RELAY_KEY,
    },
    storage: {
      rpcUrl: set.STORAGE_RPC_URL,
      chainId: config.STORAGE_CHAIN_ID,
      indexerUrl: set.STORAGE_INDEXER_URL,
      kvUrl: config.STORAGE_KV_URL,
      kvStream: config.STORAGE_KV_STREAM,
      flowAddress: set.STORAGE_FLOW_ADDRESS,
      signerKey: set.STORAGE_KEY,
    },
  }
}
