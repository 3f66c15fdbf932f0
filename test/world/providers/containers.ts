// A container as a process of this machine: its words in a folder of its own, started again when it ends where that is so.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const RESTART_MS = 100

export interface Container {
  /** How often it was started. */
  starts(): number
  /** What runs now dies, as when memory runs out. */
  crash(): void
  stop(): void
}

export function startContainer(options: {
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  /** Where it finds its programs; this process's own PATH unless given. */
  path?: string | undefined
  isRestarted: boolean
  onEnd?: () => void
}): Container {
  const folder = mkdtempSync(path.join(tmpdir(), 'necto-container-'))
  const [program = '', ...args] = options.argv
  const env = {
    ...options.env,
    PATH: options.path ?? process.env.PATH,
    TMPDIR: folder,
    NECTO_OUTPUT: path.join(folder, 'output'),
    NECTO_BEAT_SECONDS: '1',
  }
  let starts = 0
  let isStopped = false
  let child: ChildProcess | undefined

  function start(): void {
    if (isStopped) return
    starts += 1
    child = spawn(program.startsWith('/') ? program : `/bin/${program}`, args, { cwd: folder, env, stdio: 'ignore' })
    child.once('exit', () => {
      if (options.isRestarted) return setTimeout(start, RESTART_MS)
      stop()
      return options.onEnd?.()
    })
  }
  function crash(): void {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) killTree(child.pid)
  }
  function stop(): void {
    isStopped = true
    crash()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  start()
  return { starts: () => starts, crash, stop }
}

/** All that a container began ends with it, whatever group it made itself. */
function killTree(root: number): void {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number))
  const doomed = [root]
  for (const parent of doomed) doomed.push(...pairs.flatMap(([pid, ppid]) => (pid && ppid === parent ? [pid] : [])))
  for (const pid of doomed) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }
}
