// Who may do what in a channel: roles first, then the channel's overwrites, as Discord computes it.
import type { Channel, Guild, User } from './model.ts'

export const permission = {
  administrator: 1n << 3n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  embedLinks: 1n << 14n,
  attachFiles: 1n << 15n,
  readMessageHistory: 1n << 16n,
  mentionEveryone: 1n << 17n,
  useApplicationCommands: 1n << 31n,
} as const

/** What a new guild gives to @everyone, the right to ping everyone included. */
export const everyonePermissions =
  permission.viewChannel |
  permission.sendMessages |
  permission.embedLinks |
  permission.attachFiles |
  permission.readMessageHistory |
  permission.mentionEveryone |
  permission.useApplicationCommands

const all = (1n << 53n) - 1n

/** The permissions of a user in a channel; none for who is not a member. A DM has no roles: everything but pinging. */
export function permissionsIn(channel: Channel, user: User): bigint {
  const { guild, overwrites } = channel
  if (!guild) return everyonePermissions & ~permission.mentionEveryone
  const base = guildPermissions(guild, user)
  if (base === all || base === 0n) return base
  const roles = guild.members.get(user.id)?.roles ?? new Set()
  const everyone = overwrites.get(guild.id)
  const ofRoles = [...overwrites].filter(([id]) => roles.has(id)).map(([, overwrite]) => overwrite)
  const deny = ofRoles.reduce((bits, one) => bits | one.deny, 0n)
  const allow = ofRoles.reduce((bits, one) => bits | one.allow, 0n)
  const own = overwrites.get(user.id)
  let bits = (base & ~(everyone?.deny ?? 0n)) | (everyone?.allow ?? 0n)
  bits = (bits & ~deny) | allow
  return (bits & ~(own?.deny ?? 0n)) | (own?.allow ?? 0n)
}

/** Whether the user has all of these bits in the channel; without seeing it, nobody has any. */
export function may(user: User, channel: Channel, bits: bigint): boolean {
  const has = permissionsIn(channel, user)
  return (has & permission.viewChannel) !== 0n && (has & bits) === bits
}

/** The permissions of a user in a guild, before any channel's overwrites; the owner has all. */
export function guildPermissions(guild: Guild, user: User): bigint {
  const member = guild.members.get(user.id)
  if (!member) return 0n
  if (guild.owner.id === user.id) return all
  const bits = [guild.id, ...member.roles].reduce((sum, id) => sum | (guild.roles.get(id)?.permissions ?? 0n), 0n)
  return (bits & permission.administrator) !== 0n ? all : bits
}
