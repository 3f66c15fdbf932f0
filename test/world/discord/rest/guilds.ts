// The guild and user routes, as discord.js asks for them.
import { findGuild, findUser } from '../access.ts'
import { invalidRecipients, missingAccess, unknownMember } from '../apiError.ts'
import { dmChannel } from '../dm.ts'
import { textOf } from '../json.ts'
import { channelJson, guildJson, memberJson, roleJson, userJson } from '../wire.ts'
import { botRoute, param, type Route } from './route.ts'

const getGuild: Route['handle'] = (world, call) => guildJson(findGuild(world, param(call, 'guild')))

const getChannels: Route['handle'] = (world, call) => {
  const guild = findGuild(world, param(call, 'guild'))
  return [...world.channels.values()].filter((channel) => channel.guild === guild).map(channelJson)
}

const getRoles: Route['handle'] = (world, call) =>
  [...findGuild(world, param(call, 'guild')).roles.values()].map(roleJson)

const getMember: Route['handle'] = (world, call) => {
  const guild = findGuild(world, param(call, 'guild'))
  const member = guild.members.get(param(call, 'user'))
  if (!member) throw unknownMember()
  return memberJson(guild, member.user)
}

/** Listing all members is a privilege that this bot was not granted. */
const getMembers: Route['handle'] = (world, call) => {
  findGuild(world, param(call, 'guild'))
  throw missingAccess()
}

const getUser: Route['handle'] = (world, call) => {
  const id = param(call, 'user')
  return userJson(id === '@me' ? world.bot : findUser(world, id))
}

const openDm: Route['handle'] = (world, { data }) => {
  const user = world.users.get(textOf(data.recipient_id))
  if (!user || user.id === world.bot.id) throw invalidRecipients()
  return channelJson(dmChannel(world, user))
}

export const guildRoutes: readonly Route[] = [
  botRoute('GET /guilds/:guild', getGuild),
  botRoute('GET /guilds/:guild/channels', getChannels),
  botRoute('GET /guilds/:guild/roles', getRoles),
  botRoute('GET /guilds/:guild/members', getMembers),
  botRoute('GET /guilds/:guild/members/:user', getMember),
  botRoute('GET /users/:user', getUser),
  botRoute('POST /users/@me/channels', openDm),
]
