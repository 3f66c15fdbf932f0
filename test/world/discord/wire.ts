// Turns users, guilds, channels and messages into the JSON Discord sends; fields that are undefined vanish in JSON.
import type { Json } from './json.ts'
import type { Attachment, Channel, Guild, Role, StoredMessage, User, World } from './model.ts'
import { pingsOf } from './pings.ts'

const time = (ms: number) => new Date(ms).toISOString()

/** A User object. */
export function userJson({ id, username, name, isBot }: User): Json {
  return { id, username, discriminator: '0', global_name: name, avatar: null, bot: isBot ? true : undefined }
}

/** A GuildMember object with its user. */
export function memberJson(guild: Guild, user: User): Json {
  const member = guild.members.get(user.id)
  return {
    user: userJson(user),
    roles: [...(member?.roles ?? [])],
    joined_at: time(member?.joinedAtMs ?? 0),
    nick: null,
    avatar: null,
    premium_since: null,
    deaf: false,
    mute: false,
    pending: false,
    flags: 0,
    communication_disabled_until: null,
  }
}

/** A Role object. */
export function roleJson({ id, name, permissions, position, mentionable }: Role): Json {
  return {
    id,
    name,
    permissions: permissions.toString(),
    position,
    mentionable,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    managed: false,
    flags: 0,
  }
}

/** A Channel object: a text channel (type 0) or a DM (type 1). */
export function channelJson({ id, name, guild, recipient, overwrites, messages }: Channel): Json {
  const last_message_id = [...messages.keys()].at(-1) ?? null
  if (recipient) return { id, type: 1, last_message_id, flags: 0, recipients: [userJson(recipient)] }
  const permission_overwrites = [...overwrites].map(([of, { allow, deny, isRole }]) => ({
    id: of,
    type: isRole ? 0 : 1,
    allow: allow.toString(),
    deny: deny.toString(),
  }))
  return {
    id,
    type: 0,
    guild_id: guild?.id,
    name,
    position: 0,
    permission_overwrites,
    nsfw: false,
    topic: null,
    parent_id: null,
    rate_limit_per_user: 0,
    last_message_id,
    flags: 0,
  }
}

/** A Guild object as REST gives it. */
export function guildJson({ id, name, owner, locale, roles, members }: Guild): Json {
  return {
    id,
    name,
    owner_id: owner.id,
    icon: null,
    roles: [...roles.values()].map(roleJson),
    emojis: [],
    stickers: [],
    features: [],
    preferred_locale: locale,
    premium_tier: 0,
    nsfw_level: 0,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    mfa_level: 0,
    system_channel_id: null,
    system_channel_flags: 0,
    afk_channel_id: null,
    afk_timeout: 300,
    approximate_member_count: members.size,
  }
}

/** What GUILD_CREATE carries: the guild, its channels, and of the members only the bot. */
export function guildCreateJson({ bot, channels }: World, guild: Guild): Json {
  return {
    ...guildJson(guild),
    joined_at: time(guild.members.get(bot.id)?.joinedAtMs ?? 0),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    members: [memberJson(guild, bot)],
    channels: [...channels.values()].filter((channel) => channel.guild === guild).map(channelJson),
    threads: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  }
}

/** A Message object. */
export function messageJson(world: World, message: StoredMessage): Json {
  const { id, channel, author, atMs, editedAtMs, body, replyTo, cause } = message
  const pings = pingsOf(world, message)
  const byBot = author.id === world.bot.id
  return {
    id,
    type: cause?.type === 2 ? 20 : replyTo ? 19 : 0,
    channel_id: channel.id,
    author: userJson(author),
    content: body.content,
    timestamp: time(atMs),
    edited_timestamp: editedAtMs === undefined ? null : time(editedAtMs),
    tts: false,
    mention_everyone: pings.everyone,
    mentions: pings.userIds.flatMap((userId) => world.users.get(userId) ?? []).map(userJson),
    mention_roles: pings.roleIds,
    attachments: body.attachments.map((attachment) => attachmentJson(channel, attachment)),
    embeds: body.embeds.map((embed) => ({ ...embed, type: 'rich' })),
    components: body.components,
    flags: body.flags,
    pinned: false,
    nonce: message.nonce,
    application_id: byBot ? world.applicationId : undefined,
    webhook_id: byBot && cause ? world.applicationId : undefined,
    interaction_metadata: cause && {
      id: cause.interactionId,
      type: cause.type,
      user: userJson(cause.user),
      name: cause.name,
      authorizing_integration_owners: {},
    },
    message_reference: replyTo && {
      type: 0,
      message_id: replyTo.id,
      channel_id: replyTo.channel.id,
      guild_id: replyTo.channel.guild?.id,
    },
    // The API never nests more than one reply.
    referenced_message: replyTo && messageJson(world, { ...replyTo, replyTo: undefined }),
  }
}

function attachmentJson(channel: Channel, { id, name, contentType, bytes, description }: Attachment): Json {
  const url = `https://cdn.discordapp.com/attachments/${channel.id}/${id}/${encodeURIComponent(name)}`
  return { id, filename: name, content_type: contentType, size: bytes.length, url, proxy_url: url, description }
}
