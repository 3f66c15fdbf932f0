// What the keeper is built from: the two chains with their keys, the store, and where it may rent machines.
import type { Address, Hex } from 'viem'
import type { Metrics } from '../core/health/metrics.ts'
import type { JobsContext } from '../core/jobs/context.ts'
import type { Store } from '../core/store/store.ts'
import type { RentingOptions } from './tasks/renting.ts'
import type { SampledMarket } from './tasks/samplePrices.ts'

export interface KeeperOptions {
  readonly context: JobsContext
  readonly store: Store
  readonly market: SampledMarket
  readonly escrow: {
    readonly rpcUrls: readonly [string, ...string[]]
    readonly router: Address
    readonly registry: Address
    readonly fromBlock: bigint
    readonly confirmations: number
    readonly pollMs: number
    readonly agentKey: Hex
    readonly relayKey: Hex
  }
  readonly storage: {
    readonly rpcUrl: string
    readonly chainId: number
    readonly indexerUrl: string
    /** Key-value node and the stream of the index there; absent = no index on 0G. */
    readonly kvUrl?: string | undefined
    readonly kvStream?: Hex | undefined
    readonly flowAddress: Address
    readonly signerKey: Hex
  }
  readonly sellerApi: { readonly port: number; readonly hostname: string }
  readonly metrics: Metrics
  /** Where Necto rents machines itself; absent = nowhere. */
  readonly renting?: RentingOptions | undefined
}
