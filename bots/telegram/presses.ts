// Answers to button presses: a press spins on the person's screen until it is answered, and can be answered once.
import type { Api } from 'grammy'
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { clampText, cleanText } from '../chat/safeText.ts'
import { mapError } from './mapError.ts'

// Bot API: 0-200 characters. A toast shows about two lines for two seconds, so what is longer waits for an OK.
const MAX_ANSWER = 200
const TOAST_LENGTH = 60
// Telegram forgets a press after some seconds more than this; without an answer the button seems dead.
const ANSWER_WITHIN_MS = 2_500

/** Keeps which presses still wait for an answer. */
export function createPresses({ api, clock, log }: { api: Api; clock: Clock; log: Log }) {
  const waiting = new Map<string, AbortController>()

  async function send(callbackId: string, text: string): Promise<boolean> {
    const line = clampText(cleanText(text), MAX_ANSWER)
    try {
      return await api.answerCallbackQuery(
        callbackId,
        line ? { text: line, show_alert: line.length > TOAST_LENGTH } : {},
      )
    } catch (thrown) {
      // "query is too old" after a restart or an outage: nobody is waiting any more.
      const error = mapError(thrown, { method: 'answerCallbackQuery', isRepeatable: true })
      log.warn({ msg: 'press not answered', error: errorText(error) })
      return false
    }
  }

  function settle(callbackId: string): boolean {
    waiting.get(callbackId)?.abort()
    return waiting.delete(callbackId)
  }

  return {
    /** A press has come: it is answered without words if nobody says anything soon. */
    arrived(callbackId: string): void {
      const answered = new AbortController()
      waiting.set(callbackId, answered)
      clock
        .sleep(ANSWER_WITHIN_MS, answered.signal)
        .then(() => (settle(callbackId) ? send(callbackId, '') : false))
        .catch(() => {})
    },
    /** Shows the text to who pressed; false: it came too late to be shown. */
    answer: async (callbackId: string, text: string): Promise<boolean> => settle(callbackId) && send(callbackId, text),
    /** Answers at once a press that nobody handles. */
    dismiss: (callbackId: string, text: string): Promise<boolean> => send(callbackId, text),
    /** Stops the spinning of all presses left. */
    async close(): Promise<void> {
      await Promise.all([...waiting.keys()].map((id) => settle(id) && send(id, '')))
    },
  }
}
