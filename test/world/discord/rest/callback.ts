// The first answer to an interaction: a reply, a deferral, an update of the source, suggestions, or a form.
import { alreadyAcknowledged } from '../apiError.ts'
import { createForm } from '../form.ts'
import { type Interaction, interactionType, type Outcome } from '../interactions.ts'
import type { Json } from '../json.ts'
import { addMessage, changeMessage } from '../messages.ts'
import { flag, type MessageBody, type StoredMessage, type World } from '../model.ts'
import { readChoices } from '../validate/choices.ts'
import { checkInteger } from '../validate/fields.ts'
import { readMessage } from '../validate/message.ts'
import { readModal } from '../validate/modal.ts'
import { messageJson } from '../wire.ts'
import { asObject, type Call, param, type Route, tokenRoute } from './route.ts'

const answer = { reply: 4, deferredReply: 5, deferredUpdate: 6, update: 7, choices: 8, form: 9 } as const
const settable = flag.suppressEmbeds | flag.ephemeral | flag.suppressNotifications | flag.componentsV2

/** The answers each interaction takes; updates only where there is a message to update. */
function allowedAnswers({ type, source }: Interaction): readonly number[] {
  if (type === interactionType.autocomplete) return [answer.choices]
  const onMessage = source ? [answer.deferredUpdate, answer.update] : []
  const form = type === interactionType.modalSubmit ? [] : [answer.form]
  return [answer.reply, answer.deferredReply, ...onMessage, ...form]
}

const respond: Route['handle'] = (world, call) => {
  const interaction = world.interactions.find(param(call, 'interaction'), param(call, 'token'))
  if (interaction.isAnswered) throw alreadyAcknowledged()
  const { type } = call.data
  const allowed = allowedAnswers(interaction)
  if (typeof type !== 'number' || !allowed.includes(type)) {
    const form = createForm()
    form.at('type').fail('BASE_TYPE_CHOICES', `Value must be one of {${allowed.join(', ')}}.`)
    form.end()
  }
  const outcome = give(world, { call, interaction, type: Number(type) })
  world.interactions.settle(interaction, outcome)
  if (call.query.with_response !== 'true') return undefined
  return describe(world, { interaction, type: Number(type) })
}

interface Answer {
  readonly call: Call
  readonly interaction: Interaction
  readonly type: number
}

function give(world: World, { call, interaction, type }: Answer): Omit<Outcome, 'answered'> {
  const { files } = call
  const data = asObject(call.data.data)
  const { user, channel, source } = interaction
  if (type === answer.choices) return { kind: 'choices', choices: readChoices(data, interaction.optionType) }
  if (type === answer.form) {
    const modal = readModal(data)
    world.modals.set(user.id, { modal, user, channel, source })
    world.transcript.emit({ kind: 'form', chatId: channel.id, userId: user.id, title: String(modal.title) })
    return { kind: 'form', modal }
  }
  if (source && (type === answer.deferredUpdate || type === answer.update)) {
    interaction.original = source
    if (type === answer.update) {
      const { body: before } = source
      const body = readMessage({ data, files, newId: world.newId, at: 'data', settable, before })
      changeMessage(world, { message: source, body })
    }
    return { kind: type === answer.update ? 'update' : 'deferredUpdate', message: pointer(source) }
  }
  const isDeferred = type === answer.deferredReply
  const body = isDeferred ? thinking(data) : readMessage({ data, files, newId: world.newId, at: 'data', settable })
  const message = addReply(world, { interaction, body })
  interaction.original = message
  return { kind: isDeferred ? 'deferredReply' : 'reply', message: pointer(message) }
}

/** Only whether the answer will be ephemeral is decided when deferring. Throws 50035 for the second components. */
function thinking({ flags = 0 }: Json): MessageBody {
  const form = createForm().at('data', 'flags')
  const given = checkInteger(form, flags, { min: 0, max: 2 ** 31 - 1 }) ?? 0
  if ((given & flag.componentsV2) !== 0)
    form.fail('MESSAGE_FLAGS_INVALID', 'IS_COMPONENTS_V2 cannot be set on a deferred response')
  form.end()
  return {
    content: '',
    embeds: [],
    components: [],
    attachments: [],
    flags: flag.loading | (given & (flag.ephemeral | flag.suppressNotifications)),
  }
}

/** A message that answers an interaction: first answer or follow-up. */
export function addReply(
  world: World,
  { interaction, body }: { interaction: Interaction; body: MessageBody },
): StoredMessage {
  const { id, type, user, channel, source, name } = interaction
  return addMessage(world, channel, {
    author: world.bot,
    body,
    visibleTo: (body.flags & flag.ephemeral) !== 0 ? user : undefined,
    // An answer to a button shows the message with the button above it.
    replyTo: interaction.original ?? source,
    cause: { interactionId: id, type, user, name },
  })
}

function describe(world: World, { interaction, type }: Pick<Answer, 'interaction' | 'type'>): Json {
  const { original } = interaction
  return {
    interaction: {
      id: interaction.id,
      type: interaction.type,
      response_message_id: original?.id,
      response_message_loading: original && (original.body.flags & flag.loading) !== 0,
      response_message_ephemeral: original && original.visibleTo !== undefined,
    },
    resource: { type, message: original && messageJson(world, original) },
  }
}

const pointer = ({ id, channel }: StoredMessage) => ({ chatId: channel.id, messageId: id })

export const callbackRoutes: readonly Route[] = [
  tokenRoute('POST /interactions/:interaction/:token/callback', respond, undefined),
]
