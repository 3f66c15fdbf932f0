// Runs a job in a container through the command line of docker or podman.
import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Hex } from 'viem'
import { NectoError } from '../../core/errors.ts'
import type { JobEnv } from '../../core/jobs/jobEnv.ts'
import { type Assignment, type Driver, type Ending, STOP_GRACE_MS } from './driver.ts'

type Engine = 'docker' | 'podman'
const run = promisify(execFile)
const CALL_TIMEOUT_MS = 30_000
const PULL_TIMEOUT_MS = 30 * 60_000
// What an engine's command line answers when the container could not be started; a job may end with them, too.
const NOT_STARTED = 125
const PERHAPS_NOT_STARTED = [NOT_STARTED, 126, 127]
const OUTPUT_IN_CONTAINER = '/output'
const MAX_PROCESSES = 4096
// The first descriptor behind the three of every process. Not a pipe: what Node makes of one cannot be opened by a path.
const ENV_FILE = '/dev/fd/3'

/** One container per job, found again by its name. */
export const containerName = (jobId: Hex) => `necto-${jobId.slice(2, 26)}`

/** As many as were paid for, by NVIDIA's toolkit: Podman takes docker's option and gives no GPU, or the one of that number. */
function gpuArguments(engine: Engine, gpuCount: number): string[] {
  if (engine === 'docker') return ['--gpus', String(gpuCount)]
  return Array.from({ length: gpuCount }, (_, index) => ['--device', `nvidia.com/gpu=${index}`]).flat()
}

/** The arguments that run a job: no shell sees them, and what the buyer wrote stands behind the image. */
export function containerArguments(
  options: Pick<Assignment, 'job' | 'outputPath'> & { readonly engine: Engine },
): string[] {
  const { engine, job, outputPath } = options
  const { image = '', command } = job.workload
  return [
    'run',
    '--init',
    '--name',
    containerName(job.jobId),
    ...gpuArguments(engine, job.gpuCount),
    '--security-opt',
    'no-new-privileges',
    '--pids-limit',
    String(MAX_PROCESSES),
    '--volume',
    `${outputPath}:${OUTPUT_IN_CONTAINER}`,
    '--env',
    `NECTO_OUTPUT=${OUTPUT_IN_CONTAINER}`,
    // Not in the arguments, which everybody on the machine can list.
    ...(job.env ? ['--env-file', ENV_FILE] : []),
    // Pulled before, and not again: the job's seconds are already counted.
    '--pull',
    'never',
    '--',
    image,
    ...command,
  ]
}

/** A file that has no name any more, so that it is gone with the engine's command line; both engines read its lines as they are. */
function openEnvFile(folder: string, env: JobEnv): number {
  const path = join(folder, '.env')
  const fd = openSync(path, 'w+', 0o600)
  rmSync(path)
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`)
  // At a position: where the descriptor itself stands must stay the beginning.
  writeSync(fd, lines.join(''), 0)
  return fd
}

/** The driver behind `--driver docker|podman`. `program` is the engine's command line, if not in PATH under its name. */
export function createContainerDriver(options: { engine: Engine; program?: string }): Driver {
  const { engine, program = engine } = options
  const call = (args: string[], timeout = CALL_TIMEOUT_MS) => run(program, args, { timeout })
  const remove = (name: string) => call(['rm', '--force', name]).catch(() => {})

  /** What its exit code says, which may be the engine's own: a container that never ran is not the buyer's to pay. */
  async function endingOf(name: string, exitCode: number): Promise<Ending> {
    const hasStarted = !PERHAPS_NOT_STARTED.includes(exitCode) || ((await wasStarted(name)) ?? exitCode !== NOT_STARTED)
    void remove(name)
    if (hasStarted) return { exitCode }
    return { exitCode, failure: `${engine} could not start the container: see above for what it said.` }
  }

  /** undefined: the engine does not know it, or does not say. */
  async function wasStarted(name: string): Promise<boolean | undefined> {
    try {
      const { stdout } = await call(['inspect', '--format', '{{.State.StartedAt}}', name])
      // The zero of Go's clock: never.
      return !stdout.startsWith('0001-')
    } catch {
      return undefined
    }
  }

  return {
    name: engine,
    refuses: ({ workload }) =>
      workload.image === undefined ? 'This runner starts container images only; the job names none.' : undefined,
    async prepare({ job }, signal) {
      try {
        await run(program, ['pull', '--quiet', '--', job.workload.image ?? ''], { timeout: PULL_TIMEOUT_MS, signal })
      } catch (cause) {
        throw new NectoError('seller.prepare', 'The image could not be pulled.', { retry: 'later', cause })
      }
    },
    start(assignment, record) {
      const name = containerName(assignment.job.jobId)
      record(name)
      const { logFd, workPath, job } = assignment
      const envFd = job.env && openEnvFile(workPath, job.env)
      const child = spawn(program, containerArguments({ engine, ...assignment }), {
        stdio: ['ignore', logFd, logFd, ...(envFd === undefined ? [] : [envFd])],
        shell: false,
      })
      if (envFd !== undefined) closeSync(envFd)
      const ended = new Promise<Ending>((resolve) => {
        child.once('error', (error) => resolve({ exitCode: NOT_STARTED, failure: error.message }))
        child.once('exit', (code) => {
          resolve(endingOf(name, code ?? NOT_STARTED))
        })
      })
      return {
        ended,
        // The engine waits, then kills; `ended` follows when its command line returns.
        stop: () =>
          void call(['stop', '--time', String(STOP_GRACE_MS / 1000), name]).catch(() => child.kill('SIGKILL')),
      }
    },
    async endLeftover(handle) {
      const isRunning = await call(['inspect', '--format', '{{.State.Running}}', handle]).then(
        ({ stdout }) => stdout.trim() === 'true',
        () => false,
      )
      await remove(handle)
      return isRunning
    },
  }
}
