// The escrow chain: endpoints that are on the right chain, and a USDC that signatures can be made for.
import { type Address, createPublicClient, http, type PublicClient } from 'viem'
import { NectoError } from '../core/errors.ts'
import { readUsdcDomain } from '../core/escrow/usdc.ts'
import { knownEscrowChain } from '../core/networks.ts'
import { hostOf, requireChain } from '../core/requireChain.ts'
import type { Dialog } from './dialog.ts'

/** The chain as it answered. */
export interface EscrowChain {
  readonly client: PublicClient
  readonly rpcUrl: string
  readonly chainId: number
  readonly name: string
  readonly usdc: Address
  /** What the token calls itself. */
  readonly usdcName: string
}

/** Asks for its endpoints, and for the USDC where none is known; undefined when it cannot be used. */
export async function askEscrow(dialog: Dialog): Promise<EscrowChain | undefined> {
  const chainId = Number(dialog.answers.get('ESCROW_CHAIN_ID') ?? '84532')
  const known = knownEscrowChain(chainId)
  if (!known) return undefined
  const urls = await dialog.ask({
    key: 'ESCROW_RPC_URLS',
    label: `RPC endpoints of ${known.name}, with commas`,
    help: 'A public endpoint limits how often it is asked; one of your own (Alchemy, QuickNode, …) is steadier.\nWhat you paste is not shown, since it may hold a key.',
    fallback: known.walletRpcUrl,
    async check(value, signal) {
      const all = value.split(',').map((url) => url.trim())
      for (const url of all) await requireChain({ url, chainId, signal })
      return `${all.map(hostOf).join(', ')}: chain ${chainId}`
    },
  })
  const rpcUrl = urls?.split(',')[0]?.trim()
  if (rpcUrl === undefined) return undefined
  const client = createPublicClient({ transport: http(rpcUrl) })
  let usdcName = ''
  const checkUsdc = async (usdc: Address, signal: AbortSignal) => {
    usdcName = await readName({ client, usdc, chainId, signal })
    if (known.usdcName !== undefined && usdcName !== known.usdcName)
      throw new NectoError(
        'setup.usdc',
        `The token there calls itself "${usdcName}", USDC here is "${known.usdcName}".`,
      )
    return `USDC ${usdc}, signs as "${usdcName}"`
  }
  const given = dialog.answers.get('USDC_ADDRESS')
  if (known.usdc !== undefined && given === undefined) {
    try {
      dialog.good(await checkUsdc(known.usdc, dialog.signal))
    } catch (error) {
      dialog.signal.throwIfAborted()
      dialog.fault(error instanceof NectoError ? error.message : 'USDC could not be read.')
      return undefined
    }
    return { client, rpcUrl, chainId, name: known.name, usdc: known.usdc, usdcName }
  }
  const usdc = await dialog.ask({
    key: 'USDC_ADDRESS',
    label: `USDC on ${known.name}`,
    fallback: known.usdc,
    check: (value, signal) => checkUsdc(value as Address, signal),
  })
  return usdc === undefined ? undefined : { client, rpcUrl, chainId, name: known.name, usdc: usdc as Address, usdcName }
}

async function readName(options: {
  client: PublicClient
  usdc: Address
  chainId: number
  signal: AbortSignal
}): Promise<string> {
  const { client, usdc } = options
  if (!(await client.getCode({ address: usdc })))
    throw new NectoError('setup.usdc', `There is no contract at ${usdc} on this chain.`)
  const domain = await readUsdcDomain(options).catch((error: unknown) => {
    options.signal.throwIfAborted()
    // A contract of another kind fails the same calls that an endpoint may fail.
    if (error instanceof NectoError && error.code === 'usdc.domain_mismatch') throw error
    throw new NectoError('setup.usdc', `The contract at ${usdc} does not answer as USDC does.`)
  })
  return domain.name
}
