// Makes people, guilds, roles and channels, and changes who is where and may do what, each with the events Discord sends.
import { dmChannel } from '../dm.ts'
import { GUILDS_INTENT } from '../gateway/gateway.ts'
import type { Channel, Guild, Role, User, World } from '../model.ts'
import { everyonePermissions, permission } from '../permissions.ts'
import { channelJson, guildCreateJson, memberJson, roleJson } from '../wire.ts'

export interface UserOptions {
  /** The name shown. */
  readonly name: string
  /** A new one by default. */
  readonly id?: string
  readonly username?: string
  readonly locale?: string
  readonly isBot?: boolean
}

interface GuildOptions {
  readonly name: string
  readonly owner: User
  readonly members?: readonly User[]
  readonly locale?: string
}

/** Makers of people and places. The bot is in no guild until addBot. */
export function createPlaces(world: World) {
  const tell = (guild: Guild, name: string, data: unknown) => {
    if (guild.members.has(world.bot.id)) world.gateway.dispatch(name, data, GUILDS_INTENT)
  }

  function join(guild: Guild, user: User) {
    guild.members.set(user.id, { user, roles: new Set(), joinedAtMs: world.clock.now() })
  }

  function addRole(guild: Guild, role: Omit<Role, 'id' | 'position'>): Role {
    const full = { ...role, id: world.newId(), position: guild.roles.size }
    guild.roles.set(full.id, full)
    tell(guild, 'GUILD_ROLE_CREATE', { guild_id: guild.id, role: roleJson(full) })
    return full
  }

  return {
    /** Somebody with an account. */
    user({ name, id = world.newId(), username = `user_${id}`, locale = 'en-US', isBot = false }: UserOptions): User {
      if (world.users.has(id)) throw new Error(`there is already somebody with the id ${id}`)
      const user = { id, name, username, locale, isBot, blocksDms: false, hasInstalledApp: false }
      world.users.set(id, user)
      return user
    },
    guild({ name, owner, members = [], locale = 'en-US' }: GuildOptions): Guild {
      const id = world.newId()
      const everyone = { id, name: '@everyone', permissions: everyonePermissions, position: 0, mentionable: false }
      const guild: Guild = { id, name, owner, locale, roles: new Map([[id, everyone]]), members: new Map() }
      for (const user of [owner, ...members]) join(guild, user)
      world.guilds.set(id, guild)
      return guild
    },
    channel(guild: Guild, name: string): Channel {
      const channel = { id: world.newId(), name, guild, overwrites: new Map(), messages: new Map() }
      world.channels.set(channel.id, channel)
      tell(guild, 'CHANNEL_CREATE', channelJson(channel))
      return channel
    },
    /** The chat of one person with the bot. */
    dm: (user: User): Channel => dmChannel(world, user),
    role: (
      guild: Guild,
      { name, permissions = 0n, mentionable = false }: { name: string; permissions?: bigint; mentionable?: boolean },
    ) => addRole(guild, { name, permissions, mentionable }),
    giveRole(guild: Guild, user: User, role: Role) {
      guild.members.get(user.id)?.roles.add(role.id)
      if (user === world.bot) tell(guild, 'GUILD_MEMBER_UPDATE', { ...memberJson(guild, user), guild_id: guild.id })
    },
    /** Installs the bot in a guild, with a role of its own; by default it may what everybody may. */
    addBot(guild: Guild, { permissions = 0n }: { permissions?: bigint } = {}) {
      const role = addRole(guild, { name: world.bot.name, permissions, mentionable: false })
      join(guild, world.bot)
      guild.members.get(world.bot.id)?.roles.add(role.id)
      tell(guild, 'GUILD_CREATE', guildCreateJson(world, guild))
    },
    /** Somebody removes the bot: it may not write there any more, and its commands are gone. */
    removeBot(guild: Guild) {
      tell(guild, 'GUILD_DELETE', { id: guild.id })
      guild.members.delete(world.bot.id)
    },
    join,
    leave: (guild: Guild, user: User) => void guild.members.delete(user.id),
    /** Gives a user, a role or, named by the guild, everybody more or fewer rights in one channel. */
    overwrite(
      channel: Channel,
      { of, allow = 0n, deny = 0n }: { of: User | Role | Guild; allow?: bigint; deny?: bigint },
    ) {
      channel.overwrites.set(of.id, { allow, deny, isRole: !world.users.has(of.id) })
      if (channel.guild) tell(channel.guild, 'CHANNEL_UPDATE', channelJson(channel))
    },
    /** The person closes their DMs to the bot, or opens them again. */
    blockDms(user: User, isBlocked = true) {
      user.blocksDms = isBlocked
    },
    /** The person adds the app to their own account: their commands work in guilds without the bot. */
    installForUser(user: User) {
      user.hasInstalledApp = true
    },
    /** Bits for addBot, role and overwrite. */
    permission,
  }
}
