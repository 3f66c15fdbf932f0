// Finds the channel, guild, member or message a call names and refuses what the bot cannot reach, in Discord's words.
import {
  cannotMessageUser,
  missingAccess,
  missingPermissions,
  noMutualGuilds,
  unknownChannel,
  unknownGuild,
  unknownMessage,
  unknownUser,
} from './apiError.ts'
import type { Channel, Guild, MessageBody, StoredMessage, User, World } from './model.ts'
import { may, permission } from './permissions.ts'

/** A channel the bot sees. Throws 10003 when there is none, 50001 when it is out of the bot's sight. */
export function findChannel(world: World, id: string): Channel {
  const channel = world.channels.get(id)
  if (!channel) throw unknownChannel()
  if (channel.guild && !may(world.bot, channel, permission.viewChannel)) throw missingAccess()
  return channel
}

/** A channel the bot may write this into. Throws 50013 without the right, 50007 where the user takes no messages. */
export function findWritableChannel(world: World, id: string): Channel {
  const channel = findChannel(world, id)
  if (channel.recipient) mustReach(world, channel.recipient)
  else if (!may(world.bot, channel, permission.sendMessages)) throw missingPermissions()
  return channel
}

/** Throws 50013 when a message needs a right that the bot lacks: to attach files, to embed. */
export function mustMaySend(world: World, channel: Channel, { attachments, embeds }: MessageBody) {
  const lacks = (bits: bigint) => !may(world.bot, channel, bits)
  if (attachments.length > 0 && lacks(permission.attachFiles)) throw missingPermissions()
  if (embeds.length > 0 && lacks(permission.embedLinks)) throw missingPermissions()
}

/** A message as the channel's routes know it: an ephemeral one is none. Throws 10008. */
export function findMessage(channel: Channel, id: string): StoredMessage {
  const message = channel.messages.get(id)
  if (!message || message.visibleTo) throw unknownMessage()
  return message
}

/** A guild the bot is in. Throws 10004 when there is none, 50001 when the bot is not in it. */
export function findGuild(world: World, id: string): Guild {
  const guild = world.guilds.get(id)
  if (!guild) throw unknownGuild()
  if (!guild.members.has(world.bot.id)) throw missingAccess()
  return guild
}

/** Anybody with an account. Throws 10013. */
export function findUser(world: World, id: string): User {
  const user = world.users.get(id)
  if (!user) throw unknownUser()
  return user
}

/** Who uses the bot in a DM may always be answered there; others must share a guild with it. */
function mustReach({ guilds, bot }: World, user: User) {
  if (user.blocksDms) throw cannotMessageUser()
  const shares = [...guilds.values()].some(({ members }) => members.has(bot.id) && members.has(user.id))
  if (!shares && !user.hasInstalledApp) throw noMutualGuilds()
}
