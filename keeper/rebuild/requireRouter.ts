// Before anything is read: the endpoints are of the right chain, and the address is a router that pays in the right money.
import { type Address, isAddressEqual, type PublicClient } from 'viem'
import { errorText, NectoError } from '../../core/errors.ts'
import { readRouterSettings } from '../../core/escrow/routerReads.ts'
import type { EscrowNetwork } from '../../core/networks.ts'
import { requireChain } from '../../core/requireChain.ts'

/** Throws a NectoError that says what to mend; answers the head of the chain. */
export async function requireRouter(options: {
  rpcUrls: readonly string[]
  client: PublicClient
  network: EscrowNetwork
  router: Address
  fromBlock: bigint
  signal: AbortSignal
}): Promise<bigint> {
  const { rpcUrls, client, network, router, fromBlock, signal } = options
  const asked = await Promise.allSettled(rpcUrls.map((url) => requireChain({ url, chainId: network.chainId, signal })))
  signal.throwIfAborted()
  const faults = asked.flatMap(({ status, ...rest }) => ('reason' in rest ? [rest.reason] : []))
  const wrong = faults.find((fault) => fault instanceof NectoError && fault.retry === 'never')
  if (wrong) throw refused(`${errorText(wrong)} Mend ESCROW_RPC_URLS or ESCROW_CHAIN_ID.`)
  if (faults.length === rpcUrls.length)
    throw refused(
      `No endpoint of ESCROW_RPC_URLS answers${faults[0] ? ` (${errorText(faults[0])})` : ''}. Name one that does, or try again later.`,
      'later',
    )
  const head = await client.getBlockNumber({ cacheTime: 0 })
  const code = await client.getCode({ address: router })
  if (code === undefined || code === '0x')
    throw refused(`There is no contract at ROUTER_ADDRESS ${router} on ${network.name}.`)
  const settings = await readRouterSettings({ client, router, signal }).catch((error: unknown) => {
    throw refused(`ROUTER_ADDRESS ${router} does not answer as Necto's escrow does (${errorText(error)}).`)
  })
  if (!isAddressEqual(settings.usdc, network.usdc))
    throw refused(`The escrow at ${router} pays in ${settings.usdc}, which is not the USDC of the settings.`)
  if (fromBlock > head)
    throw refused(
      `ROUTER_FROM_BLOCK is ${fromBlock}, and the newest block is ${head}. Set the block of the deployment.`,
    )
  return head
}

const refused = (why: string, retry: 'never' | 'later' = 'never') =>
  new NectoError('rebuild.refused', `${why} Nothing was written and no money moved.`, { retry })
