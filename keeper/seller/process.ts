// Runs a job as a plain process of this machine: no isolation at all, so only for machines that trust the buyer.
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { type Driver, type Ending, STOP_GRACE_MS } from './driver.ts'

// All that a job inherits: where programs are, how text is encoded, and which GPUs the seller set aside.
const INHERITED = ['PATH', 'LANG', 'LC_ALL', 'CUDA_VISIBLE_DEVICES']
const NOT_FOUND = 127

/** The driver behind `--unsafe-process`. */
export function createProcessDriver(options: {
  env: Readonly<Record<string, string | undefined>>
  stopGraceMs?: number
}): Driver {
  const { env, stopGraceMs = STOP_GRACE_MS } = options
  const inherited = Object.fromEntries(
    INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  )

  return {
    name: 'process',
    refuses: ({ workload }) =>
      workload.image === undefined ? undefined : 'This runner has no container engine and cannot run images.',
    async prepare() {},
    start({ job, workPath, outputPath, logFd }, record) {
      const [program = '', ...args] = job.workload.command
      // A group of its own, so that stopping it stops all that it started.
      const child = spawn(program, args, {
        cwd: workPath,
        // The machine's own words come last: a secret must not move the job to GPUs that were not set aside for it.
        env: { ...job.env, ...inherited, HOME: workPath, TMPDIR: workPath, NECTO_OUTPUT: outputPath },
        stdio: ['ignore', logFd, logFd],
        detached: true,
        shell: false,
      })
      const { pid } = child
      if (pid !== undefined) record(`${pid} ${startMark(pid) ?? ''}`)
      let kill: NodeJS.Timeout | undefined
      let hasEnded = false
      const ended = new Promise<Ending>((resolve) => {
        child.once('error', (error) =>
          resolve({ exitCode: NOT_FOUND, failure: `It could not be started: ${error.message}` }),
        )
        child.once('exit', (code, signal) => {
          hasEnded = true
          clearTimeout(kill)
          if (pid !== undefined) signalGroup(pid, 'SIGKILL')
          resolve({ exitCode: code ?? 128 + (signal ? constants.signals[signal] : 0) })
        })
      })
      return {
        ended,
        stop() {
          // After its end the number may be another group's.
          if (pid === undefined || kill || hasEnded) return
          signalGroup(pid, 'SIGTERM')
          kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), stopGraceMs)
        },
      }
    },
    async endLeftover(handle) {
      const [, pidText = '', mark = ''] = /^(\d+) (.*)$/.exec(handle) ?? []
      const pid = Number(pidText)
      // The number may be another process's by now; only one that started at the same moment is ours.
      const isOurs = pid > 1 && mark !== '' && startMark(pid) === mark
      if (isOurs) signalGroup(pid, 'SIGKILL')
      return isOurs
    },
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // Nobody is left in the group.
  }
}

/** What tells this process from a later one with its number: when it began. undefined: it is gone, or a zombie. */
function startMark(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 }).trim()
    }
    // The name in parentheses may hold anything; behind it come state (3rd field) … start in ticks (22nd).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
