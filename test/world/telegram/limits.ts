// How fast a bot may write: bursts per chat, a minute's budget per group, a total; more gets 429 with retry_after.
import type { Clock } from '../../../core/clock.ts'
import { tooManyRequests } from './apiError.ts'
import type { ChatType } from './model.ts'

/** Rates as core.telegram.org/bots/faq gives them, and burst figures by report; Telegram promises none of them. */
export interface LimitSettings {
  /** Sends and edits together, in any group or channel, per minute. */
  readonly groupPerMinute: number
  /** Sends and edits a chat takes at once before it is held to one a second. */
  readonly chatBurst: number
  /** All chats together, per second. */
  readonly totalPerSecond: number
}

export const telegramLimits: LimitSettings = { groupPerMinute: 20, chatBurst: 5, totalPerSecond: 30 }

export interface FloodLimits {
  /** Counts one send or edit; throws 429 with retry_after in whole seconds, and then counts nothing. */
  charge(chat: { readonly id: number; readonly type: ChatType }): void
}

/** Keeps the three budgets, on the given clock. */
export function createLimits({ clock, settings }: { clock: Clock; settings: LimitSettings }): FloodLimits {
  const minutes = new Map<number, number[]>()
  const bursts = new Map<number, Bucket>()
  const total: Bucket = { left: settings.totalPerSecond, atMs: clock.now() }
  return {
    charge({ id, type }) {
      const nowMs = clock.now()
      const burst = bursts.get(id) ?? { left: settings.chatBurst, atMs: nowMs }
      bursts.set(id, burst)
      refill(burst, { nowMs, perSecond: 1, most: settings.chatBurst })
      refill(total, { nowMs, perSecond: settings.totalPerSecond, most: settings.totalPerSecond })
      const recent = (minutes.get(id) ?? []).filter((atMs) => atMs > nowMs - 60_000)
      minutes.set(id, recent)
      const waitMs = Math.max(
        burst.left < 1 ? (1 - burst.left) * 1000 : 0,
        total.left < 1 ? ((1 - total.left) / settings.totalPerSecond) * 1000 : 0,
        type === 'private' || recent.length < settings.groupPerMinute ? 0 : (recent[0] ?? nowMs) + 60_000 - nowMs,
      )
      if (waitMs > 0) throw tooManyRequests(Math.max(1, Math.ceil(waitMs / 1000)))
      burst.left -= 1
      total.left -= 1
      recent.push(nowMs)
    },
  }
}

interface Bucket {
  left: number
  atMs: number
}

function refill(bucket: Bucket, { nowMs, perSecond, most }: { nowMs: number; perSecond: number; most: number }) {
  bucket.left = Math.min(most, bucket.left + ((nowMs - bucket.atMs) / 1000) * perSecond)
  bucket.atMs = nowMs
}
