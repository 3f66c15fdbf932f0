// What the pages are given by the composition root.
import type { Address, Hex } from 'viem'
import type { UsdcDomain } from '../../core/escrow/usdc.ts'
import type { ContractSignatureCheck } from '../../core/jobs/acceptAuthorization.ts'
import type { JobsContext } from '../../core/jobs/context.ts'
import type { Log } from '../../core/log.ts'
import type { ChainFacts } from '../../core/record/verifyDecision.ts'
import type { Step } from '../../core/record/verifyRecord.ts'
import type { MessageSignatureCheck } from '../../core/supply/proveWallet.ts'

/** The escrow's chain as people and wallets know it. */
export interface WebChain {
  readonly name: string
  readonly chainId: number
  /** Blocks until a payment is final, its own counted. @default 1 */
  readonly confirmations?: number
  /** `https://…/tx/{hash}` where the chain has an explorer. */
  readonly explorerTxUrl?: string | undefined
  /** A public RPC endpoint that a wallet may add the chain with; without it a wallet must know the chain already. */
  readonly walletRpcUrl?: string | undefined
  /** What a reader's browser reads the chain through until the reader names another; never one that holds a key. */
  readonly readerRpcUrl?: string | undefined
}

/** What the server's own check of a job found. */
export interface JobVerification {
  readonly steps: readonly Step[]
  /** The job as the chain holds it, where it was read. */
  readonly chain?: ChainFacts
}

export interface WebOptions {
  readonly context: JobsContext
  readonly domain: UsdcDomain
  /** Where people reach these pages: the origin that posts must come from. */
  readonly publicUrl: string
  readonly chain: WebChain
  /** REST base of the 0G indexer, which serves stored bytes by their root. */
  readonly gatewayUrl: string
  /** `https://…/tx/{hash}` of the 0G chain's explorer. */
  readonly storageExplorerTxUrl?: string | undefined
  /** Verifies a job's decision step by step, from 0G and the chain rather than from our store. */
  readonly verifyJob: (ref: string, signal: AbortSignal) => Promise<JobVerification>
  /** Block of the router's deployment: where looking for a payment begins. */
  readonly routerFromBlock: number
  /** The escrow chain's latest block; without it the count of confirmations is not shown. */
  readonly readHead?: (() => Promise<bigint>) | undefined
  /** Whom the provider registry on chain pays for a job of this provider now. Throws when it cannot be read. */
  readonly readPayout?: ((provider: Hex) => Promise<Address | undefined>) | undefined
  /** For smart wallets; without it only plain wallets can pay. */
  readonly checkContractSignature?: ContractSignatureCheck | undefined
  /** The same for linking one. */
  readonly checkMessageSignature?: MessageSignatureCheck | undefined
  readonly log: Log
}
