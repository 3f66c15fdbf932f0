// Everything people saw, in order: each visible state of each message and who sees it, commands, forms, failures.
import type { Clock } from '../../../core/clock.ts'
import { type WaitOptions, waitForEntry } from '../waitForEntry.ts'
import { describeMessage, type MessageView } from './messageView.ts'
import type { Channel, StoredMessage, World } from './model.ts'

/** One visible state of one message. */
export interface TranscriptEntry extends MessageView {
  /** Epoch milliseconds of the server's clock. */
  readonly at: number
  readonly event: 'sent' | 'edited' | 'deleted'
}

/** What a watcher of the channels sees. */
export type ChatEvent =
  | ({ readonly kind: 'message' } & TranscriptEntry)
  /** Somebody ran a command, pressed, chose or filled a form; `text` says which, as the app shows it. */
  | {
      readonly kind: 'used'
      readonly chatId: string
      readonly userId: string
      readonly from: string
      readonly text: string
    }
  /** A form popped up for one person. */
  | { readonly kind: 'form'; readonly chatId: string; readonly userId: string; readonly title: string }
  /** "The application did not respond", shown to who used it. */
  | { readonly kind: 'failed'; readonly chatId: string; readonly userId: string; readonly text: string }
  | { readonly kind: 'typing'; readonly chatId: string }

export interface Transcript {
  record(event: TranscriptEntry['event'], world: World, message: StoredMessage): void
  emit(event: ChatEvent): void
  of(channel: Pick<Channel, 'id'>): readonly TranscriptEntry[]
  /** Calls the listener with every event from now on; returns how to stop. */
  onEvent(listener: (event: ChatEvent) => void): () => void
  waitFor(
    channel: Pick<Channel, 'id'>,
    matches: (entry: TranscriptEntry) => boolean,
    options?: WaitOptions,
  ): Promise<TranscriptEntry>
}

/** The log of one server. */
export function createTranscript(clock: Clock): Transcript {
  const entries = new Map<string, TranscriptEntry[]>()
  const listeners = new Set<(event: ChatEvent) => void>()
  const of = (channel: Pick<Channel, 'id'>) => entries.get(channel.id) ?? []

  function emit(event: ChatEvent) {
    for (const listener of [...listeners]) listener(event)
  }

  function onEvent(listener: (event: ChatEvent) => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  return {
    emit,
    of: (channel) => [...of(channel)],
    onEvent,
    record(event, world, message) {
      const entry = { at: clock.now(), event, ...describeMessage(world, message) }
      entries.set(message.channel.id, [...of(message.channel), entry])
      emit({ kind: 'message', ...entry })
    },
    waitFor: (channel, matches, options) =>
      waitForEntry({
        entries: () => of(channel),
        onEntry: (listener) =>
          onEvent((event) => {
            if (event.kind === 'message' && event.chatId === channel.id) listener(event)
          }),
        matches,
        place: `channel ${channel.id}`,
        line: (entry) => `${entry.event} ${entry.messageId} ${entry.from}: ${entry.text}`,
        options,
      }),
  }
}
