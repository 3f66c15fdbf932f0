// What the pages and their scripts say to each other in JSON.
import type { Address, Hex } from 'viem'
import type { TermsJson } from '../../core/escrow/terms.ts'
import type { WebRefusal } from './refusals.ts'

/** Numbers beyond a JSON number are decimal strings. */
export interface TypedDataJson {
  readonly domain: { name: string; version: string; chainId: number; verifyingContract: Address }
  readonly types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>
  readonly primaryType: 'ReceiveWithAuthorization'
  readonly message: {
    readonly from: Address
    readonly to: Address
    readonly value: string
    readonly validAfter: string
    readonly validBefore: string
    readonly nonce: Hex
  }
}

/** One call of a contract, as wallets take it. */
export interface WalletCall {
  readonly to: Address
  readonly data: Hex
}

/** `GET /pay/:token/direct?from=0x…`: paying with the wallet's own gas, and what the wallet is asked before. */
export interface DirectPayment {
  readonly jobId: Hex
  readonly router: Address
  /** To be sent, one after the other; the first only where the allowance is below the deposit. */
  readonly approve: WalletCall
  readonly fund: WalletCall
  /** To be read (eth_call): micro-USDC. */
  readonly balance: WalletCall
  readonly allowance: WalletCall
}

/** `POST /pay/:token/terms`: the issued terms and, for a given `from`, what its wallet is to sign. */
export interface TermsAnswer {
  readonly ok: true
  readonly jobId: Hex
  readonly chainId: number
  readonly router: Address
  readonly terms: TermsJson
  readonly quoteSignature: Hex
  readonly depositMicroUsd: string
  /** Unix seconds. */
  readonly validAfter: string
  readonly validBefore: string
  /** For eth_signTypedData_v4. */
  readonly typedData?: TypedDataJson
  readonly direct?: DirectPayment
}

/** open: can be paid. paying: an authorization is on its way. escrow: paid, whatever came after. closed: cannot be paid. */
export type PayPhase = 'open' | 'paying' | 'escrow' | 'closed'

export interface ProgressStep {
  readonly state: 'done' | 'working' | 'waiting'
  readonly text: string
}

/** `GET /pay/:token/status`. */
export interface StatusAnswer {
  readonly state: string
  readonly phase: PayPhase
  readonly text: string
  /** What holds it up, or why the last attempt failed. */
  readonly trouble?: string
  /** Whether we pay the gas today; spent: only the payer's own will do. */
  readonly relay: 'open' | 'spent'
  /** The way of a payment, while it is on it. */
  readonly progress?: readonly ProgressStep[]
  /** The relay takes longer than it should: the payer may send it too, since only one of both can count. */
  readonly isSlow?: boolean
  readonly txHash?: Hex
  /** The transaction in the chain's explorer. */
  readonly txUrl?: string
}

export type RefusalAnswer = { readonly ok: false } & WebRefusal

/** `POST /link/:token/message`: what this wallet is to sign. */
export interface LinkMessageAnswer {
  readonly ok: true
  readonly message: string
  /** With its checksum. */
  readonly address: Address
}

/** `POST /link/:token/signature`: what came of it. */
export interface LinkedAnswer {
  readonly ok: true
  readonly outcome: 'linked' | 'waiting' | 'agreed'
  readonly text: string
}
