// The INTERACTION_CREATE payload: who, where, with which rights, and what they did.
import type { Interaction } from './interactions.ts'
import type { Json } from './json.ts'
import { MAX_FILE_BYTES } from './limits.ts'
import type { Guild, User, World } from './model.ts'
import { permissionsIn } from './permissions.ts'
import { channelJson, memberJson, messageJson, userJson } from './wire.ts'

/** The payload of an interaction; `data` is what its type carries. */
export function interactionJson(world: World, interaction: Interaction, data: Json): Json {
  const { id, token, type, user, channel, source, isUserInstall } = interaction
  const { guild } = channel
  return {
    id,
    token,
    type,
    version: 1,
    application_id: world.applicationId,
    channel_id: channel.id,
    channel: { ...channelJson(channel), permissions: permissionsIn(channel, user).toString() },
    ...(guild ? guildPart(guild, { user, permissions: permissionsIn(channel, user) }) : { user: userJson(user) }),
    locale: user.locale,
    // Without the bot there, its rights are those of the person.
    app_permissions: permissionsIn(channel, isUserInstall ? user : world.bot).toString(),
    entitlements: [],
    authorizing_integration_owners: isUserInstall ? { 1: user.id } : { 0: guild?.id ?? '0' },
    context: guild ? 0 : 1,
    attachment_size_limit: MAX_FILE_BYTES,
    message: source && messageJson(world, source),
    data,
  }
}

function guildPart(guild: Guild, { user, permissions }: { user: User; permissions: bigint }): Json {
  return {
    guild_id: guild.id,
    guild: { id: guild.id, locale: guild.locale, features: [] },
    guild_locale: guild.locale,
    member: { ...memberJson(guild, user), permissions: permissions.toString() },
  }
}
