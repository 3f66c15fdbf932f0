// Compiles the stand-ins' contracts with solc-js; run as a program it writes artifacts.ts beside it.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Abi, Hex } from 'viem'
import { z } from 'zod'

const names = ['Automate', 'Flow', 'Market'] as const

/** What deploying and calling a contract needs. */
export interface Artifact {
  abi: Abi
  bytecode: Hex
}

const outputSchema = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).default([]),
  contracts: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ abi: z.custom<Abi>(Array.isArray), evm: z.object({ bytecode: z.object({ object: z.string() }) }) }),
    ),
  ),
})

/** Compiles Automate.sol, Flow.sol and Market.sol; throws with the compiler's text when they do not compile without warnings. */
export function compileContracts(): Record<(typeof names)[number], Artifact> {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      names.map((name) => [`${name}.sol`, { content: readFileSync(sourceOf(name), 'utf8') }]),
    ),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      // No metadata hash, so that the bytecode changes only when the code does.
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  }
  const compiler: { compile(input: string): string } = createRequire(import.meta.url)('solc')
  const output = outputSchema.parse(JSON.parse(compiler.compile(JSON.stringify(input))))
  const [error] = output.errors
  if (error) throw new Error(error.formattedMessage)
  const artifact = (name: (typeof names)[number]): Artifact => {
    const contract = output.contracts[`${name}.sol`]?.[name]
    if (!contract) throw new Error(`${name}.sol holds no contract ${name}`)
    return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` }
  }
  return { Automate: artifact('Automate'), Flow: artifact('Flow'), Market: artifact('Market') }
}

function sourceOf(name: string): URL {
  return new URL(`${name}.sol`, import.meta.url)
}

function writeArtifacts(): void {
  const target = new URL('artifacts.ts', import.meta.url)
  const contracts = compileContracts()
  const parts = names.map((name) => {
    const { abi, bytecode } = contracts[name]
    return `/** ${name}.sol, compiled. */\nexport const ${name.toLowerCase()}Artifact = ${JSON.stringify({ abi, bytecode })} as const\n`
  })
  const header = '// The compiled contracts of the stand-ins, written by compile.ts: do not edit.\n'
  writeFileSync(target, header + parts.join('\n'))
  spawnSync('npx', ['biome', 'format', '--write', target.pathname], { stdio: 'inherit' })
}

if (import.meta.main) writeArtifacts()
