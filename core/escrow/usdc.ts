// What we read from USDC: its signing domain, balances, and whether an authorization was used.
import { type Address, domainSeparator, encodeFunctionData, type Hex, type PublicClient, parseAbi } from 'viem'
import { NectoError } from '../errors.ts'
import type { MicroUsd } from '../money.ts'
import { type CallLimits, withDeadline } from './deadline.ts'

/** The part of Circle's FiatTokenV2_2 that we call. */
const usdcAbi = parseAbi([
  'function name() view returns (string)',
  'function version() view returns (string)',
  'function DOMAIN_SEPARATOR() view returns (bytes32)',
  'function balanceOf(address account) view returns (uint256)',
  'function approve(address spender, uint256 value) returns (bool)',
  'function allowance(address owner, address spender) view returns (uint256)',
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
])

/** The EIP-712 domain that wallets sign USDC authorizations in. */
export interface UsdcDomain {
  name: string
  version: string
  chainId: number
  verifyingContract: Address
}

type UsdcCall = CallLimits & { client: PublicClient; usdc: Address }

/**
 * The token's domain as it says itself: USDC's name differs per chain ("USD Coin", "USDC").
 * Errors: usdc.domain_mismatch when name and version do not give its DOMAIN_SEPARATOR, so no signature could be valid.
 */
export async function readUsdcDomain({
  client,
  usdc,
  chainId,
  ...limits
}: UsdcCall & { chainId: number }): Promise<UsdcDomain> {
  const read = <Name extends 'name' | 'version' | 'DOMAIN_SEPARATOR'>(functionName: Name) =>
    client.readContract({ address: usdc, abi: usdcAbi, functionName })
  const [name, version, separator] = await withDeadline(
    () => Promise.all([read('name'), read('version'), read('DOMAIN_SEPARATOR')]),
    'USDC domain',
    limits,
  )
  const domain = { name, version, chainId, verifyingContract: usdc }
  if (domainSeparator({ domain }) !== separator) {
    throw new NectoError('usdc.domain_mismatch', 'This USDC contract cannot be used for payments here.', {
      details: `${usdc} on chain ${chainId}: name "${name}" and version "${version}" do not give ${separator}`,
    })
  }
  return domain
}

/** Micro-USDC that an account holds. */
export function readUsdcBalance({
  client,
  usdc,
  account,
  ...limits
}: UsdcCall & { account: Address }): Promise<MicroUsd> {
  return withDeadline(
    () => client.readContract({ address: usdc, abi: usdcAbi, functionName: 'balanceOf', args: [account] }),
    'USDC balance',
    limits,
  )
}

/** Whether an authorization with this nonce was used or cancelled. */
export function isAuthorizationUsed(options: UsdcCall & { from: Address; nonce: Hex }): Promise<boolean> {
  const { client, usdc, from, nonce, ...limits } = options
  return withDeadline(
    () => client.readContract({ address: usdc, abi: usdcAbi, functionName: 'authorizationState', args: [from, nonce] }),
    'USDC authorization state',
    limits,
  )
}

/** Calldata that lets the router take a deposit: for payers who cannot sign typed data. */
export const encodeApprove = (options: { spender: Address; amountMicroUsd: MicroUsd }): Hex =>
  encodeFunctionData({ abi: usdcAbi, functionName: 'approve', args: [options.spender, options.amountMicroUsd] })

/** Calldata of what a payer's wallet asks USDC before it pays: its balance, and what the router may take already. */
export const encodeUsdcReads = (options: { owner: Address; spender: Address }): { balance: Hex; allowance: Hex } => ({
  balance: encodeFunctionData({ abi: usdcAbi, functionName: 'balanceOf', args: [options.owner] }),
  allowance: encodeFunctionData({ abi: usdcAbi, functionName: 'allowance', args: [options.owner, options.spender] }),
})
