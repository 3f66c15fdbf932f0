// deleteMessage: own messages and those it may moderate, up to two days old.
import { findMessage, findWritableChat } from '../access.ts'
import { badRequest } from '../apiError.ts'
import { removeMessage } from '../messages.ts'
import type { Method } from './method.ts'

const deletableForMs = 48 * 3600 * 1000

/** Deletes a message for everybody. */
export const deleteMessage: Method = (world, { params }) => {
  const chat = findWritableChat(world, params)
  const message = findMessage(chat, params, { missing: 'message to delete not found' })
  const isAdmin = chat.members.get(world.bot.id) === 'administrator'
  const mayDelete = message.from?.id === world.bot.id || chat.type === 'private' || isAdmin
  if (!mayDelete) throw badRequest("message can't be deleted")
  if (world.clock.now() - message.atMs > deletableForMs) throw badRequest("message can't be deleted for everyone")
  removeMessage(world, message)
  return true
}
