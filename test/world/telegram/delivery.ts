// Decides which of what happens in chats the bot is told of: membership, privacy mode, senders it never hears.
import type { Chat, StoredMessage, World } from './model.ts'
import { channelBot, groupAnonymousBot } from './wellKnown.ts'
import { messageJson } from './wire.ts'

/** Tells the bot of a new or edited message if Telegram would. */
export function deliverMessage(world: World, message: StoredMessage, { edited = false } = {}) {
  const { chat, from } = message
  if (!hears(world, message)) return
  if (from) world.met.add(from.id)
  const kind = chat.type === 'channel' ? 'channel_post' : 'message'
  world.updates.push(edited ? `edited_${kind}` : kind, messageJson(message))
}

/** Whether the bot is in the chat now. */
export function botIsIn(world: World, chat: Chat): boolean {
  const status = chat.members.get(world.bot.id)
  return status === 'member' || status === 'administrator'
}

function hears(world: World, message: StoredMessage): boolean {
  const { chat, from, extra } = message
  if (!botIsIn(world, chat)) return false
  // Bots do not hear bots, except the two accounts that stand for hidden people.
  if (from?.isBot && from.id !== groupAnonymousBot.id && from.id !== channelBot.id) return false
  if (chat.type === 'private' || chat.type === 'channel') return true
  if (!world.privacyMode || chat.members.get(world.bot.id) === 'administrator') return true
  if (isService(message)) return true
  const viaThisBot = (extra.via_bot as { id?: number } | undefined)?.id === world.bot.id
  return viaThisBot || message.replyTo?.from?.id === world.bot.id || isCommandForBot(world, message)
}

/** A command at the very start, bare or with this bot's name. */
function isCommandForBot({ bot }: World, { text, entities }: StoredMessage): boolean {
  const first = entities.find(({ offset, type }) => offset === 0 && type === 'bot_command')
  if (!first) return false
  const [, name] = text.slice(0, first.length).split('@')
  return name === undefined || name.toLowerCase() === bot.username?.toLowerCase()
}

/** Something that happened to the chat rather than something said. */
function isService({ text, file, extra }: StoredMessage): boolean {
  return text === '' && file === undefined && Object.keys(extra).length > 0
}
