// Writes contracts/abi and contracts/bytecode from the compiled contracts; with --check it only says whether they are current.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import hre from 'hardhat'

/** What is generated: our contracts, and Chainlink's own stand-in feed for tests and demo. */
const contracts = ['ComputeRouter', 'PriceGuard', 'ProviderRegistry', 'MockV3Aggregator']

async function generate(name: string): Promise<Map<string, string>> {
  const { abi, bytecode, sourceName } = await hre.artifacts.readArtifact(name)
  const variable = name[0]?.toLowerCase() + name.slice(1)
  const entries = abi.map((entry: unknown) => `  ${JSON.stringify(entry)},\n`).join('')
  return new Map([
    [
      `abi/${name}.ts`,
      `// Generated from ${sourceName} by contracts/generateAbi.ts, do not edit.\nexport const ${variable}Abi = [\n${entries}] as const\n`,
    ],
    [
      `bytecode/${name}.ts`,
      `// Generated from ${sourceName} by contracts/generateAbi.ts, do not edit.\nexport const ${variable}Bytecode =\n  '${bytecode}' as const\n`,
    ],
  ])
}

await hre.tasks.getTask('build').run({ quiet: true, noTests: true })
const checkOnly = process.argv.includes('--check')
const stale: string[] = []
for (const name of contracts) {
  for (const [path, text] of await generate(name)) {
    const file = new URL(path, import.meta.url)
    const current = await readFile(file, 'utf8').catch(() => undefined)
    if (current === text) continue
    stale.push(path)
    if (checkOnly) continue
    await mkdir(new URL('.', file), { recursive: true })
    await writeFile(file, text)
  }
}

if (checkOnly && stale.length > 0) {
  console.error(`stale, run node contracts/generateAbi.ts: ${stale.join(', ')}`)
  process.exitCode = 1
} else {
  console.log(stale.length === 0 ? 'abi and bytecode are current' : `wrote ${stale.join(', ')}`)
}
