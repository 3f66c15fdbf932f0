// What the server remembers of people, chats and messages; wire.ts turns it into the Bot API's JSON.
import type { Clock } from '../../../core/clock.ts'
import type { CallbackQueries } from './callbackQueries.ts'
import type { FloodLimits } from './limits.ts'
import type { Transcript } from './transcript.ts'
import type { UpdateQueue } from './updates.ts'

/** A person or a bot. */
export interface Person {
  readonly id: number
  readonly isBot: boolean
  readonly firstName: string
  readonly username?: string | undefined
  readonly languageCode?: string | undefined
}

export type ChatType = 'private' | 'group' | 'supergroup' | 'channel'
export type MemberStatus = 'creator' | 'administrator' | 'member' | 'left' | 'kicked'

/** A chat; in a private one `id` is the person's id and `members` holds the person and the bot. */
export interface Chat {
  readonly id: number
  readonly type: ChatType
  readonly title: string
  readonly username?: string | undefined
  readonly members: Map<number, MemberStatus>
  readonly messages: Map<number, StoredMessage>
  /** Forum topics by thread id; undefined when the chat is no forum. */
  readonly topics?: Map<number, string> | undefined
  nextMessageId: number
  /** Set once a basic group became a supergroup; the old id answers every call with it. */
  migratedTo?: Chat | undefined
  /** Private chats: whether the person ever pressed Start. */
  started: boolean
  /** A group whose members may not send photos and files; its admins may. */
  mediaForbidden?: boolean
}

/** One formatted range of a text, offsets in UTF-16 units, in the Bot API's own shape. */
export interface Entity {
  readonly type: string
  readonly offset: number
  readonly length: number
  readonly url?: string | undefined
  readonly language?: string | undefined
  readonly custom_emoji_id?: string | undefined
  readonly [field: string]: unknown
}

export interface FormattedText {
  readonly text: string
  readonly entities: readonly Entity[]
}

/** An inline button in the Bot API's own shape. */
export interface InlineButton {
  readonly text: string
  readonly callback_data?: string | undefined
  readonly url?: string | undefined
  readonly copy_text?: { readonly text: string } | undefined
  readonly [field: string]: unknown
}

export type Keyboard = readonly (readonly InlineButton[])[]

/** An uploaded file with its bytes. */
export interface StoredFile {
  readonly kind: 'photo' | 'document'
  readonly fileId: string
  readonly name: string
  readonly contentType: string
  readonly bytes: Buffer
  /** Photos only, in pixels. */
  readonly width?: number | undefined
  readonly height?: number | undefined
}

/** A message; `text` and `entities` are the caption's when it has a file. */
export interface StoredMessage {
  readonly chat: Chat
  readonly id: number
  readonly atMs: number
  /** Absent for posts of a channel. */
  readonly from?: Person | undefined
  /** Who it is shown as when that is not `from`: a channel, or the group itself for an anonymous admin. */
  readonly senderChat?: Chat | undefined
  readonly replyTo?: StoredMessage | undefined
  readonly threadId?: number | undefined
  /** Fields passed through to the wire: service messages, forward_origin, via_bot, has_protected_content. */
  readonly extra: Readonly<Record<string, unknown>>
  text: string
  entities: readonly Entity[]
  keyboard: Keyboard
  file?: StoredFile | undefined
  editedAtMs?: number | undefined
}

/** Everything one server knows. */
export interface World {
  readonly clock: Clock
  readonly bot: Person
  readonly privacyMode: boolean
  readonly people: Map<number, Person>
  readonly chats: Map<number, Chat>
  readonly files: Map<string, StoredFile>
  /** People the bot has seen: writing to anybody else is "chat not found". */
  readonly met: Set<number>
  /** What the bot set about itself: commands by scope and language, descriptions by language. */
  readonly profile: Map<string, unknown>
  readonly limits: FloodLimits
  readonly updates: UpdateQueue
  readonly transcript: Transcript
  readonly queries: CallbackQueries
}
