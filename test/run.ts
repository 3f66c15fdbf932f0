// `necto test`: every check and test, one after the other, and one line that sums them all.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { verbHelp } from '../bots/terminal/help.ts'
import { unreached } from '../contracts/coverage.ts'
import { findChromium } from './browser/chromium.ts'
import { ensurePackages } from './ensurePackages.ts'
import { foundryBinary } from './world/chain/foundryBinary.ts'

interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}
interface Part {
  readonly name: string
  /** Short checks run side by side. */
  readonly quick: boolean
  /** Only when it is named. */
  readonly isLong?: true
  run(): Promise<Counts>
}

const CHROMIUM = {
  name: 'Chromium',
  packages: ['chromium', 'fonts-dejavu-core'],
  tests: 'browser tests',
  isHere: () => findChromium() !== undefined,
}
const CONTAINERS = {
  name: 'Podman and BusyBox',
  packages: ['podman', 'runc', 'catatonit', 'netavark', 'iptables', 'busybox-static'],
  tests: 'runs of jobs in containers',
  isHere: () =>
    [
      ['podman', '--version'],
      ['busybox', 'true'],
    ].every(([name = '', word = '']) => spawnSync(name, [word]).status === 0),
}
const ROOT = path.resolve(import.meta.dirname, '..')
const bin = (name: string) => path.join(ROOT, 'node_modules/.bin', name)
const ok = (holds: boolean): Counts => ({ passed: holds ? 1 : 0, failed: holds ? 0 : 1, skipped: 0 })

/** Runs a command; its output is shown at once, or only when it fails. */
function runCommand(
  command: readonly string[],
  show: 'always' | 'when-failing',
  settings: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  const [file = '', ...args] = command
  return new Promise((resolve) => {
    // Colours in a log that is read later are noise.
    const env = { ...process.env, ...settings, NO_COLOR: '1' }
    const child = spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      if (show === 'always') process.stdout.write(chunk)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', (error) => resolve({ code: 1, output: String(error) }))
    child.once('close', (code) => {
      if (code !== 0 && show === 'when-failing') process.stdout.write(output)
      resolve({ code: code ?? 1, output })
    })
  })
}

const check = (name: string, command: readonly string[]): Part => ({
  name,
  quick: true,
  run: async () => ok((await runCommand(command, 'when-failing')).code === 0),
})

/** Hardhat's own runner: "12 passing", "1 failing". Each line or branch that no test reaches is one more failure. */
const contracts: Part = {
  name: 'contracts',
  quick: false,
  async run() {
    const { code, output } = await runCommand([bin('hardhat'), 'test', 'solidity'], 'when-failing')
    const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(output)?.[1] ?? 0)
    const failed = count('failing') + count('failed')
    const missed = await measureCoverage()
    if (missed.length > 0) process.stdout.write(`No test reaches ${missed.join(', ')}\n`)
    return {
      passed: count('passing'),
      // A compiler that gives up counts no test at all.
      failed: (code === 0 ? failed : Math.max(1, failed)) + missed.length,
      skipped: count('skipped') + count('pending'),
    }
  },
}

/** Forge runs the same tests once more, since Hardhat counts no branches. */
async function measureCoverage(): Promise<string[]> {
  const report = path.join(ROOT, 'coverage/lcov.info')
  await rm(report, { force: true })
  await mkdir(path.dirname(report), { recursive: true })
  const command = [foundryBinary('forge'), 'coverage', '--report', 'lcov', '--report-file', report]
  const { code } = await runCommand(command, 'when-failing')
  const missed = unreached(await readFile(report, 'utf8').catch(() => '')) ?? ['the contracts: no report']
  return code === 0 ? missed : ['all that it should: forge failed', ...missed]
}

const vitest = (
  project: string,
  more: Pick<Part, 'isLong'> & { name?: string; only?: string; settings?: Readonly<Record<string, string>> } = {},
): Part => ({
  name: more.name ?? project,
  quick: false,
  ...(more.isLong && { isLong: more.isLong }),
  async run() {
    if (project === 'browser') ensurePackages(CHROMIUM)
    if (project === 'unit') ensurePackages(CONTAINERS)
    const folder = await mkdtemp(path.join(tmpdir(), 'necto-test-'))
    const file = path.join(folder, 'report.json')
    try {
      const report = ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`]
      // Vitest leaves one core alone, but CI has no other work; and a whole world mostly waits for blocks and pages.
      const waiting = project === 'unit' ? 0 : 1
      const workers = `--maxWorkers=${Math.max(2, availableParallelism() - 1) + waiting}`
      const only = more.only === undefined ? [] : [more.only]
      const command = [bin('vitest'), 'run', ...only, '--project', project, workers, ...report]
      const { code } = await runCommand(command, 'always', more.settings)
      const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = JSON.parse(await readFile(file, 'utf8'))
      return {
        passed: numPassedTests,
        failed: code === 0 ? numFailedTests : Math.max(1, numFailedTests),
        skipped: numPendingTests,
      }
    } catch {
      return { passed: 0, failed: 1, skipped: 0 }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
})

const PARTS: readonly Part[] = [
  check('types', [bin('tsc'), '--noEmit']),
  check('lint', [bin('biome'), 'check', '.', '--error-on-warnings']),
  check('unused', [bin('knip')]),
  check('abi', [process.execPath, 'contracts/generateAbi.ts', '--check']),
  // `npm install` must not have wanted another lock; outside a checkout there is nothing to compare with.
  ...(existsSync(path.join(ROOT, '.git'))
    ? [check('lock', ['git', 'diff', '--exit-code', '--stat', 'package-lock.json'])]
    : []),
  contracts,
  vitest('unit'),
  vitest('e2e'),
  vitest('browser'),
  vitest('e2e', { name: 'crash', only: 'test/crash/', isLong: true, settings: { CRASH_CAMPAIGN: 'long' } }),
]

async function timed(part: Part): Promise<{ name: string; counts: Counts }> {
  const startedAtMs = Date.now()
  const counts = await part.run()
  const { passed, failed, skipped } = counts
  process.stdout.write(
    `${failed === 0 ? '✓' : '✗'} ${part.name.padEnd(10)} ${passed} passed, ${failed} failed, ${skipped} skipped (${((Date.now() - startedAtMs) / 1000).toFixed(0)} s)\n`,
  )
  return { name: part.name, counts }
}

async function main(names: readonly string[]): Promise<number> {
  if (names.some((name) => name === '--help' || name === '-h')) {
    process.stdout.write(`${verbHelp('test')}\n`)
    return 0
  }
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name))
  if (unknown.length > 0) {
    process.stdout.write(`There is no part "${unknown[0]}".\n${verbHelp('test')}\n`)
    return 2
  }
  const parts = PARTS.filter(({ name, isLong }) => (names.length === 0 ? !isLong : names.includes(name)))
  const results = await Promise.all(parts.filter((part) => part.quick).map(timed))
  for (const part of parts.filter((one) => !one.quick)) results.push(await timed(part))
  const sum = (key: keyof Counts) => results.reduce((total, { counts }) => total + counts[key], 0)
  const failing = results.filter(({ counts }) => counts.failed > 0).map(({ name }) => name)
  if (failing.length > 0) process.stdout.write(`Failing: ${failing.join(', ')}\n`)
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`)
  return failing.length === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
