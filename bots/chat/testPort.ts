// A chat in memory for tests: keeps what people would see, and limits the pace as Telegram does in a group.
import type { Clock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { MessageRef, Place, Principal } from './inbound.ts'
import type { ChatPort } from './port.ts'
import type { View } from './view.ts'

export const group: Place = { platform: 'telegram', chatId: '-100', isPrivate: false, title: 'Acme' }
export const alice: Principal = { platform: 'telegram', userId: '42', label: 'alice', kind: 'user' }
export const bob: Principal = { platform: 'telegram', userId: '43', label: 'bob', kind: 'user' }

/** One call as the chat saw it. */
export interface SeenCall {
  readonly atMs: number
  readonly kind: 'send' | 'edit' | 'limited' | 'failed'
  readonly text: string
}

const viewText = (view: View): string =>
  view.blocks.flatMap((block) => (block.kind === 'text' ? block.spans.map(String) : [])).join('')

/** `limit`: how many calls within a sliding window each chat takes, and how long it refuses after one too many. */
export function createTestPort(options: {
  clock: Clock
  limit?: { calls: number; windowMs: number; retrySeconds: number }
}) {
  const { clock, limit } = options
  const calls: SeenCall[] = []
  const shown = new Map<string, string>()
  const windows = new Map<string, number[]>()
  const failures: NectoError[] = []
  const blockedUntilMs = new Map<string, number>()
  let nextId = 1
  let answered = Promise.resolve()

  /** Every call passes here; a call while blocked is refused too, as Telegram does. */
  async function pass(chatId: string, kind: 'send' | 'edit', text: string): Promise<void> {
    // A call over the network never answers in the same turn.
    await answered
    const atMs = clock.now()
    const failure = failures.shift()
    if (failure) {
      calls.push({ atMs, kind: 'failed', text })
      throw failure
    }
    if (limit) {
      const recent = (windows.get(chatId) ?? []).filter((t) => t > atMs - limit.windowMs)
      const untilMs = blockedUntilMs.get(chatId) ?? 0
      if (atMs < untilMs || recent.length >= limit.calls) {
        if (atMs >= untilMs) blockedUntilMs.set(chatId, atMs + limit.retrySeconds * 1000)
        calls.push({ atMs, kind: 'limited', text })
        throw new NectoError('chat.busy', 'busy', { retry: 'later', details: String(limit.retrySeconds) })
      }
      windows.set(chatId, [...recent, atMs])
    }
    calls.push({ atMs, kind, text })
  }

  const port: ChatPort = {
    async send(place, view, { replyTo } = {}) {
      await pass(place.chatId, 'send', viewText(view))
      const { title: _, ...where } = place
      // As on Discord: what answers something that one person sees is seen by that person alone.
      const isForOne = replyTo?.isPrivate === true && !place.isPrivate
      const chat = isForOne ? { ...where, chatId: replyTo.chatId, isPrivate: true } : where
      const ref: MessageRef = { ...chat, messageId: String(nextId++) }
      shown.set(ref.messageId, viewText(view))
      return ref
    },
    async edit(ref, view) {
      await pass(ref.chatId, 'edit', viewText(view))
      if (!shown.has(ref.messageId)) return 'gone'
      shown.set(ref.messageId, viewText(view))
      return 'edited'
    },
    notice: async () => {},
    async whisper({ place, principal }, view) {
      // Through whatever a test has put around it.
      await this.send(this.privatePlace(principal), view)
      return place.isPrivate ? 'here' : 'in private'
    },
    askForm: async () => false,
    remove: async (ref) => shown.delete(ref.messageId),
    privatePlace: ({ platform, userId }) => ({ ...group, platform, chatId: userId, isPrivate: true }),
    isCreator: async () => false,
    isMember: async () => false,
    startUrl: (_, payload) => `https://t.me/necto_bot?start=${payload}`,
  }
  return {
    port,
    calls,
    /** What each message says now. */
    shown,
    /** The next calls fail like this, one each. */
    fail: (...errors: NectoError[]) => failures.push(...errors),
    /** No call gets an answer before this promise resolves. */
    delayUntil(promise: Promise<void>) {
      answered = promise
    },
    count: (kind: SeenCall['kind']) => calls.filter((call) => call.kind === kind).length,
  }
}
