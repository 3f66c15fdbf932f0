// Puts the storage contracts on a chain, priced as the live networks are.
import { type Address, createPublicClient, createWalletClient, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { flowArtifact, marketArtifact } from '../contracts/artifacts.ts'

/** Wei per sector on the turbo networks: 12 months at 33 units. */
export const turboPricePerSector = 30_733_644_962n

/** Deploys Market and Flow and returns their addresses. */
export async function deployFlow(options: {
  rpcUrl: string
  deployerKey: Hex
}): Promise<{ flowAddress: Address; marketAddress: Address }> {
  const account = privateKeyToAccount(options.deployerKey)
  const transport = http(options.rpcUrl)
  const chainClient = createPublicClient({ transport, pollingInterval: 50 })
  const wallet = createWalletClient({ account, transport })
  const addressFrom = async (hash: Hex) => {
    const { contractAddress } = await chainClient.waitForTransactionReceipt({ hash, timeout: 30_000 })
    if (!contractAddress) throw new Error(`deployment ${hash} made no contract`)
    return contractAddress
  }
  const marketAddress = await addressFrom(
    await wallet.deployContract({ ...marketArtifact, args: [turboPricePerSector], chain: null }),
  )
  const flowAddress = await addressFrom(
    await wallet.deployContract({ ...flowArtifact, args: [marketAddress], chain: null }),
  )
  return { flowAddress, marketAddress }
}
