// Messages that tell a story by being edited in place: the latest state wins, and the final one always arrives.
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { createChatBudget, type Paces, paceOf } from './chatBudget.ts'
import { type ChatLane, createChatLane } from './chatLane.ts'
import { createEditedMessage, type EditedMessage } from './editedMessage.ts'
import type { MessageRef, Place } from './inbound.ts'
import type { ChatPort } from './port.ts'
import { backoffMs, closing, retryOf } from './retry.ts'
import type { View } from './view.ts'

export interface PostOptions {
  readonly replyTo?: MessageRef
  readonly silent?: boolean
  /** May use the tokens kept for final states: somebody must act, or an error. */
  readonly urgent?: boolean
}

export type LiveMessages = ReturnType<typeof createLiveMessages>

const POST_ATTEMPTS = 5
// A late progress event must not overwrite a final state; older ones than this many messages ago do not come.
const FINISHED_KEPT = 2_000

/** All messages of all platforms, paced per chat. */
export function createLiveMessages(options: { port: ChatPort; clock: Clock; log: Log; budgets: Paces }) {
  const { port, clock, log, budgets } = options
  const lanes = new Map<string, ChatLane>()
  const messages = new Map<string, EditedMessage>()
  const finished = new Set<string>()
  let closed = false

  function laneOf(chat: Pick<Place, 'platform' | 'chatId' | 'isPrivate'>): ChatLane {
    // Topics of a group share its budget, so the thread is no part of the key.
    const key = `${chat.platform}:${chat.chatId}`
    const known = lanes.get(key)
    if (known) return known
    for (const [id, lane] of lanes) if (lane.isIdle()) lanes.delete(id)
    const lane = createChatLane({ clock, budget: createChatBudget(paceOf(budgets, chat)) })
    lanes.set(key, lane)
    return lane
  }

  function post(place: Place, view: View, { urgent = false, ...rest }: PostOptions = {}): Promise<MessageRef> {
    return new Promise((resolve, reject) => {
      if (closed) return reject(closing())
      let attempts = 0
      laneOf(place).add({
        urgent,
        notBeforeMs: () => 0,
        isNeedless: () => false,
        run: async () => resolve(await port.send(place, view, rest)),
        failed(error) {
          attempts++
          // 'unknown' may have arrived: whether a second one is better than none is the caller's to say.
          if (retryOf(error) === 'later' && attempts < POST_ATTEMPTS && !closed) return backoffMs(attempts)
          reject(error)
          return undefined
        },
      })
    })
  }

  function messageOf(ref: MessageRef): EditedMessage {
    const key = keyOf(ref)
    const known = messages.get(key)
    if (known) return known
    const message = createEditedMessage({
      ref,
      port,
      clock,
      pace: paceOf(budgets, ref),
      onEnd: () => forget(key),
      onDrop: (error) => log.warn({ msg: 'chat edit dropped', error: errorText(error) }),
      isClosed: () => closed,
      again: () => laneOf(ref).add(message.outgoing),
    })
    messages.set(key, message)
    return message
  }

  function forget(key: string): void {
    messages.delete(key)
    finished.delete(key)
    finished.add(key)
    const oldest = finished.size > FINISHED_KEPT ? finished.values().next().value : undefined
    if (oldest !== undefined) finished.delete(oldest)
  }

  return {
    /** Posts a message and pays for it from the chat's budget; waits for its turn. Rejects with what `ChatPort.send` throws. */
    post,
    /** Posts a message that will be edited. */
    async open(place: Place, view: View, more?: PostOptions): Promise<MessageRef> {
      const ref = await post(place, view, more)
      messageOf(ref).opened(view)
      return ref
    },
    /**
     * Shows a newer state when the pace allows; states in between are skipped. Works for refs from before a restart too.
     * `isAnswer`: somebody pressed or wrote and waits for it, so it comes as soon as the chat may be written to.
     */
    update(ref: MessageRef, view: View, more: { isAnswer?: boolean } = {}): void {
      if (closed || finished.has(keyOf(ref))) return
      messageOf(ref).show(view, more.isAnswer)
      laneOf(ref).add(messageOf(ref).outgoing)
    },
    /**
     * Shows the final state as soon as the chat may be written to at all, and posts it afresh when the message is gone;
     * resolves with the message that shows it. Rejects with `chat.unreachable` when nobody can be reached there, or
     * `chat.closing` when the process ends first: then finish it again after the restart. `isLeftIfGone`: it is not
     * worth a message of its own.
     */
    finish(ref: MessageRef, view: View, more: { isLeftIfGone?: boolean } = {}): Promise<MessageRef> {
      if (closed) return Promise.reject(closing())
      const shown = messageOf(ref).end(view, more.isLeftIfGone)
      laneOf(ref).add(messageOf(ref).outgoing)
      return shown
    },
    /** Ends calls under way; what still waits is not sent. */
    async close(): Promise<void> {
      closed = true
      await Promise.all([...lanes.values()].map((lane) => lane.close()))
    },
  }
}

const keyOf = (ref: MessageRef) => `${ref.platform}:${ref.chatId}/${ref.messageId}`
