// A runner's signature under its receipt: EIP-712, so that a wallet can show and a contract could check it.
import { type Address, type Hex, isAddressEqual, type LocalAccount, recoverTypedDataAddress } from 'viem'
import type { Receipt, SignedReceipt } from '../jobs/runnerDesk.ts'

const TYPES = {
  Receipt: [
    { name: 'jobId', type: 'bytes32' },
    { name: 'usedSeconds', type: 'uint64' },
    { name: 'exitCode', type: 'int64' },
    { name: 'reason', type: 'string' },
    { name: 'logHash', type: 'bytes32' },
    { name: 'outputHash', type: 'bytes32' },
  ],
} as const

// The job id already holds chain, contract and salt; the chain in the domain keeps test receipts apart all the same.
function typedData(receipt: Receipt, chainId: number) {
  const { usedSeconds, exitCode } = receipt
  return {
    domain: { name: 'Necto Receipt', version: '1', chainId },
    types: TYPES,
    primaryType: 'Receipt',
    message: { ...receipt, usedSeconds: BigInt(usedSeconds), exitCode: BigInt(exitCode) },
  } as const
}

/** Signs with the runner's key. `chainId` is the escrow's chain. */
export async function signReceipt(options: {
  account: LocalAccount
  receipt: Receipt
  chainId: number
}): Promise<SignedReceipt> {
  const { account, receipt, chainId } = options
  return { receipt, signature: await account.signTypedData(typedData(receipt, chainId)) }
}

/** Whether this runner signed exactly this receipt for this chain; false also for bytes that are no signature. */
export async function verifyReceipt(options: {
  signed: SignedReceipt
  runner: Hex
  chainId: number
}): Promise<boolean> {
  const signer = await receiptSigner(options)
  return signer !== undefined && isAddressEqual(signer, options.runner)
}

/** Whose signature it is; undefined for bytes that are no signature. */
export async function receiptSigner(options: { signed: SignedReceipt; chainId: number }): Promise<Address | undefined> {
  const { receipt, signature } = options.signed
  try {
    return await recoverTypedDataAddress({ ...typedData(receipt, options.chainId), signature })
  } catch {
    return undefined
  }
}
