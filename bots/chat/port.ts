// The port each chat platform implements; commands and views know nothing else of the platform.
import type { CommandSpec } from './commandSpec.ts'
import type { Form } from './form.ts'
import type { Inbound, MessageRef, Place, Platform, Principal } from './inbound.ts'
import type { View } from './view.ts'

/** 'gone': the message or chat can no longer be written to, for good. */
export type EditOutcome = 'edited' | 'gone'

/** A person as far as a private chat needs one. */
export type Addressee = Pick<Principal, 'platform' | 'userId' | 'label'>

/** Everything that commands and followers do in a chat; the platform is in each place, message, person or event. */
export interface ChatPort {
  /** Posts a message. Throws NectoError 'chat.unreachable' (never) when the person must first talk to the bot, or the bot was removed. */
  send(place: Place, view: View, options?: { replyTo?: MessageRef; silent?: boolean }): Promise<MessageRef>
  /** Replaces a message's text and buttons. Throws NectoError 'chat.busy' (later) with `details` = seconds to wait on a rate limit. */
  edit(ref: MessageRef, view: View): Promise<EditOutcome>
  /** A short private-ish answer: toast for a button, a reply for a command. No text: only ends a button's waiting. */
  notice(to: Inbound, text: string): Promise<void>
  /**
   * Shows it to who pressed and to nobody else: below the message where the platform can, else in their private chat;
   * says where. Throws NectoError 'chat.unreachable' as `send` does.
   */
  whisper(to: Extract<Inbound, { kind: 'action' | 'form' }>, view: View): Promise<'here' | 'in private'>
  /** Shows the form as the answer to a press of a button issued with `opensForm`; false: there are no forms here, ask step by step. */
  askForm(to: Inbound, form: Form): Promise<boolean>
  /** Deletes somebody's message when the platform lets us; false when it does not. */
  remove(ref: MessageRef): Promise<boolean>
  /** A private chat with the person. */
  privatePlace(person: Addressee): Place
  /** The chat's creator or owner: who becomes the team's first admin. */
  isCreator(place: Place, principal: Principal): Promise<boolean>
  /** Whether the person is in the group now. */
  isMember(place: Place, person: Addressee): Promise<boolean>
  /** A link that opens a private chat with the bot of the platform, for "press Start first". */
  startUrl(platform: Platform, payload: string): string
}

/** One platform's chat, behind the port. */
export interface Chat extends ChatPort {
  readonly platform: Platform
  /** The bot's own name on the platform; known after `start`. */
  readonly username: string
  /** Learns the bot's name and begins to take events; waits while the platform cannot be reached. Throws NectoError `chat.refused` for a wrong token. */
  start(): Promise<void>
  /** Takes no more events and waits for the one in hand. */
  stop(): Promise<void>
  /** Sets menus and registrations. */
  setCommands(table: readonly CommandSpec[]): Promise<void>
}
