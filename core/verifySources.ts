// Where a verification reads from: the chain and 0G's public gateway, and nothing of Necto's.
import { createPublicClient } from 'viem'
import type { Clock } from './clock.ts'
import { type Config, requireSettings } from './config.ts'
import { NectoError } from './errors.ts'
import { findFunding } from './escrow/findFunding.ts'
import { readJob } from './escrow/jobRecord.ts'
import { readTransport } from './escrow/readTransport.ts'
import { fetchBytes } from './http.ts'
import { isNotStored } from './record/notStored.ts'
import type { VerifySources } from './record/verifyDecision.ts'

/** Throws 'config.missing' naming every setting that a verification needs and has not. */
export function verifySources(options: { config: Config; clock: Clock; signal: AbortSignal }): VerifySources {
  const { config, clock, signal } = options
  const set = requireSettings(config, ['ESCROW_RPC_URLS', 'ROUTER_ADDRESS', 'STORAGE_INDEXER_URL'])
  const router = set.ROUTER_ADDRESS
  const chainId = config.ESCROW_CHAIN_ID
  const client = createPublicClient({ transport: readTransport({ urls: set.ESCROW_RPC_URLS, chainId, clock }) })
  const gateway = set.STORAGE_INDEXER_URL.replace(/\/+$/, '')
  return {
    router: { chainId, router },
    findFunding: (by) => findFunding({ client, router, fromBlock: BigInt(config.ROUTER_FROM_BLOCK), by, signal }),
    readJob: (id) => readJob({ client, router, id, signal }),
    async fetchObject(root) {
      const { bytes, evidence } = await fetchBytes({
        url: `${gateway}/file?root=${root}`,
        clock,
        signal,
        timeoutMs: 30_000,
      })
      if (isNotStored(bytes)) {
        throw new NectoError('verify.not-stored', `0G has no such file (${root}).`, {
          retry: 'later',
          details: evidence.url,
        })
      }
      return bytes
    },
  }
}
