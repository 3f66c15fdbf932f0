// Delivers updates to the bot's webhook: in order, with the secret header, again until a 2xx comes back.
import type { Clock } from '../../../core/clock.ts'
import type { UpdateQueue } from './updates.ts'

interface WebhookSettings {
  readonly url: string
  readonly secretToken?: string | undefined
  readonly maxConnections: number
}

export interface Webhook {
  /** Starts delivering to this address, or stops when undefined. */
  set(settings: WebhookSettings | undefined): void
  active(): boolean
  /** A WebhookInfo object. */
  info(): Record<string, unknown>
  stop(): void
}

/** Waits between attempts, doubling up to a minute. */
const firstRetryMs = 1000
const longestRetryMs = 60_000
/** How long Telegram waits for the bot's answer. */
const answerTimeoutMs = 60_000

/** The webhook of one bot; retries run on the given clock. */
export function createWebhook({ clock, updates }: { clock: Clock; updates: UpdateQueue }): Webhook {
  let settings: WebhookSettings | undefined
  let running: AbortController | undefined
  let lastError: { date: number; message: string } | undefined

  function set(next: WebhookSettings | undefined) {
    running?.abort()
    settings = next
    lastError = undefined
    if (!next) return
    running = new AbortController()
    const { signal } = running
    deliverAll(next, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }

  async function deliverAll(target: WebhookSettings, signal: AbortSignal) {
    for (;;) {
      const update = await updates.next(signal)
      for (let waitMs = firstRetryMs; ; waitMs = Math.min(waitMs * 2, longestRetryMs)) {
        const problem = await post(target, { body: JSON.stringify(update), signal })
        if (!problem) break
        lastError = { date: Math.floor(clock.now() / 1000), message: problem }
        await clock.sleep(waitMs, signal)
      }
      updates.confirm(update.update_id)
    }
  }

  return {
    set,
    active: () => settings !== undefined,
    info: () => ({
      url: settings?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: updates.pendingCount(),
      last_error_date: lastError?.date,
      last_error_message: lastError?.message,
      max_connections: settings?.maxConnections,
      ip_address: settings ? '127.0.0.1' : undefined,
      allowed_updates: updates.allowed().length > 0 ? updates.allowed() : undefined,
    }),
    stop: () => running?.abort(),
  }
}

/** Posts one update; returns what went wrong, in the words getWebhookInfo uses. */
async function post(target: WebhookSettings, { body, signal }: { body: string; signal: AbortSignal }) {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (target.secretToken) headers['x-telegram-bot-api-secret-token'] = target.secretToken
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)])
    const response = await fetch(target.url, { method: 'POST', headers, body, signal: limit })
    await response.body?.cancel()
    return response.ok ? undefined : `Wrong response from the webhook: ${response.status} ${response.statusText}`
  } catch {
    signal.throwIfAborted()
    return 'Connection refused'
  }
}
