// 0G: the chain, the indexer with its storage nodes, and the Flow contract that both must agree on.
import { type Address, createPublicClient, http, type PublicClient } from 'viem'
import { NectoError } from '../core/errors.ts'
import { knownStorageChain } from '../core/networks.ts'
import { hostOf, requireChain } from '../core/requireChain.ts'
import { createNodeReads } from '../core/zerog/nodeRpc.ts'
import type { Dialog } from './dialog.ts'

export interface StorageChain {
  readonly client: PublicClient
  readonly name: string
  readonly faucetUrl: string | undefined
}

/** Asks for all three; undefined when the chain cannot be used. */
export async function askStorage(dialog: Dialog): Promise<StorageChain | undefined> {
  const chainId = Number(dialog.answers.get('STORAGE_CHAIN_ID') ?? '16602')
  const known = knownStorageChain(chainId)
  if (!known) return undefined
  const rpcUrl = await dialog.ask({
    key: 'STORAGE_RPC_URL',
    label: `RPC endpoint of ${known.name}`,
    help: 'Where decisions are stored for everybody to check.',
    fallback: known.rpcUrl,
    async check(url, signal) {
      await requireChain({ url, chainId, signal })
      return `${hostOf(url)}: chain ${chainId}`
    },
  })
  const indexerUrl = await dialog.ask({
    key: 'STORAGE_INDEXER_URL',
    label: '0G storage indexer',
    fallback: known.indexerUrl,
    async check(url, signal) {
      const nodes = await createNodeReads(url)
        .identities(signal)
        .catch(() => {
          signal.throwIfAborted()
          throw new NectoError('setup.indexer', `${hostOf(url)} does not answer as a 0G indexer does.`, {
            retry: 'later',
          })
        })
      const other = nodes.find((node) => node.chainId !== chainId)
      if (other) throw new NectoError('setup.indexer', `Its nodes serve chain ${other.chainId}, not ${chainId}.`)
      if (nodes.length === 0)
        throw new NectoError('setup.indexer', 'It answers, but none of its storage nodes does.', { retry: 'later' })
      return `${hostOf(url)}: ${nodes.length === 1 ? '1 storage node' : `${nodes.length} storage nodes`}`
    },
  })
  if (rpcUrl === undefined) return undefined
  const client = createPublicClient({ transport: http(rpcUrl) })
  await dialog.ask({
    key: 'STORAGE_FLOW_ADDRESS',
    label: 'Flow contract of 0G storage',
    fallback: known.flow,
    async check(flow, signal) {
      if (!(await client.getCode({ address: flow as Address })))
        throw new NectoError('setup.flow', `There is no contract at ${flow} on ${known.name}.`)
      if (indexerUrl !== undefined) await requireServed({ indexerUrl, flow, signal })
      return `Flow ${flow}${indexerUrl === undefined ? '' : ', as the storage nodes say'}`
    },
  })
  return { client, name: known.name, faucetUrl: known.faucetUrl }
}

/** A node that serves another contract would let us pay for what nobody reads. */
async function requireServed(options: { indexerUrl: string; flow: string; signal: AbortSignal }): Promise<void> {
  const { indexerUrl, flow, signal } = options
  const nodes = await createNodeReads(indexerUrl).identities(signal)
  const other = nodes.find((node) => node.flowAddress.toLowerCase() !== flow.toLowerCase())
  if (other) throw new NectoError('setup.flow', `The storage nodes serve the Flow contract ${other.flowAddress}.`)
}
