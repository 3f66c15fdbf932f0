// The port each chat platform implements; commands and views know nothing else of the platform.
import type { Inbound, MessageRef, Place, Platform, Principal } from './inbound.ts'
import type { View } from './view.ts'

/** 'gone': the message or chat can no longer be written to, for good. */
export type EditOutcome = 'edited' | 'gone'

export interface ChatPort {
  readonly platform: Platform
  /** Posts a message. Throws NectoError 'chat.unreachable' (never) when the person must first talk to the bot, or the bot was removed. */
  send(place: Place, view: View, options?: { replyTo?: MessageRef; silent?: boolean }): Promise<MessageRef>
  /** Replaces a message's text and buttons. Throws NectoError 'chat.busy' (later) with `details` = seconds to wait on a rate limit. */
  edit(ref: MessageRef, view: View): Promise<EditOutcome>
  /** A short private-ish answer: toast for a button, a reply for a command. */
  notice(to: Inbound, text: string): Promise<void>
  /** Deletes somebody's message when the platform lets us; false when it does not. */
  remove(ref: MessageRef): Promise<boolean>
  /** A private chat with the person who spoke. */
  privatePlace(principal: Principal): Place
  /** The chat's creator or owner: who becomes the team's first admin. */
  isCreator(place: Place, principal: Principal): Promise<boolean>
  /** A link that opens a private chat with the bot, for "press Start first". */
  startUrl(payload: string): string
}
