// What every process of Necto does around its work: settings, log, signals, exit code, and no secret in any output.
import { type Clock, systemClock } from './clock.ts'
import { type Config, readConfig, SETTINGS } from './config.ts'
import { errorText, NectoError } from './errors.ts'
import { createLog, createRedactor, type Log } from './log.ts'
import { type Env, type Setting, secretsOf } from './settings.ts'

// sysexits' EX_TEMPFAIL: a supervisor may start it again.
const EXIT_TRY_AGAIN = 75
// After this nothing that is still open can matter; a process that only seems to live would never be started again.
const LINGER_MS = 10_000

export interface ProcessContext {
  /** Read when first asked for, so that help and diagnosis work with settings that are not valid. */
  readonly config: Config
  /** For those who read settings of their own. */
  readonly env: Env
  readonly clock: Clock
  readonly log: Log
  /** Aborted by the first SIGTERM or SIGINT; the second ends the process at once. */
  readonly signal: AbortSignal
  /** One line for people, on standard output. */
  readonly say: (text: string) => void
  /** One line for people beside the result, on standard error. */
  readonly warn: (text: string) => void
}

/**
 * Runs it and sets the exit code to what it answers; errors are told in one line, without a stack. `more` are settings
 * that the process reads beside those of core/config.ts: checked with them, and their secrets as hidden. When it has
 * not ended `stopWithinMs` after it was told to, the process ends all the same; nothing may need a stop to be right.
 */
export async function runProcess(
  run: (context: ProcessContext) => Promise<number>,
  more: readonly Setting[] = [],
  limits: { readonly stopWithinMs?: number } = {},
): Promise<void> {
  const { env } = process
  const redact = createRedactor(secretsOf([...SETTINGS, ...more], env))
  const stop = new AbortController()
  let overdue: NodeJS.Timeout | undefined
  const leaveBehind = () => {
    process.stderr.write('Told to stop, but something hangs; what it did is taken up at the next start.\n')
    process.exit(EXIT_TRY_AGAIN)
  }
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(EXIT_TRY_AGAIN)
      const { stopWithinMs } = limits
      if (stopWithinMs !== undefined) overdue = setTimeout(leaveBehind, stopWithinMs)
      stop.abort(new Error('told to stop'))
    })
  }
  // Node's own way is exit code 1, which says that a new start is of no use, and a stack that may hold a secret.
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${redact(`Something broke: ${errorText(error)}`)}\n`)
    process.exit(EXIT_TRY_AGAIN)
  })
  try {
    let config: Config | undefined
    const read = () => {
      config ??= readConfig(env, more)
      return config
    }
    process.exitCode = await run({
      get config() {
        return read()
      },
      get log() {
        return createLog({ redact, level: read().LOG_LEVEL })
      },
      env,
      clock: systemClock,
      signal: stop.signal,
      say: (text) => void process.stdout.write(`${redact(text)}\n`),
      warn: (text) => void process.stderr.write(`${redact(text)}\n`),
    })
  } catch (error) {
    if (stop.signal.aborted) return
    process.stderr.write(`${redact(error instanceof NectoError ? error.message : errorText(error))}\n`)
    process.exitCode = error instanceof NectoError && error.retry === 'never' ? 1 : EXIT_TRY_AGAIN
    setTimeout(() => process.exit(), LINGER_MS).unref()
  } finally {
    clearTimeout(overdue)
    if (stop.signal.aborted) setTimeout(() => process.exit(), limits.stopWithinMs ?? LINGER_MS).unref()
  }
}
