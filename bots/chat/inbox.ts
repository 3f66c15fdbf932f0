// Every chat event is stored before it is handled and forgotten after it: handled once, in order per chat, across restarts.
import { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { instantMs } from '../../core/codecs.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import { createRef, type RandomBytes, randomBytes } from '../../core/ids.ts'
import { createKeyedQueue } from '../../core/keyedQueue.ts'
import type { Log } from '../../core/log.ts'
import type { Collection, CollectionDefinition, Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type Inbound, inboundSchema } from './inbound.ts'
import { retryOf } from './retry.ts'

const waitingSchema = z.strictObject({
  inbound: inboundSchema,
  receivedAtMs: instantMs,
  attempts: z.int().nonnegative(),
})
// Who, where and what are gone with the first write after handling; the id alone keeps a redelivery out.
const handledSchema = z.strictObject({ handledAtMs: instantMs })
const eventSchema = z.union([waitingSchema, handledSchema])
type Waiting = z.output<typeof waitingSchema>
export type InboxEvent = z.output<typeof eventSchema>

export const inboxEvents: CollectionDefinition<InboxEvent> = {
  name: 'inbox',
  schema: eventSchema,
  indexes: { state: (event) => ['inbound' in event ? 'waiting' : 'handled'] },
}

export interface Inbox {
  /** Takes up what a former run left; call it before the first `accept`. */
  start(): Promise<void>
  /** Resolves when the event is safe with us; rejects with `inbox.closed` or a store error, and then it must be delivered again. */
  accept(inbound: Inbound): Promise<void>
  /** Waits for events under way, then aborts their signal; what is left stays stored for the next start. */
  stop(options?: { graceMs?: number }): Promise<void>
  /** Deletes the ids of events handled more than a week ago; Telegram keeps undelivered updates for a day. */
  sweep(): Promise<void>
}

const MAX_ATTEMPTS = 2
const RETRY_AFTER_MS = 1_000
// Half of what a stop of the whole process may take.
const DEFAULT_GRACE_MS = 5_000
const KEPT_MS = 7 * 24 * 3_600_000

/** The inbox over one collection (`inboxEvents`). */
export function createInbox(options: {
  collection: Collection<InboxEvent>
  clock: Clock
  log: Log
  /** Does what the event asks for. May run a second time for one event, after a crash or an error worth repeating. */
  handle(inbound: Inbound, signal: AbortSignal): Promise<void>
  /** Tells the person one line. */
  tell(inbound: Inbound, text: string): Promise<void>
  /** Whether a text holds a key or token; such an event is never stored. */
  findSecret(text: string): boolean
  /** Gets the event without its text: tell the person, delete the message. */
  onSecret(inbound: Inbound): Promise<void>
  /** After each event that needs nothing more: how long it was here. */
  onDone?: ((inbound: Inbound, tookMs: number) => void) | undefined
  random?: RandomBytes
}): Inbox {
  const { collection, clock, log, handle, tell, random = randomBytes } = options
  const perChat = createKeyedQueue()
  const ending = new AbortController()
  let closed = false

  function enqueue(id: string, inbound: Inbound): void {
    perChat
      .run(`${inbound.place.platform}:${inbound.place.chatId}`, () => work(id))
      .catch((error: unknown) => {
        // The store refused; the event is still waiting there and the next start takes it up.
        log.error({ msg: 'inbox event left waiting', key: id, error: errorText(error) })
      })
  }

  async function work(id: string): Promise<void> {
    while (!ending.signal.aborted) {
      const doc = await collection.get(id)
      if (!doc || !('inbound' in doc.value)) return
      const event = doc.value
      if (event.attempts >= MAX_ATTEMPTS) {
        await giveUp(event.inbound, new Error('the process ended twice while handling it'))
        return scrub(id)
      }
      if (await attempt(doc, event)) return
    }
  }

  /** True: the event needs no further attempt now. */
  async function attempt(doc: Stored<InboxEvent>, event: Waiting): Promise<boolean> {
    const attempts = event.attempts + 1
    // Counted before the attempt, so that an event which kills the process does not kill every start after it.
    if (!(await collection.put(doc, { ...event, attempts }))) return false
    try {
      await handle(event.inbound, ending.signal)
    } catch (error) {
      // The handler was cut off by the shutdown, not by a fault of its own.
      if (ending.signal.aborted) return true
      if (retryOf(error) === 'later' && attempts < MAX_ATTEMPTS) {
        await clock.sleep(RETRY_AFTER_MS, ending.signal).catch(() => {})
        return false
      }
      await giveUp(event.inbound, error)
    }
    options.onDone?.(event.inbound, clock.now() - event.receivedAtMs)
    await scrub(doc.id)
    return true
  }

  async function giveUp(inbound: Inbound, error: unknown): Promise<void> {
    const reference = createRef(random)
    log.error({ msg: 'chat event failed', reference, key: inbound.key, kind: inbound.kind, error: errorText(error) })
    const what = error instanceof NectoError ? error.message : 'Something broke on our side.'
    await tell(inbound, `${what} (reference ${reference})`).catch((failure: unknown) => {
      log.warn({ msg: 'person not told', reference, error: errorText(failure) })
    })
  }

  const scrub = async (id: string): Promise<void> => {
    await updateDocument({ collection, id, change: () => ({ handledAtMs: clock.now() }) })
  }

  return {
    async start() {
      const left: { id: string; event: Waiting }[] = []
      for (const doc of await collection.list({ index: 'state', key: 'waiting' })) {
        if ('inbound' in doc.value) left.push({ id: doc.id, event: doc.value })
      }
      left.sort((a, b) => a.event.receivedAtMs - b.event.receivedAtMs || byNumber.compare(a.id, b.id))
      for (const { id, event } of left) enqueue(id, event.inbound)
    },
    async accept(inbound) {
      if (closed) throw new NectoError('inbox.closed', 'The bot is restarting.', { retry: 'later' })
      if (options.findSecret(typedIn(inbound))) {
        await options.onSecret(withoutTyped(inbound)).catch((error: unknown) => {
          log.warn({ msg: 'secret in chat not dealt with', key: inbound.key, error: errorText(error) })
        })
        return
      }
      const stored = await collection.insert(inbound.key, { inbound, receivedAtMs: clock.now(), attempts: 0 })
      if (stored) enqueue(stored.id, inbound)
    },
    async stop({ graceMs = DEFAULT_GRACE_MS } = {}) {
      closed = true
      const drained = new AbortController()
      const idle = perChat.idle().then(() => drained.abort())
      await clock.sleep(graceMs, drained.signal).catch(() => {})
      ending.abort()
      // A handler that ignores its signal must not keep the process: its event is still stored.
      if (!drained.signal.aborted) await Promise.race([idle, clock.sleep(1_000)])
    },
    async sweep() {
      const limitMs = clock.now() - KEPT_MS
      for (const doc of await collection.list({ index: 'state', key: 'handled' })) {
        if ('handledAtMs' in doc.value && doc.value.handledAtMs < limitMs) await collection.remove(doc)
      }
    },
  }
}

// Keys end in the platform's own growing number: tg:9 comes before tg:10.
const byNumber = new Intl.Collator('en', { numeric: true })

/** All that a person wrote themselves. */
function typedIn(inbound: Inbound): string {
  if (inbound.kind === 'action') return ''
  return inbound.kind === 'form' ? Object.values(inbound.values).join('\n') : inbound.text
}

function withoutTyped(inbound: Inbound): Inbound {
  if (inbound.kind === 'action') return inbound
  return inbound.kind === 'form' ? { ...inbound, values: {} } : { ...inbound, text: '' }
}
