// When a chat call that failed is tried again.
import { NectoError, type Retry } from '../../core/errors.ts'

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 60_000

/** What an error says about trying again; foreign errors are bugs and are not repeated. */
export const retryOf = (error: unknown): Retry => (error instanceof NectoError ? error.retry : 'never')

/** 1 s, 2 s, 4 s … 60 s after the first, second, third … failure. */
export const backoffMs = (attempts: number): number => Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempts - 1))

/** The process ends before the call could go out. */
export const closing = () => new NectoError('chat.closing', 'The bot is restarting.', { retry: 'later' })
