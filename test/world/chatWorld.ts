// What the story and the screen need of a chat platform, so that both play on any.
import type { WaitOptions } from './waitForEntry.ts'

/** One visible state of one message; `text` is what a person reads, without markup. */
export interface SeenMessage {
  readonly chatId: number | string
  readonly messageId: number | string
  readonly event: 'sent' | 'edited' | 'deleted'
  readonly from: string
  readonly fromBot: boolean
  readonly text: string
  /** Set when one person alone sees it. */
  readonly visibleTo?: string | undefined
  readonly buttons: readonly (readonly { readonly text: string; readonly url?: string | undefined }[])[]
}

/** What the screen prints: a state of a message, or a short word beside the messages. */
export type SeenEvent = ({ readonly kind: 'message' } & SeenMessage) | { readonly kind: 'aside'; readonly text: string }

/** The people of the story and the chats they sit in. */
export interface Cast<Person, Chat> {
  readonly admin: Person
  readonly seller: Person
  readonly creator: Person
  readonly member: Person
  readonly team: Chat
  readonly adminChat: Chat
  readonly sellerChat: Chat
  readonly memberChat: Chat
}

/** One platform with the cast on it; things people do throw a plain Error for what the app would not let them do. */
export interface ChatWorld<Person, Chat, Seen extends SeenMessage> {
  readonly platform: 'telegram' | 'discord'
  readonly cast: Cast<Person, Chat>
  /** The chat of one person with the bot. */
  privateChat(person: Person): Chat
  /** What a chat is called on the screen. */
  chatName(chatId: number | string): string
  /** Opens the private chat with the bot and says the first word there. */
  meet(person: Person): void
  /** Types a command as its typed line, without the slash: `job h100 x1 4h run ./train.sh`. */
  command(person: Person, chat: Chat, text: string): void
  /** Presses a button of this text; resolves once the bot has answered. */
  press(person: Person, on: Seen, label: string): Promise<void>
  /** Every visible state of every message, in order. */
  transcript(chat: Chat): readonly Seen[]
  waitFor(chat: Chat, matches: (entry: Seen) => boolean, options?: WaitOptions): Promise<Seen>
  /** Calls the listener with every event from now on. */
  onEvent(listener: (event: SeenEvent) => void): void
}
