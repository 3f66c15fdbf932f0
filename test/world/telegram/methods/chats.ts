// What a bot may ask about chats, and the typing sign.
import { findChat, findWritableChat } from '../access.ts'
import { badRequest } from '../apiError.ts'
import { numberParam, textParam } from '../params.ts'
import { chatJson, memberJson } from '../wire.ts'
import type { Method } from './method.ts'

export const getChat: Method = (world, { params }) => {
  const chat = findWritableOrPrivate(world, params)
  return { ...chatJson(chat), accent_color_id: 0, max_reaction_count: 11, accepted_gift_types: {} }
}

export const getChatMember: Method = (world, { params }) => {
  const chat = findWritableOrPrivate(world, params)
  const person = world.people.get(numberParam(params, 'user_id') ?? 0)
  if (!person) throw badRequest('user not found')
  return memberJson(person, chat.members.get(person.id) ?? 'left')
}

export const getChatAdministrators: Method = (world, { params }) => {
  const chat = findWritableOrPrivate(world, params)
  if (chat.type === 'private') throw badRequest('there are no administrators in the private chat')
  return [...chat.members].flatMap(([id, status]) => {
    const person = world.people.get(id)
    const isAdmin = status === 'creator' || status === 'administrator'
    // Other bots are left out; this one is not.
    return person && isAdmin && (!person.isBot || id === world.bot.id) ? [memberJson(person, status)] : []
  })
}

const actions = `typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker
  find_location record_video_note upload_video_note`.split(/\s+/)

/** Shows a sign for five seconds or until the next message; counts against no budget. */
export const sendChatAction: Method = (world, { params }) => {
  const chat = findWritableChat(world, params)
  const action = textParam(params, 'action') ?? ''
  if (!actions.includes(action)) throw badRequest('wrong parameter action in request')
  world.transcript.emit({ kind: 'typing', chatId: chat.id, action })
  return true
}

/** Reading a private chat needs no Start, reading a group needs membership. */
function findWritableOrPrivate(world: Parameters<Method>[0], params: Readonly<Record<string, unknown>>) {
  const chat = findChat(world, params)
  return chat.type === 'private' ? chat : findWritableChat(world, params)
}
