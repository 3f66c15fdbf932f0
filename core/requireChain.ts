// An endpoint that is asked whether it is on the right chain, before anything is believed of it.
import { createPublicClient, http } from 'viem'
import { NectoError } from './errors.ts'

/** Throws chain.rpc when it is no endpoint, does not answer, or is another chain. */
export async function requireChain(options: { url: string; chainId: number; signal: AbortSignal }): Promise<void> {
  const { url, chainId, signal } = options
  if (!/^https?:\/\/\S+$/.test(url))
    throw new NectoError('chain.rpc', 'An endpoint begins with https://; several stand with commas between.')
  const client = createPublicClient({ transport: http(url, { retryCount: 1, fetchOptions: { signal } }) })
  const answered = await client.getChainId().catch(() => {
    signal.throwIfAborted()
    throw new NectoError('chain.rpc', `${hostOf(url)} does not answer as a chain does.`, { retry: 'later' })
  })
  if (answered !== chainId) throw new NectoError('chain.rpc', `${hostOf(url)} is chain ${answered}, not ${chainId}.`)
}

/** The host alone: the path of an endpoint is often a key. */
export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'it')
