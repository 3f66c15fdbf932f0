// Where a sent transaction stands, as most endpoints see it.
import { type PublicClient, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem'
import { z } from 'zod'
import type { Endpoints } from './endpoints.ts'
import type { Intent, Mined } from './intent.ts'

export type Observation =
  | { readonly kind: 'mined'; readonly mined: Mined; readonly isFinal: boolean }
  | {
      readonly kind: 'absent'
      /** Transactions of the signer in the latest block: the nonce that is mined next. */
      readonly nextNonce: number
      /** Another transaction holds the nonce at final depth: none of ours can be mined any more. */
      readonly isReplaced: boolean
    }

/**
 * Reads the receipts of every version from every endpoint. undefined: no majority; act on nothing, look again.
 * Final means `confirmations` blocks counting the transaction's own, and its block still the chain's at that number.
 */
export async function observe(options: {
  endpoints: Endpoints
  intent: Intent
  confirmations: number
}): Promise<Observation | undefined> {
  const { endpoints } = options
  const found = await endpoints.answers((client) => observeAt({ ...options, client }))
  const most = endpoints.most(found, (seen) => (seen.kind === 'mined' ? seen.mined.blockHash : 'absent'))
  if (most?.kind === 'mined') {
    const final = endpoints.most(found, (seen) => `${seen.kind === 'mined' && seen.isFinal && seen.mined.blockHash}`)
    return { ...most, isFinal: final?.kind === 'mined' && final.isFinal }
  }
  // To give a nonce up is the one step that can send twice, so every endpoint has to see it.
  const isReplaced =
    found.length === endpoints.all.length && found.every((seen) => seen.kind === 'absent' && seen.isReplaced)
  return most && { ...most, isReplaced }
}

async function observeAt(options: {
  client: PublicClient
  intent: Intent
  confirmations: number
}): Promise<Observation> {
  const { client, intent, confirmations } = options
  // The head is read first: a transaction up to that block is then found, or is not there.
  const head = await client.getBlockNumber({ cacheTime: 0 })
  for (const version of intent.versions.toReversed()) {
    const receipt = await readReceipt(client, version.hash)
    if (!receipt) continue
    const block = await client.getBlock({ blockNumber: receipt.blockNumber })
    if (block.hash !== receipt.blockHash) continue
    const depth = head - receipt.blockNumber + 1n
    const { blockNumber, blockHash, status, gasUsed } = receipt
    return {
      kind: 'mined',
      mined: { hash: version.hash, blockNumber, blockHash, status, gasUsed, feeWei: feeOf(receipt) },
      isFinal: depth >= BigInt(confirmations),
    }
  }
  const address = intent.signer
  const nextNonce = await client.getTransactionCount({ address, blockTag: 'latest' })
  const finalBlock = head - BigInt(confirmations) + 1n
  const isPast = intent.nonce !== undefined && nextNonce > intent.nonce && finalBlock >= 0n
  const finalNonce = isPast ? await client.getTransactionCount({ address, blockNumber: finalBlock }) : 0
  return { kind: 'absent', nextNonce, isReplaced: isPast && finalNonce > (intent.nonce ?? 0) }
}

// A rollup charges for the data on its parent chain too, and says so in a field of its own.
const withL1Fee = z.object({ l1Fee: z.union([z.bigint(), z.string().regex(/^0x[0-9a-f]+$/i)]).nullish() })

/** Wei that a mined transaction cost. */
function feeOf(receipt: TransactionReceipt): bigint {
  const l1Fee = withL1Fee.safeParse(receipt).data?.l1Fee
  return receipt.gasUsed * receipt.effectiveGasPrice + BigInt(l1Fee ?? 0n)
}

async function readReceipt(client: PublicClient, hash: Mined['hash']) {
  try {
    return await client.getTransactionReceipt({ hash })
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined
    throw error
  }
}
