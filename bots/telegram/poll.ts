// The one poller: hands updates on in order, and confirms each to Telegram only when it is safe with us.
import type { Api } from 'grammy'
import type { Update } from 'grammy/types'
import type { Clock } from '../../core/clock.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { mapError } from './mapError.ts'
import { ALLOWED_UPDATES } from './receive.ts'

// Below the client's timeout of 15 s, or every quiet poll would look like a network fault.
const LONG_POLL_SECONDS = 10
const PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/**
 * grammY's own `bot.start()` confirms an update before its handler is done when it is stopped, and skips one whose
 * handler threw; both lose a command. So the loop is ours, over grammY's client.
 */
export function createPoller(options: {
  api: Api
  clock: Clock
  log: Log
  /** Done once before the first poll, again until it succeeds. */
  prepare(): Promise<void>
  handle(update: Update): Promise<void>
}) {
  const { api, clock, log, prepare, handle } = options
  const stopping = new AbortController()
  // grammY types signals by a polyfill whose declaration differs; it takes the platform's own.
  const signal = stopping.signal as unknown as Parameters<Api['getUpdates']>[1]
  let nextId = 0
  let running: Promise<void> = Promise.resolve()

  /** Repeats the task until it succeeds (`once`) or the poller stops, with growing pauses after failures. */
  async function keepTrying(task: () => Promise<void>, { once }: { once: boolean }): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        await task()
        if (once) return
        failures = 0
      } catch (thrown) {
        if (stopping.signal.aborted) return
        const error = mapError(thrown, { method: 'getUpdates', isRepeatable: true })
        // A wrong token does not pass by itself. While polling it may (a second poller ends), so then it is only said.
        if (once && error.retry === 'never') throw error
        failures++
        log.error({ msg: 'telegram poll failed', error: errorText(error), failures })
        await clock.sleep(pauseMs(error, failures), stopping.signal).catch(() => {})
      }
    }
  }

  async function fetchAndHandle(): Promise<void> {
    const updates = await api.getUpdates(
      { offset: nextId, timeout: LONG_POLL_SECONDS, allowed_updates: ALLOWED_UPDATES },
      signal,
    )
    for (const update of updates) {
      if (stopping.signal.aborted) return
      await handleOrSkip(update)
      nextId = update.update_id + 1
    }
  }

  /** Throws when the next poll should bring the same update again. */
  async function handleOrSkip(update: Update): Promise<void> {
    try {
      await handle(update)
    } catch (error) {
      if (error instanceof NectoError && error.retry !== 'never') throw error
      // It would fail for ever, and with it everything behind it.
      log.error({ msg: 'telegram update skipped', updateId: update.update_id, error: errorText(error) })
    }
  }

  return {
    /** Resolves when polling has begun. Throws what `prepare` throws when trying again cannot help. */
    async start(): Promise<void> {
      await keepTrying(prepare, { once: true })
      running = keepTrying(fetchAndHandle, { once: false })
    },
    /** Waits for the update in hand, then tells Telegram how far we came. */
    async stop(): Promise<void> {
      stopping.abort()
      await running
      if (nextId === 0) return
      const last = { offset: nextId, limit: 1, timeout: 0, allowed_updates: ALLOWED_UPDATES }
      await api.getUpdates(last).catch((thrown) => {
        const error = mapError(thrown, { method: 'getUpdates', isRepeatable: true })
        log.warn({ msg: 'last updates not confirmed, they will come again', error: errorText(error) })
      })
    },
  }
}

function pauseMs(error: NectoError, failures: number): number {
  if (error.code === 'chat.busy') return Number(error.details || 1) * 1000
  if (error.retry === 'never') return LONGEST_PAUSE_MS
  return Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (failures - 1))
}
