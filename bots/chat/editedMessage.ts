// One message that is edited in place: the newest state is shown, older ones are skipped, a final one is never lost.
import type { Clock } from '../../core/clock.ts'
import { intervalAtAge, type Pace } from './chatBudget.ts'
import type { Outgoing } from './chatLane.ts'
import type { MessageRef, Place } from './inbound.ts'
import type { ChatPort } from './port.ts'
import { backoffMs, retryOf } from './retry.ts'
import type { View } from './view.ts'

/** One message of ours and what it should show. */
export interface EditedMessage {
  readonly outgoing: Outgoing
  opened(view: View): void
  /** `isAnswer`: somebody waits for it, so it does not wait for the message's own pace. */
  show(view: View, isAnswer?: boolean): void
  /** `isLeft`: when the message is gone, that is the end of it. */
  end(view: View, isLeft?: boolean): Promise<MessageRef>
}

/** A message that is edited through its chat's lane; `again` must queue `outgoing` there. */
export function createEditedMessage(options: {
  ref: MessageRef
  port: ChatPort
  clock: Clock
  pace: Pace
  /** Nothing more will be shown by it. */
  onEnd(): void
  /** A state could not be shown and is given up. */
  onDrop(error: unknown): void
  isClosed(): boolean
  again(): void
}): EditedMessage {
  const { ref, port, clock, pace } = options
  const openedAtMs = clock.now()
  const waiters: { resolve(ref: MessageRef): void; reject(error: unknown): void }[] = []
  let latest: View | undefined
  let sentText: string | undefined
  let sentAtMs = Number.NEGATIVE_INFINITY
  let isEnding = false
  let isLeft = false
  let isAnswer = false
  let isGone = false
  let attempts = 0
  let trying: View | undefined

  function settle(result: { shown: MessageRef } | { error: unknown }): void {
    for (const waiter of waiters.splice(0)) {
      if ('shown' in result) waiter.resolve(result.shown)
      else waiter.reject(result.error)
    }
    options.onEnd()
  }

  function sent(view: View, where: MessageRef): void {
    attempts = 0
    isAnswer = isAnswer && latest !== view
    sentText = textOf(view)
    sentAtMs = clock.now()
    // A newer final state may have come while this one was on its way.
    if (isEnding && latest === view) settle({ shown: where })
  }

  async function run(): Promise<void> {
    const view = latest
    if (!view) return
    trying = view
    if (!isGone) {
      if ((await port.edit(ref, view)) === 'edited') return sent(view, ref)
      if (isEnding && isLeft) return settle({ shown: ref })
      isGone = true
      // The fresh post is a call of its own, so it waits for a token of its own.
      return isEnding ? options.again() : options.onEnd()
    }
    sent(view, await port.send(placeOf(ref), view))
  }

  return {
    outgoing: {
      get urgent() {
        return isEnding || isAnswer
      },
      notBeforeMs: () => (isEnding || isAnswer ? 0 : sentAtMs + intervalAtAge(pace, clock.now() - openedAtMs)),
      isNeedless() {
        if (latest && textOf(latest) !== sentText) return false
        isAnswer = false
        if (isEnding) settle({ shown: ref })
        return true
      },
      run,
      failed(error) {
        attempts++
        // A newer state waits in the queue already; what happened to the older one decides nothing.
        if (trying !== latest && !options.isClosed()) return undefined
        if (retryOf(error) !== 'never' && !options.isClosed()) return backoffMs(attempts)
        if (isEnding) settle({ error })
        else if (!options.isClosed()) options.onDrop(error)
        return undefined
      },
    },
    opened(view) {
      sentText = textOf(view)
      sentAtMs = clock.now()
    },
    show(view, isAwaited = false) {
      if (isEnding) return
      latest = view
      isAnswer ||= isAwaited
    },
    end(view, isLeftIfGone = false) {
      latest = view
      isLeft = isLeftIfGone
      isEnding = true
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }))
    },
  }
}

const textOf = (view: View) => JSON.stringify(view)
const placeOf = ({ messageId: _, ...chat }: MessageRef): Place => ({ ...chat, title: '' })
