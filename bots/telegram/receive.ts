// Telegram update → what somebody asks of us, or why it is nobody who may ask. Pure.
import type { CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update, User } from 'grammy/types'
import { isButtonToken } from '../chat/actions.ts'
import type { Inbound, Place, Principal } from '../chat/inbound.ts'
import { safeName } from '../chat/safeText.ts'

export type Received =
  | { kind: 'event'; event: Inbound }
  /** Somebody we cannot tell from others; a group may be told how to ask instead. */
  | { kind: 'refused'; place: Place; text: string }
  /** A press of a button that is not ours any more: it must be answered, or it spins. */
  | { kind: 'stale-press'; callbackId: string }
  | { kind: 'migrated'; fromChatId: string; toChatId: string }
  /** The bot itself was brought into a group, or taken out of it. */
  | { kind: 'membership'; place: Place; isIn: boolean }
  | { kind: 'ignored' }

/** What getUpdates is asked for: edits, channel posts, business and guest messages are not. */
export const ALLOWED_UPDATES = ['message', 'callback_query', 'my_chat_member'] as const

const IGNORED: Received = { kind: 'ignored' }
// Telegram's own senders: the anonymous admins of all groups, and its service account (linked channels).
const GROUP_ANONYMOUS_BOT = 1087968824
const TELEGRAM_SERVICE = 777000

const ANONYMOUS = 'I cannot tell which admin you are. Turn off "Remain anonymous" or write to me in private.'
const AS_CHANNEL = 'I only take commands from people. Post as yourself or write to me in private.'

/** Reads one update; `username` is the bot's own, for `/command@bot`. */
export function readUpdate(update: Update, username: string): Received {
  const key = `tg:${update.update_id}`
  if (update.message) return readMessage(update.message, { key, username })
  if (update.callback_query) return readPress(update.callback_query, key)
  if (update.my_chat_member) return readMembership(update.my_chat_member)
  return IGNORED
}

function readMessage(message: Message, about: { key: string; username: string }): Received {
  if (message.migrate_to_chat_id !== undefined) {
    return { kind: 'migrated', fromChatId: String(message.chat.id), toChatId: String(message.migrate_to_chat_id) }
  }
  const { text, from, chat } = message
  if (text === undefined || !from || chat.type === 'channel' || isSecondHand(message)) return IGNORED
  const command = readCommand(message, about.username)
  if (command === 'not-ours') return IGNORED
  const place = placeOf(message)
  if (message.sender_chat) {
    if (!command) return IGNORED
    const isAdmin = from.id === GROUP_ANONYMOUS_BOT && message.sender_chat.id === chat.id
    return { kind: 'refused', place, text: isAdmin ? ANONYMOUS : AS_CHANNEL }
  }
  if (from.is_bot || from.id === TELEGRAM_SERVICE) return IGNORED
  const common = { key: about.key, principal: principalOf(from), place, message: refOf(place, message.message_id) }
  if (command) {
    const whom = personMeant(message)
    return { kind: 'event', event: { kind: 'command', ...common, ...command, ...(whom && { about: whom }) } }
  }
  // Text in groups is not for us; admins' bots get all of it and must not keep any.
  if (!place.isPrivate) return IGNORED
  return { kind: 'event', event: { kind: 'text', ...common, text } }
}

/** Whom a command is about: somebody mentioned without a username, else the author of the message it answers. */
function personMeant(message: Message): { userId: string; label: string } | undefined {
  const mentioned = message.entities?.find((entity) => entity.type === 'text_mention')?.user
  const person = mentioned ?? authorAnswered(message)
  if (!person || person.is_bot || person.id === TELEGRAM_SERVICE) return undefined
  const { userId, label } = principalOf(person)
  return { userId, label }
}

/** Who wrote what is answered, under their own name. */
function authorAnswered({ reply_to_message: answered, message_thread_id: thread }: Message): User | undefined {
  // In a topic everything that answers nothing "answers" the message which opened the topic.
  if (!answered || answered.sender_chat || answered.forum_topic_created || answered.message_id === thread)
    return undefined
  return answered.from
}

/** Not a person's fresh message: forwarded, made through a bot, automatic, for a business account or a guest query. */
function isSecondHand(message: Message): boolean {
  return (
    message.forward_origin !== undefined ||
    message.via_bot !== undefined ||
    message.is_automatic_forward === true ||
    message.edit_date !== undefined ||
    message.sender_business_bot !== undefined ||
    message.business_connection_id !== undefined ||
    message.guest_query_id !== undefined
  )
}

/** The command a message begins with; undefined: none. */
function readCommand(message: Message, username: string): { name: string; text: string } | 'not-ours' | undefined {
  const entity = message.entities?.[0]
  if (entity?.type !== 'bot_command' || entity.offset !== 0 || !message.text) return undefined
  const [name = '', bot] = message.text.slice(1, entity.length).split('@')
  if (bot !== undefined && bot.toLowerCase() !== username.toLowerCase()) return 'not-ours'
  return { name: name.toLowerCase(), text: message.text.slice(entity.length).trim() }
}

function readPress(query: CallbackQuery, key: string): Received {
  // The press carries the real person also where the message came from an anonymous admin.
  if (query.from.is_bot) return IGNORED
  const { message, data } = query
  if (!message || !data || !isButtonToken(data) || message.chat.type === 'channel') {
    return { kind: 'stale-press', callbackId: query.id }
  }
  const place = placeOf(message)
  return {
    kind: 'event',
    event: {
      kind: 'action',
      key,
      principal: principalOf(query.from),
      place,
      token: data,
      callbackId: query.id,
      message: refOf(place, message.message_id),
    },
  }
}

function readMembership({ chat, old_chat_member: before, new_chat_member: now }: ChatMemberUpdated): Received {
  if (chat.type === 'private' || chat.type === 'channel') return IGNORED
  const isIn = isInChat(now)
  // A bot made admin was in the group before: nothing to greet for.
  return isInChat(before) === isIn ? IGNORED : { kind: 'membership', place: placeOf({ chat }), isIn }
}

const isInChat = (member: ChatMember): boolean =>
  member.status === 'restricted' ? member.is_member : member.status !== 'left' && member.status !== 'kicked'

function principalOf(user: User): Principal {
  const name = [user.first_name, user.last_name].filter(Boolean).join(' ')
  return { platform: 'telegram', userId: String(user.id), label: safeName(name), kind: 'user' }
}

function placeOf(message: { chat: Chat; is_topic_message?: boolean; message_thread_id?: number }): Place {
  const { chat } = message
  // Replies in ordinary groups carry a thread id too; only a topic's can be written to.
  const isTopic = message.is_topic_message === true && message.message_thread_id !== undefined
  return {
    platform: 'telegram',
    chatId: String(chat.id),
    ...(isTopic ? { threadId: String(message.message_thread_id) } : {}),
    isPrivate: chat.type === 'private',
    title: safeName(chat.title ?? [chat.first_name, chat.last_name].filter(Boolean).join(' '), { maxLength: 64 }),
  }
}

function refOf({ title: _, ...chat }: Place, messageId: number) {
  return { ...chat, messageId: String(messageId) }
}
