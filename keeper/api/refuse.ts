// Refusals as HTTP answers: one table from reason to status and whether to try again.
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Retry } from '../../core/errors.ts'
import type { DeskRefusal } from '../../core/jobs/runnerDesk.ts'
import type { ErrorEnvelope } from './messages.ts'

type Reason =
  | DeskRefusal['code']
  | 'not-signed'
  | 'stale-timestamp'
  | 'bad-signature'
  | 'replayed'
  | 'bad-request'
  | 'not-found'
  | 'gone'

const REASONS: Record<Reason, readonly [ContentfulStatusCode, Retry]> = {
  'not-signed': [401, 'never'],
  // These two pass when the runner signs again with the right time and a new nonce.
  'stale-timestamp': [401, 'later'],
  replayed: [401, 'later'],
  'bad-signature': [401, 'never'],
  // A listing may be approved at any moment.
  'unknown-runner': [403, 'later'],
  'unknown-job': [404, 'never'],
  'not-found': [404, 'never'],
  // No proxy or tunnel says this by itself, so a machine may take it for final.
  gone: [410, 'never'],
  'wrong-state': [409, 'never'],
  'too-large': [413, 'never'],
  'bad-receipt': [422, 'never'],
  'bad-request': [400, 'never'],
}

/** The answer for this reason, in the one envelope that all failures have. */
export function refuse(c: Context, code: Reason, message: string): Response {
  const [status, retry] = REASONS[code]
  return c.json({ error: { code, message, retry } } satisfies ErrorEnvelope, status)
}
