// Button presses waiting for answerCallbackQuery: each can be answered once and only for a short while.
import type { Clock } from '../../../core/clock.ts'
import { badRequest } from './apiError.ts'

/** What the person saw after a press: the toast or alert, or that nothing came. */
export interface PressResult {
  readonly answered: boolean
  readonly text: string
  readonly alert: boolean
  /** The page that opened: the button's own URL, or the one the answer carried. */
  readonly url?: string | undefined
  /** What a copy button put on the clipboard. */
  readonly copied?: string | undefined
}

type CallbackAnswer = Omit<PressResult, 'answered' | 'copied'>

export interface CallbackQueries {
  /** Opens a query; `result` settles when it is answered or too old. */
  open(who: { userId: number; chatId: number }): { readonly id: string; readonly result: Promise<PressResult> }
  /** Throws "query is too old" for an unknown, answered or expired id; returns whose press it was. */
  answer(id: string, answer: CallbackAnswer): { userId: number; chatId: number }
  /** Ends every open query unanswered. */
  stop(): void
}

/** Keeps queries for `answerWithinMs` of the given clock. */
export function createCallbackQueries({
  clock,
  answerWithinMs,
}: {
  clock: Clock
  answerWithinMs: number
}): CallbackQueries {
  interface Pending {
    readonly who: { userId: number; chatId: number }
    readonly openedAtMs: number
    finish(result: PressResult): void
  }
  const pending = new Map<string, Pending>()
  const stopping = new AbortController()
  let opened = 0

  return {
    open(who) {
      opened += 1
      const id = `45${String(opened).padStart(17, '0')}`
      const expiry = new AbortController()
      const result = new Promise<PressResult>((resolve) => {
        const finish = (result: PressResult) => {
          pending.delete(id)
          expiry.abort()
          resolve(result)
        }
        pending.set(id, { who, openedAtMs: clock.now(), finish })
        const signal = AbortSignal.any([expiry.signal, stopping.signal])
        const giveUp = () => finish({ answered: false, text: '', alert: false })
        clock.sleep(answerWithinMs, signal).then(giveUp, giveUp)
      })
      return { id, result }
    },
    answer(id, answer) {
      const query = pending.get(id)
      if (!query || clock.now() - query.openedAtMs > answerWithinMs) {
        throw badRequest('query is too old and response timeout expired or query ID is invalid')
      }
      query.finish({ answered: true, ...answer })
      return query.who
    },
    stop: () => stopping.abort(),
  }
}
