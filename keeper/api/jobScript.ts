// A job as a file that a POSIX shell reads with ".": its variables, and the program's words as the shell's own "$@".
import type { RunnerJob } from '../../core/jobs/runnerDesk.ts'

/** Quoted so that the shell takes every character as it is. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** NECTO_ENV holds the secrets as lines, each NAME=value, as `docker run --env-file` and `export "$line"` take them. */
export function jobScript({ workload, env = {}, gpuCount, maxSeconds }: RunnerJob): string {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`)
  return [
    `NECTO_IMAGE=${quoted(workload.image ?? '')}`,
    `NECTO_GPUS=${gpuCount}`,
    `NECTO_MAX_SECONDS=${maxSeconds}`,
    `NECTO_ENV=${quoted(lines.join(''))}`,
    `set -- ${workload.command.map(quoted).join(' ')}`,
  ].join('\n')
}
