// Puts a message into a channel, changes it, takes it away; each becomes a line of the transcript.
import type { Channel, MessageBody, StoredMessage, World } from './model.ts'

type Draft = Omit<StoredMessage, 'id' | 'channel' | 'atMs' | 'editedAtMs'>

/** Adds a message under a new id. */
export function addMessage(world: World, channel: Channel, draft: Draft): StoredMessage {
  const message = { ...draft, id: world.newId(), channel, atMs: world.clock.now() }
  channel.messages.set(message.id, message)
  world.transcript.record('sent', world, message)
  return message
}

/** Replaces what a message says. The first text in place of "thinking…" is no edit to those who look. */
export function changeMessage(
  world: World,
  { message, body, wasLoading = false }: { message: StoredMessage; body: MessageBody; wasLoading?: boolean },
): StoredMessage {
  message.body = body
  if (!wasLoading) message.editedAtMs = world.clock.now()
  world.transcript.record('edited', world, message)
  return message
}

/** Takes a message out of its channel. */
export function removeMessage(world: World, message: StoredMessage) {
  message.channel.messages.delete(message.id)
  world.transcript.record('deleted', world, message)
}
