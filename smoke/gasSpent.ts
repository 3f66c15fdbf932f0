// What the keys' wallets hold, to say afterwards what the gas came to.
import { createPublicClient, type Hex, http, type PublicClient } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { etherText } from '../core/etherText.ts'

interface Held {
  /** Agent and relay together, on the escrow chain. */
  readonly escrowWei: bigint
  readonly storageWei: bigint
}

/** Reads them whenever it is called. */
export function walletsOf(
  set: Readonly<Record<'AGENT_KEY' | 'RELAY_KEY' | 'STORAGE_KEY', Hex>> & { readonly STORAGE_RPC_URL: string },
  escrow: PublicClient,
): () => Promise<Held> {
  const storage = createPublicClient({ transport: http(set.STORAGE_RPC_URL) })
  return async () => {
    const [agent, relay, storageWei] = await Promise.all([
      escrow.getBalance({ address: privateKeyToAddress(set.AGENT_KEY) }),
      escrow.getBalance({ address: privateKeyToAddress(set.RELAY_KEY) }),
      storage.getBalance({ address: privateKeyToAddress(set.STORAGE_KEY) }),
    ])
    return { escrowWei: agent + relay, storageWei }
  }
}

/** "0.00004 ETH and 0.0061 0G". */
export const showGas = (before: Held, after: Held): string =>
  `${etherText(before.escrowWei - after.escrowWei)} ETH and ${etherText(before.storageWei - after.storageWei)} 0G`
