// A call that the contract refused is sent again, ever later, until it is done: one bad moment must not leave money lying.
import type { Clock } from '../../core/clock.ts'
import type { Intent } from '../tx/intent.ts'
import { type KeeperContext, outcomeOf } from './keeper.ts'

const FIRST_PAUSE_MS = 30_000
const LONGEST_PAUSE_MS = 30 * 60_000

/** How long after the n-th attempt, counted from 1, the next one may be made. */
export const attemptPauseMs = (number: number): number => Math.min(FIRST_PAUSE_MS * 2 ** (number - 1), LONGEST_PAUSE_MS)

/** Where the newest attempt stands, and when it is worth looking again. */
export interface Attempt {
  readonly intent: Intent
  /** Counted from 1. */
  readonly number: number
  /** Until the next attempt after a refused one; undefined while the newest may still be done. */
  readonly againInMs: number | undefined
}

/**
 * Submits the call, or after a refusal the same call as a new attempt. Only an attempt that can never be done any more
 * ('failed': its simulation reverted and no nonce was spent, or it reverted in a final block) is followed by another, so no two are open.
 */
export async function submitAgain(options: {
  keeper: Pick<KeeperContext, 'intents'> & { readonly context: { readonly clock: Clock } }
  sender: KeeperContext['agent']
  call: Parameters<KeeperContext['agent']['submit']>[0]
}): Promise<Attempt | undefined> {
  const { keeper, sender, call } = options
  const newest = await newestAttempt(keeper, call.id)
  if (newest?.intent.state === 'failed') {
    const againInMs = newest.intent.createdAtMs + attemptPauseMs(newest.number) - keeper.context.clock.now()
    if (againInMs > 0) return { ...newest, againInMs }
  }
  const number = newest ? newest.number + (newest.intent.state === 'failed' ? 1 : 0) : 1
  await sender.submit({ ...call, id: attemptId(call.id, number) })
  const intent = await outcomeOf(keeper, attemptId(call.id, number))
  return intent && { intent, number, againInMs: undefined }
}

/** The newest attempt of a call: earlier ones have all failed. */
export async function newestAttempt(
  keeper: Pick<KeeperContext, 'intents'>,
  id: string,
): Promise<{ intent: Intent; number: number } | undefined> {
  let newest: { intent: Intent; number: number } | undefined
  for (let number = 1; ; number++) {
    const intent = await outcomeOf(keeper, attemptId(id, number))
    if (!intent) return newest
    newest = { intent, number }
  }
}

const attemptId = (id: string, number: number) => (number === 1 ? id : `${id}:${number}`)
