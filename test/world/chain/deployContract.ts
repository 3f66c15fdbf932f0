// Deploys one contract on a local chain and waits for it.
import { type Abi, type Address, encodeDeployData, getAddress, type Hex, type LocalAccount } from 'viem'
import type { LocalChain } from './anvil.ts'

/** The address of the new contract; throws when the deployment reverts. */
export async function deployContract(options: {
  chain: LocalChain
  account: LocalAccount
  abi: Abi
  bytecode: Hex
  args: readonly unknown[]
}): Promise<Address> {
  const { chain, account, abi, bytecode, args } = options
  const data = encodeDeployData({ abi, bytecode, args })
  const receipt = await chain.wallet(account).sendTransactionSync({ data })
  if (receipt.status !== 'success' || !receipt.contractAddress) {
    throw new Error(`deployment reverted: ${receipt.transactionHash}`)
  }
  return getAddress(receipt.contractAddress)
}
