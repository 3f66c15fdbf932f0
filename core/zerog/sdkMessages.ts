// What passes between the process and the worker that runs the 0G SDK.
import type { Address, Hex } from 'viem'

/** One job for the SDK; a worker does one at a time. */
export type SdkJob =
  | {
      kind: 'upload'
      bytes: Uint8Array
      indexerUrl: string
      rpcUrl: string
      chainId: number
      flowAddress: Address
      /** What the submission is marked with: nothing for a file, its streams for a key-value batch. */
      tags: Hex
      /** Whose address the submission carries. */
      submitter: Address
    }
  | { kind: 'download'; root: Hex; indexerUrl: string }

/** The transaction the SDK wants sent; price, gas, nonce and signature are the process's business. */
export interface TransactionRequest {
  to: string
  data: Hex
  valueWei: bigint
}

/** To the worker. `signed` and `refused` answer a `send`. */
export type ToWorker =
  | { type: 'job'; job: SdkJob }
  | { type: 'signed'; raw: Hex }
  | { type: 'refused'; message: string }

/** From the worker. A `failed` job leaves the worker fit for the next one. */
export type FromWorker =
  | { type: 'send'; transaction: TransactionRequest }
  | { type: 'segments-taken' }
  | { type: 'uploaded'; txSeq: number }
  | { type: 'downloaded'; bytes: Uint8Array }
  | { type: 'failed'; message: string; wrongNetwork: boolean }
