// One chat's outgoing calls, one at a time: what is urgent first, nothing faster than the budget, everything held by a rate limit.
import type { Clock } from '../../core/clock.ts'
import { NectoError } from '../../core/errors.ts'
import type { ChatBudget } from './chatBudget.ts'
import { closing } from './retry.ts'

/** A call waiting to go out. It stays one object however often its content changes, so the latest wins. */
export interface Outgoing {
  /** Final states and errors: before everything else, and from the reserve. */
  readonly urgent: boolean
  /** Its own earliest instant, besides the chat's. */
  notBeforeMs(): number
  /** Asked right before sending: true drops it without using a token. */
  isNeedless(): boolean
  run(): Promise<void>
  /** `run` failed, and not by a rate limit: milliseconds after which to try again, or undefined to drop it. */
  failed(error: unknown): number | undefined
}

export type ChatLane = ReturnType<typeof createChatLane>

// A rate limit without a figure; Telegram always sends one.
const DEFAULT_HOLD_SECONDS = 30

/** Runs a chat's outgoing calls in order, by the clock and the budget. */
export function createChatLane({ clock, budget }: { clock: Clock; budget: ChatBudget }) {
  const waiting = new Set<Outgoing>()
  let nap = new AbortController()
  let driving: Promise<void> | undefined
  let closed = false

  const readyAtMs = (item: Outgoing) => Math.max(budget.readyAtMs(item.urgent), item.notBeforeMs())

  /** Of those ready now the first urgent one, else the first; when none is ready, the one that will be soonest. */
  function pick(nowMs: number): Outgoing | undefined {
    const items = [...waiting]
    const ready = items.filter((item) => readyAtMs(item) <= nowMs)
    if (ready.length > 0) return ready.find((item) => item.urgent) ?? ready[0]
    return items.sort((a, b) => readyAtMs(a) - readyAtMs(b))[0]
  }

  async function drive(): Promise<void> {
    while (!closed) {
      const nowMs = clock.now()
      const next = pick(nowMs)
      if (!next) break
      const waitMs = readyAtMs(next) - nowMs
      if (waitMs > 0) await napFor(waitMs)
      else {
        waiting.delete(next)
        if (!next.isNeedless()) await send(next)
      }
    }
    // In the same turn as the last look at the queue, or an item added right after it would wait for nobody.
    driving = undefined
  }

  /** Sleeps until the time has come or something changed. */
  async function napFor(ms: number): Promise<void> {
    nap = new AbortController()
    await clock.sleep(ms, nap.signal).catch(() => {})
  }

  async function send(item: Outgoing): Promise<void> {
    budget.take(clock.now())
    try {
      await item.run()
    } catch (error) {
      const holdSeconds = secondsToHold(error)
      const retryMs = holdSeconds === undefined ? item.failed(error) : 0
      if (holdSeconds !== undefined) budget.holdUntil(clock.now() + holdSeconds * 1000)
      if (retryMs === undefined) return
      // An error that is not a rate limit may well be the platform's or the network's: the whole chat waits for it.
      budget.holdUntil(clock.now() + retryMs)
      waiting.add(item)
    }
  }

  return {
    /** Queues the call; one that waits already is only looked at anew. */
    add(item: Outgoing): void {
      waiting.add(item)
      nap.abort()
      driving ??= Promise.resolve().then(drive)
    },
    isIdle: (): boolean => !driving && budget.isIdle(clock.now()),
    /** Lets the call under way end and tells all others that they will not be sent. */
    async close(): Promise<void> {
      closed = true
      nap.abort()
      await driving
      for (const item of waiting) item.failed(closing())
      waiting.clear()
    },
  }
}

function secondsToHold(error: unknown): number | undefined {
  if (!(error instanceof NectoError) || error.code !== 'chat.busy') return undefined
  const seconds = Number(error.details)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_HOLD_SECONDS
}
