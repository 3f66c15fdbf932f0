// Finds the chat a call names and refuses the ones the bot cannot write to, in Telegram's words.
import { ApiError, badRequest, forbidden } from './apiError.ts'
import type { Chat, StoredMessage, World } from './model.ts'
import { numberParam, textParam } from './params.ts'

type Params = Readonly<Record<string, unknown>>

/** The chat of a call, by id or @username. Throws 400 when there is none the bot could know. */
export function findChat(world: World, params: Params, name = 'chat_id'): Chat {
  const given = textParam(params, name)
  if (given === undefined) throw badRequest(`${name} is empty`)
  const chat = given.startsWith('@')
    ? [...world.chats.values()].find(({ username }) => username?.toLowerCase() === given.slice(1).toLowerCase())
    : world.chats.get(Number(given))
  if (!chat) {
    if (world.met.has(Number(given))) throw cannotInitiate()
    throw badRequest('chat not found')
  }
  if (chat.migratedTo) {
    throw new ApiError(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
      migrate_to_chat_id: chat.migratedTo.id,
    })
  }
  if (chat.type !== 'private' && !chat.members.has(world.bot.id)) throw badRequest('chat not found')
  return chat
}

/** The chat of a call that writes. Throws 403 where the bot is blocked, removed or was never spoken to. */
export function findWritableChat(world: World, params: Params): Chat {
  const chat = findChat(world, params)
  const status = chat.members.get(world.bot.id)
  if (chat.type === 'private') {
    if (world.people.get(chat.id)?.isBot) throw forbidden("bot can't send messages to bots")
    if (!chat.started) throw world.met.has(chat.id) ? cannotInitiate() : badRequest('chat not found')
    if (status === 'kicked') throw forbidden('bot was blocked by the user')
    return chat
  }
  if (status === 'kicked') throw forbidden(`bot was kicked from the ${chat.type} chat`)
  if (status === 'left') throw forbidden(`bot is not a member of the ${chat.type} chat`)
  if (chat.type === 'channel' && status !== 'administrator')
    throw badRequest('need administrator rights in the channel chat')
  return chat
}

/** The message of a call that edits or deletes. */
export function findMessage(chat: Chat, params: Params, { missing }: { missing: string }): StoredMessage {
  const id = numberParam(params, 'message_id')
  if (id === undefined) throw badRequest('message identifier is not specified')
  const message = chat.messages.get(id)
  if (!message) throw badRequest(missing)
  return message
}

const cannotInitiate = () => forbidden("bot can't initiate conversation with a user")
