// Is this the network that was configured, and is it well?
import type { Address, PublicClient } from 'viem'
import { errorText, NectoError } from '../errors.ts'
import type { NodeReads } from './nodeRpc.ts'

/** The state of storage for operators; `problems` is empty when all is well. */
export interface Health {
  ok: boolean
  problems: string[]
  /** Trusted nodes that answer. */
  nodes: number
  /** What is left in the storage wallet; null when the chain does not answer. */
  balanceWei: bigint | null
}

interface Network {
  chain: PublicClient
  reads: NodeReads
  expected: { chainId: number; flowAddress: Address }
  payerAddress: Address
}

/** Throws `zerog.wrong-network` unless chain and nodes are the configured ones: a rogue node could redirect a payment. */
export async function checkNetwork({ chain, reads, expected }: Network): Promise<void> {
  const [chainId, identities] = await Promise.all([readChainId(chain), reads.identities()])
  const faults = networkFaults(expected, { chainId, identities })
  if (faults.length === 0) return
  const message = 'Storage is set up for another network.'
  throw new NectoError('zerog.wrong-network', message, { details: faults.join('; ') })
}

/** Looks at chain, nodes and wallet; never throws. */
export async function readHealth({ chain, reads, expected, payerAddress }: Network): Promise<Health> {
  const [chainId, identities, balanceWei] = await Promise.allSettled([
    readChainId(chain),
    reads.identities(),
    chain.getBalance({ address: payerAddress }),
  ])
  const unanswered = [chainId, identities, balanceWei].flatMap((one) =>
    one.status === 'rejected' ? [errorText(one.reason)] : [],
  )
  const found = {
    chainId: chainId.status === 'fulfilled' ? chainId.value : expected.chainId,
    identities: identities.status === 'fulfilled' ? identities.value : [],
  }
  const empty = balanceWei.status === 'fulfilled' && balanceWei.value === 0n ? ['the storage wallet is empty'] : []
  const problems = [...unanswered, ...networkFaults(expected, found), ...empty]
  return {
    ok: problems.length === 0,
    problems,
    nodes: found.identities.length,
    balanceWei: balanceWei.status === 'fulfilled' ? balanceWei.value : null,
  }
}

function networkFaults(
  expected: Network['expected'],
  found: { chainId: number; identities: { url: string; chainId: number; flowAddress: string }[] },
): string[] {
  const chain = found.chainId === expected.chainId ? [] : [`chain is ${found.chainId}, not ${expected.chainId}`]
  const nodes = found.identities
    .filter((node) => node.chainId !== expected.chainId || !sameAddress(node.flowAddress, expected.flowAddress))
    .map((node) => `node ${node.url} serves flow ${node.flowAddress} on chain ${node.chainId}`)
  return [...chain, ...nodes]
}

function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

async function readChainId(chain: PublicClient): Promise<number> {
  try {
    return await chain.getChainId()
  } catch (cause) {
    const details = errorText(cause)
    throw new NectoError('zerog.unavailable', 'The storage chain does not answer.', { retry: 'later', details, cause })
  }
}
