// A wallet that is a contract: it signs by its owner's key and is asked on chain (ERC-1271), from Circle's own package.
import type { Address, LocalAccount } from 'viem'
import { type Anvil, connect } from './anvil.ts'
import { deployContract } from './deployContract.ts'
import { readArtifact } from './usdc.ts'

/** Deploys one; its address. */
export async function deployContractWallet(
  options: Pick<Anvil, 'url' | 'chainId'> & { deployer: LocalAccount; owner: Address },
): Promise<Address> {
  const { abi, bytecode } = readArtifact('test/MockERC1271Wallet.sol/MockERC1271Wallet.json')
  return deployContract({ chain: connect(options), account: options.deployer, abi, bytecode, args: [options.owner] })
}
