// Reads of the provider registry that a change of a payout goes by: who is paid, what was announced, how long it waits.
import { type Address, type Hex, type PublicClient, zeroAddress } from 'viem'
import { providerRegistryAbi } from '../../contracts/abi/ProviderRegistry.ts'
import { withDeadline } from './deadline.ts'

export interface RegistryReads {
  /** Who is paid; undefined when the registry does not list the provider. */
  payout(provider: Hex): Promise<Address | undefined>
  /** The payout announced and not applied, and from when on it can be applied, in Unix seconds. */
  announced(provider: Hex): Promise<{ readonly payout: Address; readonly readyAtSeconds: number } | undefined>
  /** From announcing to applying. */
  delaySeconds(): Promise<number>
}

/** Errors: those of `withDeadline`. */
export function createRegistryReads(options: {
  client: PublicClient
  registry: Address
  timeoutMs?: number
}): RegistryReads {
  const { client, registry, timeoutMs } = options
  const limits = timeoutMs === undefined ? {} : { timeoutMs }
  const contract = { address: registry, abi: providerRegistryAbi } as const
  return {
    async payout(provider) {
      const { payout } = await withDeadline(
        () => client.readContract({ ...contract, functionName: 'getProvider', args: [provider] }),
        'provider',
        limits,
      )
      return payout === zeroAddress ? undefined : payout
    },
    async announced(provider) {
      const { payout, readyAt } = await withDeadline(
        () => client.readContract({ ...contract, functionName: 'getChange', args: [provider] }),
        'announced payout',
        limits,
      )
      return readyAt === 0 ? undefined : { payout, readyAtSeconds: readyAt }
    },
    delaySeconds: async () =>
      Number(
        await withDeadline(
          () => client.readContract({ ...contract, functionName: 'changeDelay' }),
          'registry delay',
          limits,
        ),
      ),
  }
}
