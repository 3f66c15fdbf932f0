// Before anything is believed of the escrow chain: every endpoint that answers is on it, and its USDC can be signed for.
import type { PublicClient } from 'viem'
import type { Clock } from '../clock.ts'
import { errorText, NectoError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { EscrowNetwork } from '../networks.ts'
import { requireChain } from '../requireChain.ts'
import { readUsdcDomain, type UsdcDomain } from './usdc.ts'

const RETRY_MS = 2_000

/** While no endpoint answers it is waited; one of another chain is refused by its host, since the rest may be a key. */
export async function untilChainAnswers(options: {
  rpcUrls: readonly string[]
  client: PublicClient
  network: EscrowNetwork
  clock: Clock
  log: Log
  signal: AbortSignal
}): Promise<UsdcDomain> {
  const { rpcUrls, client, network, clock, log, signal } = options
  const { chainId, usdc } = network
  for (;;) {
    try {
      const asked = await Promise.allSettled(rpcUrls.map((url) => requireChain({ url, chainId, signal })))
      signal.throwIfAborted()
      const silent = asked.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
      const wrong = silent.find((error) => error instanceof NectoError && error.retry === 'never')
      if (wrong) throw wrong
      if (silent.length === rpcUrls.length) throw silent[0]
      for (const error of silent) log.warn({ msg: 'an RPC endpoint is away', error: errorText(error) })
      return await readUsdcDomain({ client, usdc, chainId, signal })
    } catch (error) {
      if (signal.aborted || (error instanceof NectoError && error.retry === 'never')) throw error
      log.warn({ msg: 'the escrow chain does not answer, waiting', error: errorText(error) })
      await clock.sleep(RETRY_MS, signal)
    }
  }
}
