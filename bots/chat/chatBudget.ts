// How often a chat may be written to: one token bucket per chat, an interval per message, holds after a rate limit.
import type { Place } from './inbound.ts'

/** The pace of one kind of chat. */
export interface Pace {
  /** Calls that may go out at once after a quiet time. */
  readonly burst: number
  /** One more call is earned each `refillMs`. */
  readonly refillMs: number
  /** Tokens that only final states and errors may use. */
  readonly reserve: number
  /** Least time between two edits of one message, by the message's age; the last row that fits holds. */
  readonly intervals: readonly { readonly fromAgeMs: number; readonly intervalMs: number }[]
}

const slowingDown = (firstMs: number, thenMs = firstMs) => [
  { fromAgeMs: 0, intervalMs: firstMs },
  { fromAgeMs: 10_000, intervalMs: thenMs },
  { fromAgeMs: 60_000, intervalMs: 10_000 },
  { fromAgeMs: 600_000, intervalMs: 45_000 },
]

/**
 * Telegram allows a group 20 messages a minute, edits included by report (core.telegram.org/bots/faq, grammy.dev/advanced/flood);
 * a burst of 8 and one each 5 s never make more than 20 in any 60 s, and let a scan be watched while it is young.
 * The private and Discord figures stay well below what is tolerated.
 */
export const PACES = {
  telegramGroup: { burst: 8, refillMs: 5_000, reserve: 2, intervals: slowingDown(500, 3_000) },
  telegramPrivate: { burst: 5, refillMs: 1_000, reserve: 2, intervals: slowingDown(500, 1_200) },
  discord: { burst: 5, refillMs: 1_000, reserve: 2, intervals: slowingDown(2_000) },
  terminal: { burst: 50, refillMs: 20, reserve: 2, intervals: [{ fromAgeMs: 0, intervalMs: 200 }] },
} satisfies Record<string, Pace>
export type Paces = Readonly<Record<keyof typeof PACES, Pace>>

/** The pace that holds in a chat. */
export function paceOf(paces: Paces, chat: Pick<Place, 'platform' | 'isPrivate'>): Pace {
  if (chat.platform === 'telegram') return chat.isPrivate ? paces.telegramPrivate : paces.telegramGroup
  return paces[chat.platform]
}

/** Least time between two edits of a message of this age, in milliseconds. */
export function intervalAtAge(pace: Pace, ageMs: number): number {
  return pace.intervals.findLast((row) => ageMs >= row.fromAgeMs)?.intervalMs ?? 0
}

export type ChatBudget = ReturnType<typeof createChatBudget>

/** A token bucket kept as the instant at which it is full again, so that it needs no timer and no fractions. */
export function createChatBudget(pace: Pace) {
  let fullAtMs = 0
  let heldUntilMs = 0
  return {
    /** The earliest instant for the next call; only urgent ones may use the reserve. */
    readyAtMs(urgent: boolean): number {
      const tokensNeeded = urgent ? 1 : 1 + pace.reserve
      return Math.max(heldUntilMs, fullAtMs - (pace.burst - tokensNeeded) * pace.refillMs)
    },
    /** Uses one token. */
    take(nowMs: number): void {
      fullAtMs = Math.max(fullAtMs, nowMs) + pace.refillMs
    },
    /** Nothing goes out before this instant: the platform said so. */
    holdUntil(untilMs: number): void {
      heldUntilMs = Math.max(heldUntilMs, untilMs)
    },
    /** Nothing left to remember. */
    isIdle(nowMs: number): boolean {
      return nowMs >= fullAtMs && nowMs >= heldUntilMs
    },
  }
}
