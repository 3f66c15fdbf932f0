// The SDK as others use it, in the test's own process: with a wallet that pays, and without what it tells the console.
import type { getFlowContract } from '@0gfoundation/0g-ts-sdk'
import { JsonRpcProvider, Wallet } from 'ethers'
import type { Hex } from 'viem'

/** A wallet for the SDK, whose types want the signer of another copy of ethers. */
export function sdkSigner(
  options: { rpcUrl: string; key: Hex },
  onTestFinished: (clear: () => void) => void,
): Parameters<typeof getFlowContract>[1] {
  const provider = new JsonRpcProvider(options.rpcUrl)
  const { log } = console
  console.log = () => undefined
  onTestFinished(() => {
    provider.destroy()
    console.log = log
  })
  return new Wallet(options.key, provider) as unknown as Parameters<typeof getFlowContract>[1]
}
