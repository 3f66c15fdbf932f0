// What the bot says about itself: getMe, its command menus by scope and language, its descriptions.
import { badRequest } from '../apiError.ts'
import type { World } from '../model.ts'
import { isObject, jsonParam, objectParam, textParam } from '../params.ts'
import { userJson } from '../wire.ts'
import type { Method } from './method.ts'

export const getMe: Method = ({ bot, privacyMode }) => ({
  ...userJson(bot),
  can_join_groups: true,
  can_read_all_group_messages: !privacyMode,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: false,
  supports_guest_queries: false,
})

const maxCommands = 100

export const setMyCommands: Method = (world, { params }) => {
  const commands = jsonParam(params, 'commands')
  if (!Array.isArray(commands)) throw badRequest('expected an Array of BotCommand')
  if (commands.length > maxCommands) throw badRequest('BOT_COMMANDS_TOO_MUCH')
  world.profile.set(commandsKey(world, params), commands.map(readCommand))
  return true
}

export const getMyCommands: Method = (world, { params }) => world.profile.get(commandsKey(world, params)) ?? []

export const deleteMyCommands: Method = (world, { params }) => {
  world.profile.delete(commandsKey(world, params))
  return true
}

function readCommand(value: unknown) {
  if (!isObject(value)) throw badRequest("can't parse BotCommand: expected an Object")
  const command = String(value.command ?? '').replace(/^\//, '')
  const description = String(value.description ?? '')
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID')
  if (description.length < 1 || description.length > 256) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID')
  return { command, description, ...(value.is_ephemeral === true ? { is_ephemeral: true } : {}) }
}

/** Each scope and language has a list of its own; which one a person sees is the client's choice. */
function commandsKey(world: World, params: Readonly<Record<string, unknown>>): string {
  const scope = objectParam(params, 'scope') ?? { type: 'default' }
  const language = textParam(params, 'language_code') ?? ''
  const type = String(scope.type)
  const wide = ['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators']
  if (wide.includes(type)) return `commands ${type} ${language}`
  if (!['chat', 'chat_administrators', 'chat_member'].includes(type)) {
    throw badRequest("can't parse BotCommandScope: Unsupported type specified")
  }
  if (!world.chats.has(Number(scope.chat_id))) throw badRequest('chat not found')
  return `commands ${type} ${scope.chat_id} ${scope.user_id ?? ''} ${language}`
}

export const setMyDescription: Method = setText('description', 512)
export const getMyDescription: Method = getText('description')
export const setMyShortDescription: Method = setText('short_description', 120)
export const getMyShortDescription: Method = getText('short_description')

function setText(field: string, maxLength: number): Method {
  return (world, { params }) => {
    const text = textParam(params, field) ?? ''
    if (text.length > maxLength) throw badRequest(`${field.toUpperCase()}_TOO_LONG`)
    world.profile.set(`${field} ${textParam(params, 'language_code') ?? ''}`, text)
    return true
  }
}

function getText(field: string): Method {
  return (world, { params }) => {
    const own = world.profile.get(`${field} ${textParam(params, 'language_code') ?? ''}`)
    return { [field]: own || world.profile.get(`${field} `) || '' }
  }
}
