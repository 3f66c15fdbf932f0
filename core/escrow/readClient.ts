// A chain client that can do the few reads of a verification and nothing else, so that a page stays small.
import { createClient, type GetLogsParameters, http, type PublicClient, type Transport } from 'viem'
import { getBlockNumber, getChainId, getLogs, getTransactionReceipt, readContract } from 'viem/actions'

export type ReadClient = Pick<
  PublicClient,
  'getBlockNumber' | 'getChainId' | 'getLogs' | 'getTransactionReceipt' | 'readContract'
>

/** Reads through one endpoint. */
export const createReadClient = (rpcUrl: string): ReadClient =>
  readClientOver(http(rpcUrl, { retryCount: 1, timeout: 10_000 }))

/** Reads through whatever answers the calls: a wallet, for one. */
export function readClientOver(transport: Transport): ReadClient {
  const client = createClient({ transport })
  return {
    getBlockNumber: (args) => getBlockNumber(client, args),
    getChainId: () => getChainId(client),
    // Its result's type follows the argument's, which a wrapper cannot say again.
    getLogs: ((args?: GetLogsParameters) => getLogs(client, args)) as ReadClient['getLogs'],
    getTransactionReceipt: (args) => getTransactionReceipt(client, args),
    readContract: (args) => readContract(client, args),
  }
}
