// Discord interaction → what somebody asks of us, or why it is nobody who may ask. Pure.
import {
  type APIApplicationCommandInteractionDataOption,
  type APIChatInputApplicationCommandInteraction,
  type APIInteraction,
  type APIMessageComponentInteraction,
  type APIModalSubmitInteraction,
  type APIUser,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  InteractionContextType,
  InteractionType,
  MessageFlags,
} from 'discord.js'
import { isActionToken, isButtonToken, opensForm } from '../chat/actions.ts'
import { type CommandSpec, optionsAsText, type Suggestion } from '../chat/commandSpec.ts'
import type { Inbound, MessageRef, Place, Principal } from '../chat/inbound.ts'
import { safeName } from '../chat/safeText.ts'
import { readFormValues } from './forms.ts'

/**
 * What Discord is told within 3 s: an answer that all will see, or one person; that the message will change; or nothing
 * yet, since a form can only be the first answer.
 */
export type Ack = 'public' | 'private' | 'update' | 'form'

/** What somebody is typing into an option. */
export interface SuggestionQuery {
  readonly suggest: Suggestion
  readonly text: string
  readonly principal: Principal
  readonly place: Place
}

export type Received =
  | { kind: 'event'; event: Inbound; ack: Ack }
  | { kind: 'typing'; query: SuggestionQuery }
  /** It is answered, to this person alone, and goes no further. */
  | { kind: 'refused'; text: string }
  | { kind: 'ignored' }

const IGNORED: Received = { kind: 'ignored' }
const refused = (text: string): Received => ({ kind: 'refused', text })

const STALE_PRESS = 'This button is no longer in use. Send the command again.'
const STALE_COMMAND = 'This command is no longer in use. Type / to see what there is.'
const NOT_IN_SERVER = 'I am not a member of this server. Ask one of its admins to add me, or write to me in private.'
const NOT_HERE = 'I work in servers and in direct messages with me, not in other private chats.'

interface Known {
  readonly commands: readonly CommandSpec[]
  /** The server's name; interactions do not carry it. */
  guildName(guildId: string): string | undefined
}

/** Reads one interaction. */
export function readInteraction(interaction: APIInteraction, known: Known): Received {
  const user = interaction.member?.user ?? interaction.user
  if (interaction.type === InteractionType.Ping || !user || user.bot) return IGNORED
  if (interaction.context === InteractionContextType.PrivateChannel) return refused(NOT_HERE)
  const isGuildInstall =
    interaction.authorizing_integration_owners?.[ApplicationIntegrationType.GuildInstall] !== undefined
  // Installed by the person alone, the bot could write there for 15 minutes only and knows nothing of the place.
  if (interaction.guild_id && !isGuildInstall) return refused(NOT_IN_SERVER)
  const principal = principalOf(user, interaction.member?.nick)
  const place = placeOf(interaction, { principal, known })
  const common = { key: `dc:${interaction.id}`, principal, place }
  switch (interaction.type) {
    case InteractionType.ApplicationCommand:
      if (interaction.data.type !== ApplicationCommandType.ChatInput) return refused(STALE_COMMAND)
      return readCommand(interaction as APIChatInputApplicationCommandInteraction, common, known)
    case InteractionType.ApplicationCommandAutocomplete:
      return readTyping(interaction.data, common, known)
    case InteractionType.MessageComponent:
      return readPress(interaction, common)
    case InteractionType.ModalSubmit:
      return readForm(interaction, common)
    default:
      return IGNORED
  }
}

type Common = Pick<Inbound, 'key' | 'principal' | 'place'>

function readCommand(
  interaction: APIChatInputApplicationCommandInteraction,
  common: Common,
  { commands }: Known,
): Received {
  const { data } = interaction
  const spec = commands.find(({ name }) => name === data.name)
  if (!spec) return refused(STALE_COMMAND)
  const text = optionsAsText(spec.options ?? [], valuesOf(data.options))
  // A public answer shows who used the command, and to whoever points at it with which options.
  const isPrivate = spec.answer === 'asker' || spec.isPrivate?.(text) === true
  const about = aboutOf(interaction)
  return {
    kind: 'event',
    ack: isPrivate ? 'private' : 'public',
    event: {
      kind: 'command',
      ...common,
      name: spec.name,
      text,
      ...(about && { about }),
      message: refOf(common, { messageId: interaction.id, isForOne: isPrivate }),
    },
  }
}

/** Option values as words; a person by id, since a name could hold words of the command. */
function valuesOf(options: readonly APIApplicationCommandInteractionDataOption[] = []): Record<string, string> {
  return Object.fromEntries(
    options.flatMap((option) => {
      if (!('value' in option)) return []
      return [
        [option.name, option.type === ApplicationCommandOptionType.User ? `@${option.value}` : String(option.value)],
      ]
    }),
  )
}

function aboutOf({ data }: APIChatInputApplicationCommandInteraction): { userId: string; label: string } | undefined {
  const option = data.options?.find(({ type }) => type === ApplicationCommandOptionType.User)
  const user = option && 'value' in option ? data.resolved?.users?.[String(option.value)] : undefined
  if (!user || user.bot) return undefined
  const { userId, label } = principalOf(user, data.resolved?.members?.[user.id]?.nick)
  return { userId, label }
}

function readTyping(
  data: {
    name: string
    options: readonly APIApplicationCommandInteractionDataOption<InteractionType.ApplicationCommandAutocomplete>[]
  },
  { principal, place }: Common,
  { commands }: Known,
): Received {
  const focused = data.options.find((option) => 'focused' in option && option.focused === true)
  const option = commands.find(({ name }) => name === data.name)?.options?.find(({ name }) => name === focused?.name)
  if (!option?.suggest || !focused || !('value' in focused)) return IGNORED
  return { kind: 'typing', query: { suggest: option.suggest, text: String(focused.value), principal, place } }
}

function readPress(interaction: APIMessageComponentInteraction, common: Common): Received {
  const token = interaction.data.custom_id
  if (!isButtonToken(token)) return refused(STALE_PRESS)
  return {
    kind: 'event',
    ack: opensForm(token) ? 'form' : 'update',
    event: { kind: 'action', ...common, token, callbackId: interaction.id, message: sourceOf(interaction, common) },
  }
}

function readForm(interaction: APIModalSubmitInteraction, common: Common): Received {
  const token = interaction.data.custom_id
  if (!isActionToken(token)) return refused(STALE_PRESS)
  return {
    kind: 'event',
    ack: interaction.message ? 'update' : 'private',
    event: {
      kind: 'form',
      ...common,
      token,
      callbackId: interaction.id,
      values: readFormValues(interaction.data.components),
      message: sourceOf(interaction, common),
    },
  }
}

/** The message with the button; a form that no message opened stands for itself. */
function sourceOf(interaction: APIMessageComponentInteraction | APIModalSubmitInteraction, common: Common): MessageRef {
  const { message } = interaction
  const isForOne = message ? ((message.flags ?? 0) & MessageFlags.Ephemeral) !== 0 : true
  return refOf(common, { messageId: message?.id ?? interaction.id, isForOne })
}

function principalOf(user: APIUser, nick: string | null | undefined): Principal {
  const label = safeName(nick ?? user.global_name ?? user.username)
  return { platform: 'discord', userId: user.id, label, kind: 'user' }
}

const THREADS: readonly (ChannelType | undefined)[] = [
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.AnnouncementThread,
]

function placeOf(
  { guild_id: guildId, channel }: APIInteraction,
  { principal, known }: { principal: Principal; known: Known },
): Place {
  if (!guildId || !channel) {
    // The private chat has the person's id on every platform; the adapter knows its channel.
    return { platform: 'discord', chatId: principal.userId, isPrivate: true, title: principal.label }
  }
  const parentId = THREADS.includes(channel.type) && 'parent_id' in channel ? channel.parent_id : undefined
  const title = known.guildName(guildId) ?? ('name' in channel && channel.name ? `#${channel.name}` : 'Discord')
  return {
    platform: 'discord',
    chatId: parentId ?? channel.id,
    ...(parentId && { threadId: channel.id }),
    spaceId: guildId,
    isPrivate: false,
    title: safeName(title, { maxLength: 64 }),
  }
}

/**
 * What only one person sees has that person's private chat in its ref: when it can no longer be edited, what follows
 * goes there and not to the channel.
 */
function refOf({ place, principal }: Common, message: { messageId: string; isForOne: boolean }): MessageRef {
  return messageRef(message.isForOne ? privateChat(principal.userId) : place, message.messageId)
}

/** The ref of a message in this place. */
export function messageRef(
  { platform, chatId, threadId, isPrivate }: Omit<Place, 'title'>,
  messageId: string,
): MessageRef {
  return { platform, chatId, ...(threadId !== undefined && { threadId }), messageId, isPrivate }
}

/** The private chat with a person. */
export const privateChat = (userId: string) => ({ platform: 'discord', chatId: userId, isPrivate: true }) as const
