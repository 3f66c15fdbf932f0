// The deployment as an operator runs it: a program with its plan in the environment.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Address, parseEther, zeroHash } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { people, startEscrowChain } from '../test/world/startEscrowChain.ts'
import { computeRouterAbi } from './abi/ComputeRouter.ts'

const run = promisify(execFile)

test('deploys what the plan says, and the deployer keeps no role', async () => {
  const chain = await startEscrowChain()
  try {
    const key = generatePrivateKey()
    const deployer = privateKeyToAccount(key).address
    await chain.test.setBalance({ address: deployer, value: parseEther('1') })
    const plan = {
      chainId: chain.anvil.chainId,
      usdc: chain.usdc.address,
      usdcName: 'USDC',
      feeRecipient: people.feeRecipient.address,
      feeds: [
        {
          symbol: 'USDC',
          source: chain.feeds.USDC.address,
          heartbeatSeconds: 86_400,
          maxDeviationBps: 100,
          minPrice: '98000000',
          maxPrice: '102000000',
        },
      ],
      admin: people.admin.address,
      agents: [people.agent.address],
      quoters: [people.quoter.address],
      pausers: [people.pauser.address],
      listers: [people.agent.address],
    }
    const env = { ...process.env, DEPLOY_RPC_URL: chain.anvil.url, DEPLOYER_KEY: key, DEPLOYMENT: JSON.stringify(plan) }
    const { stdout } = await run(process.execPath, [fileURLToPath(new URL('deploy.ts', import.meta.url))], { env })
    const deployed: { router: Address; priceGuard: Address } = JSON.parse(stdout)
    const read = <Name extends 'defaultAdmin' | 'defaultAdminDelay' | 'priceGuard'>(functionName: Name) =>
      chain.client.readContract({ address: deployed.router, abi: computeRouterAbi, functionName })
    expect(await read('defaultAdmin')).toBe(people.admin.address)
    expect(await read('defaultAdminDelay')).toBe(2 * 86_400)
    expect(await read('priceGuard')).toBe(deployed.priceGuard)
    // DEFAULT_ADMIN_ROLE is zero.
    const admin = [zeroHash, deployer] as const
    const isAdmin = chain.client.readContract({
      address: deployed.router,
      abi: computeRouterAbi,
      functionName: 'hasRole',
      args: admin,
    })
    expect(await isAdmin).toBe(false)

    const wrong = { ...env, DEPLOYMENT: JSON.stringify({ ...plan, chainId: 1 }) }
    await expect(
      run(process.execPath, [fileURLToPath(new URL('deploy.ts', import.meta.url))], { env: wrong }),
    ).rejects.toMatchObject({ stderr: expect.stringContaining('not 1') })
  } finally {
    await chain.stop()
  }
})
