// Updates waiting for the bot: one queue with offset confirmation, long polling, and one poller at a time.
import type { Clock } from '../../../core/clock.ts'
import { conflict } from './apiError.ts'

/** An Update object: its id and exactly one further field, named by its kind. */
export type Update = { readonly update_id: number } & Readonly<Record<string, unknown>>

/** Delivered only to bots that ask for them by name. */
const onlyWhenAsked = new Set(['chat_member', 'message_reaction', 'message_reaction_count'])
/** Telegram forgets an update after a day. */
const keptForMs = 24 * 3600 * 1000

interface Poll {
  /** Confirms everything below it; negative counts from the newest. */
  readonly offset: number
  readonly limit: number
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
}

export interface UpdateQueue {
  /** Queues an update unless the bot did not ask for its kind; returns its id. */
  push(kind: string, content: unknown): number | undefined
  /** Long poll. Ends an older poll that is still waiting with 409. */
  take(poll: Poll): Promise<Update[]>
  /** Kinds to deliver from now on; an empty list means all but a few. */
  allow(kinds: readonly string[]): void
  allowed(): readonly string[]
  /** Takes the oldest update for a webhook, waiting for one. */
  next(signal: AbortSignal): Promise<Update>
  confirm(updateId: number): void
  pendingCount(): number
  drop(): void
  /** Ends a waiting poll with 409 and these words. */
  interrupt(reason: string): void
  /** Sends an update once more under its old id, as Telegram does when an answer got lost; the newest by default. */
  redeliver(updateId?: number): void
}

interface Waiter {
  wake(): void
  fail(error: Error): void
}

/** The queue of one bot. */
export function createUpdateQueue(clock: Clock): UpdateQueue {
  let lastId = 300_000_000
  let allowedKinds: readonly string[] = []
  let queued: { readonly update: Update; readonly atMs: number }[] = []
  let again: Update[] = []
  const sent: Update[] = []
  let waiter: Waiter | undefined
  const arrivals = new Set<() => void>()

  const wanted = (kind: string) => (allowedKinds.length > 0 ? allowedKinds.includes(kind) : !onlyWhenAsked.has(kind))

  function arrived() {
    waiter?.wake()
    for (const wake of [...arrivals]) wake()
  }

  function dropOld() {
    queued = queued.filter(({ atMs }) => atMs > clock.now() - keptForMs)
  }

  function confirmBelow(offset: number) {
    dropOld()
    const cut = offset < 0 ? (queued.at(offset)?.update.update_id ?? 0) : offset
    queued = queued.filter(({ update }) => update.update_id >= cut)
  }

  function ready(limit: number): Update[] {
    const batch = [...again, ...queued.map(({ update }) => update)].slice(0, limit)
    again = again.filter((update) => !batch.includes(update))
    return batch
  }

  function interrupt(reason: string) {
    waiter?.fail(conflict(reason))
  }

  return {
    push(kind, content) {
      if (!wanted(kind)) return undefined
      lastId += 1
      const update = { update_id: lastId, [kind]: content }
      queued.push({ update, atMs: clock.now() })
      sent.push(update)
      arrived()
      return lastId
    },
    async take({ offset, limit, timeoutSeconds, signal }) {
      interrupt('terminated by other getUpdates request; make sure that only one bot instance is running')
      if (offset !== 0) confirmBelow(offset)
      dropOld()
      const batch = ready(limit)
      if (batch.length > 0 || timeoutSeconds === 0) return batch
      const ended = new AbortController()
      let mine: Waiter | undefined
      try {
        await new Promise<void>((resolve, reject) => {
          mine = { wake: resolve, fail: reject }
          waiter = mine
          clock.sleep(timeoutSeconds * 1000, AbortSignal.any([signal, ended.signal])).then(resolve, () => resolve())
        })
      } finally {
        // A newer poll may already wait in its place.
        if (waiter === mine) waiter = undefined
        ended.abort()
      }
      return signal.aborted ? [] : ready(limit)
    },
    allow(kinds) {
      allowedKinds = kinds
    },
    allowed: () => allowedKinds,
    async next(signal) {
      for (;;) {
        const update = again.shift() ?? queued[0]?.update
        if (update) return update
        await new Promise<void>((resolve, reject) => {
          signal.throwIfAborted()
          const wake = () => {
            arrivals.delete(wake)
            signal.removeEventListener('abort', stop)
            resolve()
          }
          const stop = () => {
            arrivals.delete(wake)
            reject(signal.reason)
          }
          arrivals.add(wake)
          signal.addEventListener('abort', stop, { once: true })
        })
      }
    },
    confirm(updateId) {
      queued = queued.filter(({ update }) => update.update_id !== updateId)
    },
    pendingCount: () => queued.length,
    drop() {
      queued = []
    },
    interrupt,
    redeliver(updateId = lastId) {
      const update = sent.find(({ update_id }) => update_id === updateId)
      if (!update) throw new Error(`no update ${updateId} was ever sent`)
      again.push(update)
      arrived()
    },
  }
}
