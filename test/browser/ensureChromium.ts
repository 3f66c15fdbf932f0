// Brings a Chromium to a machine that has none, where that can be done: Debian's package, as root.
import { spawnSync } from 'node:child_process'
import { findChromium } from './chromium.ts'

/** Installs it if need be and possible; otherwise says why the browser tests will be skipped. */
export async function ensureChromium(): Promise<void> {
  if (findChromium()) return
  const isRoot = process.getuid?.() === 0
  const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
  if (!isRoot || !hasApt) {
    process.stdout.write(
      'No Chromium here and none can be installed without apt-get as root: the browser tests are skipped.\n',
    )
    return
  }
  process.stdout.write('Installing Chromium for the browser tests (once)…\n')
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core']]) {
    const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], { env: environment, encoding: 'utf8' })
    if (status !== 0) process.stdout.write(`apt-get ${args[0]} failed: ${stderr.slice(-500)}\n`)
  }
}
