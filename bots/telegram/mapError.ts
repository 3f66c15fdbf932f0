// Telegram's and the network's errors as ours, once; nothing of the original goes along, since its URL holds the bot token.
import { GrammyError, HttpError } from 'grammy'
import { NectoError } from '../../core/errors.ts'

/** What an error of the Bot API means for us. */
export type Failure =
  | { kind: 'unchanged' }
  | { kind: 'gone' }
  | { kind: 'migrated'; toChatId: string }
  | { kind: 'no-thread' }
  /** The group lets the bot write, but send no pictures. */
  | { kind: 'no-media' }
  /** A caption was edited as a text, or the other way round. */
  | { kind: 'other-part' }
  | { kind: 'error'; error: NectoError }

// Descriptions as the Bot API server words them; it has no codes finer than 400.
const UNCHANGED = /message is not modified/i
const NO_MESSAGE = /message to (edit|delete|be replied) not found|message can't be (edited|deleted)|MESSAGE_ID_INVALID/i
const NO_CHAT =
  /chat not found|user not found|PEER_ID_INVALID|user is deactivated|not enough rights to send|have no rights to send|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED|group chat was deleted|bot is not a member/i
const NO_MEDIA = /not enough rights to send (photos|documents|media)|CHAT_SEND_(PHOTOS|MEDIA|DOCS)_FORBIDDEN/i
const OTHER_PART = /there is no (text|caption) in the message to edit/i
const NO_THREAD = /message thread not found|TOPIC_(CLOSED|DELETED)/i
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
  if (thrown instanceof HttpError) {
    const reason = systemCode(thrown.error)
    const retry = NEVER_SENT.has(reason) ? 'later' : unsure
    return fail('chat.failed', 'Telegram did not answer.', retry, `${call.method}: ${reason}`)
  }
  if (!(thrown instanceof GrammyError)) {
    const name = thrown instanceof Error ? thrown.name : typeof thrown
    return fail('chat.failed', 'The message could not be sent.', 'never', `${call.method}: ${name}`)
  }
  const { error_code: status, description, parameters } = thrown
  const details = `${thrown.method}: ${status} ${description}`
  if (status === 429) return fail('chat.busy', 'Telegram is busy.', 'later', String(parameters.retry_after ?? ''))
  if (parameters.migrate_to_chat_id !== undefined) {
    return { kind: 'migrated', toChatId: String(parameters.migrate_to_chat_id) }
  }
  if (status === 401) return fail('chat.refused', 'Telegram does not know this bot token.', 'never', details)
  if (status >= 500) return fail('chat.failed', 'Telegram did not answer.', unsure, details)
  if (UNCHANGED.test(description)) return { kind: 'unchanged' }
  if (NO_MESSAGE.test(description)) return { kind: 'gone' }
  if (NO_THREAD.test(description)) return { kind: 'no-thread' }
  if (NO_MEDIA.test(description)) return { kind: 'no-media' }
  if (OTHER_PART.test(description)) return { kind: 'other-part' }
  if (status === 403 || NO_CHAT.test(description)) {
    return fail(
      'chat.unreachable',
      'The bot cannot write there: press Start in a private chat with it first.',
      'never',
      details,
    )
  }
  return fail('chat.refused', 'Telegram refused the message.', 'never', details)
}

/** The failure as an error, for calls that have no better use for it. */
export function mapError(thrown: unknown, call: { method: string; isRepeatable: boolean }): NectoError {
  const failure = sortFailure(thrown, call)
  if (failure.kind === 'error') return failure.error
  return new NectoError('chat.refused', 'Telegram refused the call.', { details: `${call.method}: ${failure.kind}` })
}

/** The system's own code of a network failure; its text would show the URL, and with it the token. */
function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'network'
  const { code, type, name, message } = error as Record<string, unknown>
  if (typeof code === 'string' && /^[A-Z_]+$/.test(code)) return code
  if (typeof message === 'string' && /timed out after \d+ seconds$/.test(message)) return 'timeout'
  return [type, name].find((word) => typeof word === 'string' && /^[\w-]{1,40}$/.test(word))?.toString() ?? 'network'
}
