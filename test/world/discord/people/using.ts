// What people do with the bot: commands, suggestions, buttons, menus, forms. Each opens an interaction.
import { interactionJson } from '../interactionJson.ts'
import { type Choice, type Interaction, interactionType, type Outcome } from '../interactions.ts'
import { type Json, objects, textOf } from '../json.ts'
import { allComponents, describeMessage, isSelect } from '../messageView.ts'
import type { Channel, StoredMessage, User, World } from '../model.ts'
import { may, permission, permissionsIn } from '../permissions.ts'
import { channelJson, memberJson, roleJson, userJson } from '../wire.ts'
import { fillModal, type ModalValue } from './fillModal.ts'
import { findDefinition, type OptionValue, readTyped } from './typedOptions.ts'

/** Names a message; transcript entries and ChannelMessages do. */
export interface MessagePointer {
  readonly chatId: string
  readonly messageId: string
}

type Options = Readonly<Record<string, OptionValue>>

/** Things people do; they throw a plain Error for what the app would not let a person do. */
export function createUsing(world: World) {
  function begin(about: Parameters<World['interactions']['open']>[0], data: Json, text?: string): Promise<Outcome> {
    const { interaction, outcome } = world.interactions.open(about)
    const { user, channel } = about
    const seen = { chatId: channel.id, userId: user.id }
    if (text !== undefined) world.transcript.emit({ kind: 'used', ...seen, from: user.name, text })
    world.gateway.dispatch('INTERACTION_CREATE', interactionJson(world, interaction, data), 0)
    lastSent = { interaction, data }
    return outcome.then((result) => {
      if (!result.answered && about.type !== interactionType.autocomplete)
        world.transcript.emit({ kind: 'failed', ...seen, text: 'The application did not respond' })
      return result
    })
  }
  let lastSent: { interaction: Interaction; data: Json } | undefined

  function ask(user: User, channel: Channel, name: string) {
    mustSee(channel, user)
    const [word = '', ...words] = name.replace(/^\//, '').split(' ')
    const { command, isUserInstall } = findCommand(world, { user, channel, word })
    return { command, isUserInstall, ...findDefinition(command, words), name: [word, ...words].join(' ') }
  }

  function find({ chatId, messageId }: MessagePointer, user: User): StoredMessage {
    const message = world.channels.get(chatId)?.messages.get(messageId)
    if (!message) throw new Error(`there is no message ${messageId} in channel ${chatId}`)
    mustSee(message.channel, user)
    if (message.visibleTo && message.visibleTo !== user) throw new Error(`${user.name} does not see that message`)
    return message
  }

  function useComponent(user: User, message: StoredMessage, { data, text }: { data: Json; text: string }) {
    const { channel, cause } = message
    const isUserInstall = channel.guild !== undefined && !channel.guild.members.has(world.bot.id) && cause !== undefined
    return begin({ type: interactionType.component, user, channel, source: message, isUserInstall }, data, text)
  }

  return {
    /** Runs a registered command, `job` or `job status`; resolves with the bot's first answer. */
    async command(user: User, channel: Channel, name: string, values: Options = {}): Promise<Outcome> {
      const asked = ask(user, channel, name)
      const { options, entities, text } = readTyped(asked, values)
      const { isUserInstall, command } = asked
      const data = { ...commandData(command), options, resolved: resolved(channel, entities) }
      const shown = `/${[asked.name, text].filter((part) => part !== '').join(' ')}`
      return begin({ type: interactionType.command, user, channel, name: asked.name, isUserInstall }, data, shown)
    },
    /** What the app suggests while `focused` is being typed; undefined = nothing came. */
    async autocomplete(
      user: User,
      channel: Channel,
      name: string,
      values: Options,
      focused: string,
    ): Promise<readonly Choice[] | undefined> {
      const asked = ask(user, channel, name)
      const option = objects(asked.definition.options).find((one) => one.name === focused)
      if (option?.autocomplete !== true) throw new Error(`the option "${focused}" has no autocomplete`)
      const { options } = readTyped(asked, { [focused]: '', ...values }, focused)
      const data = { ...commandData(asked.command), options }
      const { isUserInstall } = asked
      const about = { user, channel, name: asked.name, optionType: option.type, isUserInstall }
      const { choices } = await begin({ type: interactionType.autocomplete, ...about }, data)
      return choices
    },
    /** Presses a button that the message shows this person now, by its text or its custom_id. */
    async press(user: User, on: MessagePointer, textOrData: string): Promise<Outcome> {
      const message = find(on, user)
      const buttons = describeMessage(world, message).buttons.flat()
      const button = buttons.find(({ text, data }) => text === textOrData || data === textOrData)
      if (!button) {
        const shown = buttons.map(({ text }) => `"${text}"`).join(', ')
        throw new Error(`message ${on.messageId} has no button "${textOrData}"; it shows ${shown || 'none'}`)
      }
      if (button.disabled) throw new Error(`the button "${button.text}" is disabled`)
      if (button.url !== undefined) return { answered: false, url: button.url }
      const data = { component_type: 2, custom_id: button.data, id: 0 }
      return useComponent(user, message, { data, text: `[ ${button.text} ]` })
    },
    /** Sends a custom_id of one's own making with a message one sees, as a doctored app can. */
    pressForged: async (user: User, on: MessagePointer, customId: string): Promise<Outcome> =>
      useComponent(user, find(on, user), { data: { component_type: 2, custom_id: customId, id: 0 }, text: '[ ? ]' }),
    /** Chooses from a menu, named by its custom_id or placeholder; options by label or value. */
    async select(user: User, on: MessagePointer, menu: string, chosen: readonly string[]): Promise<Outcome> {
      const message = find(on, user)
      const select = allComponents(message.body.components)
        .filter(isSelect)
        .find(({ custom_id, placeholder }) => custom_id === menu || placeholder === menu)
      if (!select) throw new Error(`message ${on.messageId} has no menu "${menu}"`)
      if (select.disabled === true) throw new Error(`the menu "${menu}" is disabled`)
      const values = chooseValues(select, chosen)
      const data = { component_type: select.type, custom_id: select.custom_id, id: select.id, values }
      return useComponent(user, message, { data, text: `[ ${chosen.join(', ')} ]` })
    },
    /** The form this person has before them. */
    form: (user: User): Json | undefined => world.modals.get(user.id)?.modal,
    /** Fills in the form and sends it; fields by label or custom_id, those left out keep what the bot put in. */
    async submitModal(user: User, values: Readonly<Record<string, ModalValue>>): Promise<Outcome> {
      const shown = world.modals.get(user.id)
      if (!shown) throw new Error(`${user.name} has no form before them`)
      const { modal, channel, source } = shown
      const components = fillModal(modal, values)
      world.modals.delete(user.id)
      const data = { custom_id: modal.custom_id, components }
      const isUserInstall = channel.guild !== undefined && !channel.guild.members.has(world.bot.id)
      const about = { type: interactionType.modalSubmit, user, channel, source, isUserInstall }
      return begin(about, data, `[ ${textOf(modal.title)} ]`)
    },
    /** Sends the newest interaction again under its old id and token, as a gateway that replays does. */
    redeliver() {
      if (!lastSent) throw new Error('nobody used anything yet')
      const { interaction, data } = lastSent
      world.gateway.dispatch('INTERACTION_CREATE', interactionJson(world, interaction, data), 0)
    },
  }
}

/** The command as the app offers it to this person here. */
function findCommand(world: World, { user, channel, word }: { user: User; channel: Channel; word: string }) {
  const { guild } = channel
  const command = world.commands.find(word, guild?.id)
  if (!command) throw new Error(`there is no command /${word} here`)
  const contexts = Array.isArray(command.contexts) ? command.contexts : [0, 1, 2]
  if (!contexts.includes(guild ? 0 : 1)) throw new Error(`/${word} is not offered in ${guild ? 'guilds' : 'DMs'}`)
  const isUserInstall = guild !== undefined && !guild.members.has(world.bot.id)
  const types = Array.isArray(command.integration_types) ? command.integration_types : [0]
  if (isUserInstall && !(user.hasInstalledApp && types.includes(1))) throw new Error(`the bot is not in ${guild.name}`)
  const needed = BigInt(textOf(command.default_member_permissions) || '0') | permission.useApplicationCommands
  if (guild && !may(user, channel, needed)) throw new Error(`${user.name} may not use /${word} in #${channel.name}`)
  return { command, isUserInstall }
}

const commandData = ({ id, name, guild_id }: Json): Json => ({ id, name, type: 1, guild_id })

/** The objects behind the ids in a command's options. */
function resolved(channel: Channel, entities: readonly (User | Channel | { permissions: bigint })[]): Json | undefined {
  if (entities.length === 0) return undefined
  const { guild } = channel
  const result = { users: {} as Json, members: {} as Json, channels: {} as Json, roles: {} as Json }
  for (const one of entities) {
    if ('isBot' in one) {
      result.users[one.id] = userJson(one)
      if (guild?.members.has(one.id)) {
        const { user: _user, ...member } = memberJson(guild, one)
        result.members[one.id] = { ...member, permissions: permissionsIn(channel, one).toString() }
      }
    } else if ('messages' in one) result.channels[one.id] = { ...channelJson(one), permissions: '0' }
    else result.roles[(one as Parameters<typeof roleJson>[0]).id] = roleJson(one as Parameters<typeof roleJson>[0])
  }
  return result
}

function chooseValues(select: Json, chosen: readonly string[]): string[] {
  const { options, min_values, max_values } = select
  const min = Number(min_values ?? 1)
  const max = Number(max_values ?? 1)
  if (chosen.length < min || chosen.length > max) throw new Error(`the menu takes ${min} to ${max} choices`)
  // The other menus are filled by the app with people, roles or channels: their ids are the values.
  if (select.type !== 3) return [...chosen]
  return chosen.map((word) => {
    const option = objects(options).find(({ label, value }) => label === word || value === word)
    if (!option) throw new Error(`the menu has no choice "${word}"`)
    return textOf(option.value)
  })
}

function mustSee(channel: Channel, user: User) {
  if (channel.recipient ? channel.recipient !== user : !may(user, channel, permission.viewChannel))
    throw new Error(`${user.name} does not see #${channel.name}`)
}
