// Everything people saw, in order: each visible state of each message, toasts and typing; the demo prints it live.
import type { Clock } from '../../../core/clock.ts'
import { type WaitOptions, waitForEntry } from '../waitForEntry.ts'
import type { Chat, Entity, InlineButton, StoredMessage } from './model.ts'

/** A button as a person sees it; `data` is what the bot hid behind it. */
export interface ButtonView {
  readonly text: string
  readonly data?: string | undefined
  readonly url?: string | undefined
  readonly copyText?: string | undefined
  readonly style?: string | undefined
}

/** One visible state of one message. */
interface TranscriptEntry {
  /** Epoch milliseconds of the server's clock. */
  readonly at: number
  readonly chatId: number
  readonly messageId: number
  readonly event: 'sent' | 'edited' | 'deleted'
  /** Who is shown as the sender, and their id. */
  readonly from: string
  readonly fromId: number
  readonly fromBot: boolean
  readonly text: string
  readonly entities: readonly Entity[]
  readonly buttons: readonly (readonly ButtonView[])[]
  readonly file?: 'photo' | 'document' | undefined
  readonly threadId?: number | undefined
}

/** What a watcher of the chats sees: message states, answers to button presses, the typing sign. */
export type ChatEvent =
  | ({ readonly kind: 'message' } & TranscriptEntry)
  | {
      readonly kind: 'toast'
      readonly chatId: number
      readonly userId: number
      readonly text: string
      readonly alert: boolean
    }
  | { readonly kind: 'typing'; readonly chatId: number; readonly action: string }

export interface Transcript {
  record(event: TranscriptEntry['event'], message: StoredMessage): void
  emit(event: ChatEvent): void
  of(chat: Pick<Chat, 'id'>): readonly TranscriptEntry[]
  /** Calls the listener with every event from now on; returns how to stop. */
  onEvent(listener: (event: ChatEvent) => void): () => void
  waitFor(
    chat: Pick<Chat, 'id'>,
    matches: (entry: TranscriptEntry) => boolean,
    options?: WaitOptions,
  ): Promise<TranscriptEntry>
}

/** The log of one server. */
export function createTranscript(clock: Clock): Transcript {
  const entries = new Map<number, TranscriptEntry[]>()
  const listeners = new Set<(event: ChatEvent) => void>()
  const of = (chat: Pick<Chat, 'id'>) => entries.get(chat.id) ?? []

  function emit(event: ChatEvent) {
    for (const listener of [...listeners]) listener(event)
  }

  function onEvent(listener: (event: ChatEvent) => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  return {
    emit,
    of: (chat) => [...of(chat)],
    onEvent,
    record(event, message) {
      const entry = describe(event, { message, at: clock.now() })
      entries.set(message.chat.id, [...of(message.chat), entry])
      emit({ kind: 'message', ...entry })
    },
    waitFor: (chat, matches, options) =>
      waitForEntry({
        entries: () => of(chat),
        onEntry: (listener) =>
          onEvent((event) => {
            if (event.kind === 'message' && event.chatId === chat.id) listener(event)
          }),
        matches,
        place: `chat ${chat.id}`,
        line: (entry) => `${entry.event} #${entry.messageId} ${entry.from}: ${entry.text}`,
        options,
      }),
  }
}

/** An API button as a person sees it. */
export function buttonView(button: InlineButton): ButtonView {
  const { text, callback_data: data, url, copy_text, style } = button
  return { text, data, url, copyText: copy_text?.text, style: typeof style === 'string' ? style : undefined }
}

function describe(event: TranscriptEntry['event'], { message, at }: { message: StoredMessage; at: number }) {
  const { chat, id, from, senderChat, text, entities, keyboard, file, threadId } = message
  return {
    at,
    chatId: chat.id,
    messageId: id,
    event,
    from: senderChat?.title ?? from?.firstName ?? chat.title,
    fromId: senderChat?.id ?? from?.id ?? chat.id,
    fromBot: from?.isBot === true && senderChat === undefined,
    text,
    entities,
    buttons: keyboard.map((row) => row.map(buttonView)),
    file: file?.kind,
    threadId,
  }
}
