// The test wallet's own side: answers a dapp's requests with an account of the local chain, once the page's dialog said yes.
import { type Hex, isHex, type LocalAccount } from 'viem'
import { z } from 'zod'
import type { EscrowChain } from '../startEscrowChain.ts'

const callSchema = z.object({ method: z.string(), params: z.array(z.unknown()).default([]) })
const typedDataSchema = z.object({
  domain: z.record(z.string(), z.unknown()),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  primaryType: z.string(),
  message: z.record(z.string(), z.unknown()),
})
const hex = z.custom<Hex>((value) => isHex(value))
const transactionSchema = z.object({ to: hex, data: hex.optional(), value: hex.optional() })

export type WalletReply = { readonly result: unknown } | { readonly error: { code: number; message: string } }

/** Reads are passed to the node as they are. */
const READS = new Set([
  'eth_blockNumber',
  'eth_call',
  'eth_estimateGas',
  'eth_feeHistory',
  'eth_gasPrice',
  'eth_getBalance',
  'eth_getBlockByNumber',
  'eth_getCode',
  'eth_getLogs',
  'eth_getTransactionByHash',
  'eth_getTransactionCount',
  'eth_getTransactionReceipt',
  'eth_maxPriorityFeePerGas',
  'net_version',
])

const failure = (code: number, message: string): WalletReply => ({ error: { code, message } })

/** Never throws: a fault is an error of the EIP-1193 kind. */
export function createWalletRpc(options: {
  account: LocalAccount
  escrow: EscrowChain
}): (call: unknown) => Promise<WalletReply> {
  const { account, escrow } = options
  const chainId = `0x${escrow.chain.id.toString(16)}`
  const isOwn = (address: unknown) => String(address).toLowerCase() === account.address.toLowerCase()

  async function answer(method: string, params: readonly unknown[]): Promise<WalletReply> {
    const [first, second] = params
    switch (method) {
      case 'eth_chainId':
        return { result: chainId }
      case 'eth_accounts':
      case 'eth_requestAccounts':
        return { result: [account.address] }
      case 'wallet_switchEthereumChain': {
        const asked = Number((first as { chainId?: string } | undefined)?.chainId)
        return asked === escrow.chain.id
          ? { result: null }
          : failure(4902, `This wallet knows the local chain ${escrow.chain.id} alone.`)
      }
      case 'eth_signTypedData_v4': {
        if (!isOwn(first)) return failure(4100, 'This account is not in the test wallet.')
        const { domain, types, primaryType, message } = typedDataSchema.parse(JSON.parse(String(second)))
        // As real wallets do: a domain of another chain than the wallet's is refused.
        if (domain.chainId !== undefined && Number(domain.chainId) !== escrow.chain.id)
          return failure(-32603, 'Provided chainId must match the active chainId')
        const { EIP712Domain: _, ...rest } = types
        return { result: await account.signTypedData({ domain, types: rest, primaryType, message } as never) }
      }
      case 'personal_sign': {
        if (!isOwn(second)) return failure(4100, 'This account is not in the test wallet.')
        const message = isHex(first) ? { raw: first } : String(first)
        return { result: await account.signMessage({ message }) }
      }
      case 'eth_sendTransaction': {
        const { to, data, value } = transactionSchema.parse(first)
        const wallet = escrow.wallet(account)
        return { result: await wallet.sendTransaction({ to, data: data ?? '0x', value: BigInt(value ?? 0) }) }
      }
      default:
        if (!READS.has(method)) return failure(4200, `The test wallet does not support ${method}.`)
        return { result: await escrow.client.request({ method, params } as never) }
    }
  }

  return async (call) => {
    const parsed = callSchema.safeParse(call)
    if (!parsed.success) return failure(-32600, 'This is no request.')
    try {
      return await answer(parsed.data.method, parsed.data.params)
    } catch (error) {
      return failure(-32603, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
    }
  }
}
