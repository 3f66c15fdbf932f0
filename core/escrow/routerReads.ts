// Reads of the router and its registry: settings, roles, providers, credits, and what is due for a refund.
import { type Address, erc20Abi, type Hex, keccak256, type PublicClient, stringToHex, zeroAddress } from 'viem'
import { computeRouterAbi } from '../../contracts/abi/ComputeRouter.ts'
import { providerRegistryAbi } from '../../contracts/abi/ProviderRegistry.ts'
import type { MicroUsd } from '../money.ts'
import { type CallLimits, withDeadline } from './deadline.ts'

type RouterRead = CallLimits & { client: PublicClient; router: Address }

/** What the router was deployed with, and whether it takes jobs now. */
export interface RouterSettings {
  usdc: Address
  registry: Address
  priceGuard: Address
  feeRecipient: Address
  paused: boolean
}

/** Reads the router's settings. */
export async function readRouterSettings({ client, router, ...limits }: RouterRead): Promise<RouterSettings> {
  const read = <Name extends 'usdc' | 'registry' | 'priceGuard' | 'feeRecipient' | 'paused'>(functionName: Name) =>
    client.readContract({ address: router, abi: computeRouterAbi, functionName })
  const [usdc, registry, priceGuard, feeRecipient, paused] = await withDeadline(
    () => Promise.all([read('usdc'), read('registry'), read('priceGuard'), read('feeRecipient'), read('paused')]),
    'router settings',
    limits,
  )
  return { usdc, registry, priceGuard, feeRecipient, paused }
}

/** Micro-USDC of the router, at one block. */
export interface RouterTotals {
  /** Of jobs that are open. */
  lockedMicroUsd: MicroUsd
  /** That could not be pushed to whom they belong. */
  creditsMicroUsd: MicroUsd
  balanceMicroUsd: MicroUsd
}

/** Reads what the router owes, and what it has. */
export async function readRouterTotals(
  options: RouterRead & { usdc: Address; blockNumber: bigint },
): Promise<RouterTotals> {
  const { client, router, usdc, blockNumber, ...limits } = options
  const read = (functionName: 'totalLocked' | 'totalCredits') =>
    client.readContract({ address: router, abi: computeRouterAbi, functionName, blockNumber })
  const balance = () =>
    client.readContract({ address: usdc, abi: erc20Abi, functionName: 'balanceOf', args: [router], blockNumber })
  const [lockedMicroUsd, creditsMicroUsd, balanceMicroUsd] = await withDeadline(
    () => Promise.all([read('totalLocked'), read('totalCredits'), balance()]),
    'router totals',
    limits,
  )
  return { lockedMicroUsd, creditsMicroUsd, balanceMicroUsd }
}

/** A role of the router by name. */
const roleKey = (role: 'AGENT' | 'QUOTER' | 'PAUSER'): Hex => keccak256(stringToHex(`${role}_ROLE`))

/** Whether an account holds a role of the router. */
export function holdsRole(
  options: RouterRead & { role: 'AGENT' | 'QUOTER' | 'PAUSER'; account: Address },
): Promise<boolean> {
  const { client, router, role, account, ...limits } = options
  return withDeadline(
    () =>
      client.readContract({
        address: router,
        abi: computeRouterAbi,
        functionName: 'hasRole',
        args: [roleKey(role), account],
      }),
    `role ${role}`,
    limits,
  )
}

/** Whether an account may list providers in a registry. */
export function isLister(
  options: CallLimits & { client: PublicClient; registry: Address; account: Address },
): Promise<boolean> {
  const { client, registry, account, ...limits } = options
  const args = [keccak256(stringToHex('LISTER_ROLE')), account] as const
  return withDeadline(
    () => client.readContract({ address: registry, abi: providerRegistryAbi, functionName: 'hasRole', args }),
    'role LISTER',
    limits,
  )
}

/** A listed provider: who is paid, by whom the provider is paid in the end, and what its quotes must be priced in. */
export interface RegisteredProvider {
  payout: Address
  kind: 'direct' | 'broker'
  live: boolean
  priceAsset: Hex
}

/** Reads a provider; undefined when the registry does not list it. */
export async function readProvider(
  options: CallLimits & { client: PublicClient; registry: Address; provider: Hex },
): Promise<RegisteredProvider | undefined> {
  const { client, registry, provider, ...limits } = options
  const found = await withDeadline(
    () =>
      client.readContract({
        address: registry,
        abi: providerRegistryAbi,
        functionName: 'getProvider',
        args: [provider],
      }),
    'provider',
    limits,
  )
  if (found.payout === zeroAddress) return undefined
  return {
    payout: found.payout,
    kind: found.kind === 1 ? 'broker' : 'direct',
    live: found.live,
    priceAsset: found.priceAsset,
  }
}

/** Micro-USDC that wait for an account: payments that could not be pushed, and the fee recipient's fees. */
export function readCredit({
  client,
  router,
  account,
  ...limits
}: CallLimits & { client: Pick<PublicClient, 'readContract'>; router: Address; account: Address }): Promise<MicroUsd> {
  return withDeadline(
    () => client.readContract({ address: router, abi: computeRouterAbi, functionName: 'credits', args: [account] }),
    'credit',
    limits,
  )
}

/**
 * Asks the router's resolver about the open jobs in the places [cursor, cursor + limit): the calldata that reclaims those
 * that are due, or undefined when none is. `places` tells where the pages end.
 */
export async function readDueReclaims(
  options: RouterRead & { cursor: bigint; limit: bigint },
): Promise<{ places: bigint; payload: Hex | undefined }> {
  const { client, router, cursor, limit, ...limits } = options
  const [places, [canExec, payload]] = await withDeadline(
    () =>
      Promise.all([
        client.readContract({ address: router, abi: computeRouterAbi, functionName: 'placeCount' }),
        client.readContract({ address: router, abi: computeRouterAbi, functionName: 'checker', args: [cursor, limit] }),
      ]),
    'due reclaims',
    limits,
  )
  return { places, payload: canExec ? payload : undefined }
}
