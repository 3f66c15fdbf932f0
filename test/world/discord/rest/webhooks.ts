// What follows the first answer, opened by the interaction's token: the original read, edited, deleted, and follow-ups.
import { tooManyFollowUps, unknownMessage, unknownWebhook } from '../apiError.ts'
import type { Interaction } from '../interactions.ts'
import { changeMessage, removeMessage } from '../messages.ts'
import { flag, type MessageBody, type StoredMessage, type World } from '../model.ts'
import { readMessage } from '../validate/message.ts'
import { messageJson } from '../wire.ts'
import { addReply } from './callback.ts'
import { type Call, param, type Route, tokenRoute } from './route.ts'

const settable = flag.suppressEmbeds | flag.ephemeral | flag.suppressNotifications | flag.componentsV2
/** In guilds without the bot. */
const MAX_USER_INSTALL_FOLLOW_UPS = 5

const getMessage: Route['handle'] = (world, call) => messageJson(world, find(world, call).message)

const editMessage: Route['handle'] = (world, call) => {
  const { message } = find(world, call)
  return messageJson(world, rewrite(world, { message, call }))
}

const deleteMessage: Route['handle'] = (world, call) => removeMessage(world, find(world, call).message)

const followUp: Route['handle'] = (world, call) => {
  const interaction = open(world, call)
  const { original, isUserInstall } = interaction
  // For old clients: the first one after a deferral is what the deferral waited for, ephemeral as that said.
  if (original && isLoading(original.body)) return messageJson(world, rewrite(world, { message: original, call }))
  if (isUserInstall && interaction.followUps >= MAX_USER_INSTALL_FOLLOW_UPS) throw tooManyFollowUps()
  const body = readMessage({ ...call, newId: world.newId, settable })
  interaction.followUps += 1
  return messageJson(world, addReply(world, { interaction, body }))
}

function rewrite(world: World, { message, call }: { message: StoredMessage; call: Call }): StoredMessage {
  const body = readMessage({ ...call, newId: world.newId, settable, before: message.body })
  return changeMessage(world, { message, body, wasLoading: isLoading(message.body) })
}

function open(world: World, call: Call): Interaction {
  if (param(call, 'app') !== world.applicationId) throw unknownWebhook()
  return world.interactions.findAnswered(param(call, 'token'))
}

/** `@original`, or any message this interaction made. */
function find(world: World, call: Call): { message: StoredMessage } {
  const interaction = open(world, call)
  const id = param(call, 'message')
  const message = id === '@original' ? interaction.original : interaction.channel.messages.get(id)
  const isOwn = message === interaction.original || message?.cause?.interactionId === interaction.id
  if (!message || !isOwn || !interaction.channel.messages.has(message.id)) throw unknownMessage()
  return { message }
}

const isLoading = ({ flags }: MessageBody) => (flags & flag.loading) !== 0

export const webhookRoutes: readonly Route[] = [
  tokenRoute('POST /webhooks/:app/:token', followUp, 'webhook'),
  tokenRoute('GET /webhooks/:app/:token/messages/:message', getMessage, 'webhook'),
  tokenRoute('PATCH /webhooks/:app/:token/messages/:message', editMessage, 'webhook'),
  tokenRoute('DELETE /webhooks/:app/:token/messages/:message', deleteMessage, 'webhook'),
]
