// Brings Debian's packages that some tests need to a machine that lacks them, where that can be done: as root.
import { spawnSync } from 'node:child_process'

/** Installs `packages` if need be and possible; otherwise says that `tests` will be skipped. */
export function ensurePackages(wanted: {
  name: string
  packages: readonly string[]
  tests: string
  isHere: () => boolean
}): void {
  const { name, packages, tests, isHere } = wanted
  if (isHere()) return
  const isRoot = process.getuid?.() === 0
  const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
  if (!isRoot || !hasApt) {
    process.stdout.write(
      `No ${name} here and none can be installed without apt-get as root: the ${tests} are skipped.\n`,
    )
    return
  }
  process.stdout.write(`Installing ${name} for the ${tests} (once)…\n`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], { env: environment, encoding: 'utf8' })
    if (status !== 0) process.stdout.write(`apt-get ${args[0]} failed: ${stderr.slice(-500)}\n`)
  }
}
