// Puts a message into a chat, changes it, takes it away; each becomes a line of the transcript.
import type { Chat, FormattedText, Keyboard, StoredFile, StoredMessage, World } from './model.ts'

/** What a new message is made of. */
export type Draft = Pick<StoredMessage, 'from' | 'senderChat' | 'replyTo' | 'threadId' | 'file'> & {
  readonly content?: FormattedText
  readonly keyboard?: Keyboard
  readonly extra?: StoredMessage['extra']
}

/** Adds a message under the chat's next id. */
export function addMessage(world: World, { chat, draft }: { chat: Chat; draft: Draft }): StoredMessage {
  const { content = { text: '', entities: [] }, keyboard = [], extra = {}, ...rest } = draft
  const message: StoredMessage = {
    ...rest,
    ...content,
    keyboard,
    extra,
    chat,
    id: chat.nextMessageId,
    atMs: world.clock.now(),
  }
  chat.nextMessageId += 1
  chat.messages.set(message.id, message)
  world.transcript.record('sent', message)
  return message
}

/** Replaces parts of a message. */
export function changeMessage(
  world: World,
  {
    message,
    change,
  }: { message: StoredMessage; change: { content?: FormattedText; keyboard?: Keyboard; file?: StoredFile } },
): StoredMessage {
  const { content, keyboard, file } = change
  Object.assign(message, content, keyboard && { keyboard }, file && { file })
  message.editedAtMs = world.clock.now()
  world.transcript.record('edited', message)
  return message
}

/** Takes a message out of the chat. */
export function removeMessage(world: World, message: StoredMessage) {
  message.chat.messages.delete(message.id)
  world.transcript.record('deleted', message)
}
