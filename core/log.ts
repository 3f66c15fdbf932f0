// The log: pino objects, with every configured secret and every bot token taken out before a line is written.
import { pino } from 'pino'

export interface Log {
  info(fields: LogFields): void
  warn(fields: LogFields): void
  error(fields: LogFields): void
  /** A log that adds these fields to each line. */
  child(fields: Record<string, unknown>): Log
}
export type LogFields = { readonly msg: string } & Record<string, unknown>

// A Telegram token is part of the URL of every call, so libraries leak it in their own errors.
const TOKEN_SHAPES = [/\d{6,}:[\w-]{30,}/g, /\/bot[^/\s]{20,}/g]

/** Replaces every secret in a text; the order does not matter, a longer one is never left half shown. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length)
  return (text) => {
    let clean = text
    for (const secret of known) clean = clean.replaceAll(secret, '[secret]')
    for (const shape of TOKEN_SHAPES) clean = clean.replace(shape, '[token]')
    return clean
  }
}

/** A log to `write` (one JSON line a call), redacted as a whole line so that no field can slip through. */
export function createLog(options: {
  redact: (text: string) => string
  write?: (line: string) => void
  level?: string
}): Log {
  const write = options.write ?? ((line) => process.stderr.write(line))
  return pino(
    { level: options.level ?? 'info', base: null, messageKey: 'msg', timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => write(options.redact(line)) },
  )
}

/** A log that keeps nothing, for tests of other things. */
export const silentLog: Log = { info() {}, warn() {}, error() {}, child: () => silentLog }
