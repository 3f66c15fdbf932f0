// Starts Necto's own processes as a user would, and keeps what they print.
import { spawn } from 'node:child_process'
import path from 'node:path'

export const PROJECT = path.resolve(import.meta.dirname, '../..')

export interface RunningProcess {
  /** Everything printed so far, both streams. */
  output(): string
  /** Resolves once the text was printed; rejects when the process ends before, or after the time. */
  printed(text: string, timeoutMs?: number): Promise<void>
  /** Types lines into it; the process must have been started with `input`. */
  type(text: string): void
  /** Nothing more will be typed. */
  endInput(): void
  /** SIGTERM, then waits for the end; the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL, then waits for the end. */
  kill(): Promise<void>
  readonly ended: Promise<number | null>
  readonly pid: number | undefined
}

/**
 * Starts `node <file> <args>` in the project's folder with only the environment given, and what `./necto` itself sets.
 * `input`: 'none' unless it is to be typed into; 'terminal' gives it this process's own terminal, both ways, and its
 * output is not kept.
 */
export function startProcess(options: {
  args: readonly string[]
  env?: Readonly<Record<string, string>>
  input?: 'none' | 'typed' | 'terminal'
}): RunningProcess {
  const { input = 'none' } = options
  const child = spawn(process.execPath, options.args, {
    cwd: PROJECT,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...options.env },
    stdio: input === 'terminal' ? 'inherit' : [input === 'typed' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const waiting = new Set<() => void>()
  const read = (chunk: Buffer) => {
    output += chunk.toString()
    for (const look of waiting) look()
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  // A process that has ended reads no more; how it ended is told by `ended`.
  child.stdin?.on('error', () => undefined)
  const killWithParent = () => child.kill('SIGKILL')
  process.once('exit', killWithParent)
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      process.off('exit', killWithParent)
      resolve(code)
      for (const look of waiting) look()
    }),
  )
  return {
    output: () => output,
    pid: child.pid,
    ended,
    printed: (text, timeoutMs = 60_000) =>
      new Promise((resolve, reject) => {
        const finish = (error?: Error) => {
          clearTimeout(timer)
          waiting.delete(look)
          if (error) reject(error)
          else resolve()
        }
        const look = () => {
          if (output.includes(text)) finish()
          else if (child.exitCode !== null || child.signalCode !== null)
            finish(new Error(`ended without "${text}":\n${output}`))
        }
        const timer = setTimeout(() => finish(new Error(`did not print "${text}" in time:\n${output}`)), timeoutMs)
        waiting.add(look)
        look()
      }),
    type: (text) => void child.stdin?.write(text),
    endInput: () => void child.stdin?.end(),
    async stop() {
      child.kill('SIGTERM')
      return ended
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs a process to its end. */
export async function runProcess(options: {
  args: readonly string[]
  env?: Readonly<Record<string, string>>
}): Promise<{ code: number | null; output: string }> {
  const running = startProcess(options)
  const code = await running.ended
  return { code, output: running.output() }
}
