// The channel routes: messages sent, read, edited and deleted with the bot's own token.
import { findChannel, findMessage, findWritableChannel, mustMaySend } from '../access.ts'
import { cannotEditOthers, missingPermissions } from '../apiError.ts'
import { createForm } from '../form.ts'
import { textOf } from '../json.ts'
import { addMessage, changeMessage, removeMessage } from '../messages.ts'
import { type Channel, flag, type StoredMessage } from '../model.ts'
import { may, permission } from '../permissions.ts'
import { readMessage } from '../validate/message.ts'
import { channelJson, messageJson } from '../wire.ts'
import { botRoute, type Call, param, type Route } from './route.ts'

/** How long a nonce is remembered: "a few minutes". */
const NONCE_LIVES_MS = 3 * 60_000
/** Ephemeral is for answers only: here it has no effect, and everybody reads the message. */
const settable = flag.suppressEmbeds | flag.suppressNotifications | flag.componentsV2

const getChannel: Route['handle'] = (world, call) => channelJson(findChannel(world, param(call, 'channel')))

const sendMessage: Route['handle'] = (world, call) => {
  const channel = findWritableChannel(world, param(call, 'channel'))
  const body = readMessage({ ...call, newId: world.newId, settable })
  mustMaySend(world, channel, body)
  const nonce = call.data.nonce === undefined || call.data.nonce === null ? undefined : String(call.data.nonce)
  if (call.data.enforce_nonce === true && nonce !== undefined) {
    const sinceMs = world.clock.now() - NONCE_LIVES_MS
    const twin = [...channel.messages.values()].find((one) => one.nonce === nonce && one.atMs >= sinceMs)
    if (twin) return messageJson(world, twin)
  }
  const replyTo = readReference(channel, call)
  return messageJson(world, addMessage(world, channel, { author: world.bot, body, replyTo, nonce }))
}

const getMessage: Route['handle'] = (world, call) => {
  const channel = findChannel(world, param(call, 'channel'))
  if (!may(world.bot, channel, permission.readMessageHistory)) throw missingPermissions()
  return messageJson(world, findMessage(channel, param(call, 'message')))
}

const editMessage: Route['handle'] = (world, call) => {
  const channel = findChannel(world, param(call, 'channel'))
  const message = findMessage(channel, param(call, 'message'))
  if (message.author.id !== world.bot.id) throw cannotEditOthers()
  const body = readMessage({ ...call, newId: world.newId, settable, before: message.body })
  mustMaySend(world, channel, body)
  return messageJson(world, changeMessage(world, { message, body }))
}

const deleteMessage: Route['handle'] = (world, call) => {
  const channel = findChannel(world, param(call, 'channel'))
  const message = findMessage(channel, param(call, 'message'))
  if (message.author.id !== world.bot.id && !may(world.bot, channel, permission.manageMessages))
    throw missingPermissions()
  removeMessage(world, message)
}

const showTyping: Route['handle'] = (world, call) => {
  const channel = findWritableChannel(world, param(call, 'channel'))
  world.transcript.emit({ kind: 'typing', chatId: channel.id })
}

function readReference(channel: Channel, { data }: Call): StoredMessage | undefined {
  const reference = data.message_reference as { message_id?: unknown; fail_if_not_exists?: boolean } | undefined
  if (!reference) return undefined
  const message = channel.messages.get(textOf(reference.message_id))
  if (message && !message.visibleTo) return message
  if (reference.fail_if_not_exists === false) return undefined
  const form = createForm()
  form.at('message_reference').fail('MESSAGE_REFERENCE_UNKNOWN_MESSAGE', 'Unknown message')
  form.end()
}

export const channelRoutes: readonly Route[] = [
  botRoute('GET /channels/:channel', getChannel, 'channel'),
  botRoute('POST /channels/:channel/messages', sendMessage, 'channel'),
  botRoute('GET /channels/:channel/messages/:message', getMessage, 'channel'),
  botRoute('PATCH /channels/:channel/messages/:message', editMessage, 'channel'),
  botRoute('DELETE /channels/:channel/messages/:message', deleteMessage, 'channel'),
  botRoute('POST /channels/:channel/typing', showTyping, 'channel'),
]
