// Discord's and the network's errors as ours, once; nothing of the original goes along, since its URL may hold a token.
import { DiscordAPIError, DiscordjsError, HTTPError, RateLimitError } from 'discord.js'
import { NectoError } from '../../core/errors.ts'

/** What an error of the REST interface means for us. */
export type Failure =
  /** The message is not there any more. */
  | { kind: 'gone' }
  /** The interaction can no longer be answered, but the channel may be written to. */
  | { kind: 'no-token' }
  /** The interaction has its first answer already. */
  | { kind: 'answered' }
  /** The bot may write here but not quote what came before. */
  | { kind: 'no-history' }
  | { kind: 'error'; error: NectoError }

// docs.discord.com, "JSON error codes".
const KINDS: Readonly<Record<number, 'gone' | 'no-token' | 'answered' | 'no-history'>> = {
  10008: 'gone',
  50005: 'gone',
  10015: 'no-token',
  10062: 'no-token',
  50027: 'no-token',
  40094: 'no-token',
  40060: 'answered',
  160002: 'no-history',
}
// Unknown channel, guild or user; no access, no right to write; a person who takes no messages; an archived thread.
const UNREACHABLE = new Set([10003, 10004, 10013, 50001, 50007, 50013, 50033, 50083, 50278])
// The request did not leave, so it cannot have been done.
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Sorts a failed call. `isRepeatable`: doing it twice is the same as once, so an unknown outcome may simply be tried again. */
export function sortFailure(thrown: unknown, call: { method: string; isRepeatable: boolean }): Failure {
  const fail = (code: string, message: string, retry: NectoError['retry'], details: string): Failure => ({
    kind: 'error',
    error: new NectoError(code, message, { retry, details }),
  })
  const unsure = call.isRepeatable ? 'later' : 'unknown'
  if (thrown instanceof NectoError) return { kind: 'error', error: thrown }
  if (thrown instanceof RateLimitError) {
    const waitMs = Math.max(thrown.retryAfter, thrown.timeToReset, thrown.sublimitTimeout)
    return fail('chat.busy', 'Discord is busy.', 'later', String(Math.max(0.1, waitMs / 1000)))
  }
  const unknownToken = () => fail('chat.refused', 'Discord does not know this bot token.', 'never', call.method)
  if (thrown instanceof DiscordjsError) {
    return thrown.code === 'TokenInvalid'
      ? unknownToken()
      : fail('chat.failed', 'Discord did not answer.', unsure, thrown.code)
  }
  if (thrown instanceof DiscordAPIError || thrown instanceof HTTPError) {
    const code = thrown instanceof DiscordAPIError ? Number(thrown.code) : 0
    const details = `${call.method}: ${thrown.status} ${code}`
    if (thrown.status >= 500) return fail('chat.failed', 'Discord did not answer.', unsure, details)
    const kind = KINDS[code]
    if (kind) return { kind }
    if (UNREACHABLE.has(code)) {
      return fail(
        'chat.unreachable',
        'The bot cannot write there: let it see the channel and send messages, or allow direct messages from this server.',
        'never',
        details,
      )
    }
    if (thrown.status === 401) return unknownToken()
    // The words of a refused form name its fields, never what stood in them.
    return fail('chat.refused', 'Discord refused the message.', 'never', `${details} ${faultsOf(thrown)}`.trim())
  }
  const reason = systemCode(thrown)
  if (reason) {
    const retry = NEVER_SENT.has(reason) ? 'later' : unsure
    return fail('chat.failed', 'Discord did not answer.', retry, `${call.method}: ${reason}`)
  }
  const name = thrown instanceof Error ? thrown.name : typeof thrown
  return fail('chat.failed', 'The message could not be sent.', 'never', `${call.method}: ${name}`)
}

/** The failure as an error, for calls that have no better use for it. */
export function mapError(thrown: unknown, call: { method: string; isRepeatable: boolean }): NectoError {
  const failure = sortFailure(thrown, call)
  if (failure.kind === 'error') return failure.error
  return new NectoError('chat.refused', 'Discord refused the call.', { details: `${call.method}: ${failure.kind}` })
}

/** Where in the form the faults are, as `components.0.content BASE_TYPE_MAX_LENGTH`. */
function faultsOf(thrown: DiscordAPIError | HTTPError): string {
  if (!(thrown instanceof DiscordAPIError) || !('errors' in thrown.rawError)) return ''
  const faults: string[] = []
  const walk = (node: unknown, path: readonly string[]): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key === 'code' && typeof value === 'string') faults.push(`${path.join('.')} ${value}`)
      else walk(value, key === '_errors' || path.at(-1) === '_errors' ? path : [...path, key])
    }
  }
  walk(thrown.rawError.errors, [])
  return faults.slice(0, 5).join(', ')
}

/** The system's own code of a network failure, `timeout`, or undefined for what is none. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout'
  const { code, cause } = error as Error & { code?: unknown }
  if (typeof code === 'string' && /^[A-Z_]+$/.test(code)) return code
  return cause === undefined ? undefined : systemCode(cause)
}
