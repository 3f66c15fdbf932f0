// The registered slash commands, global and per guild; a bulk overwrite keeps the ids of names it has.
import type { Json } from './json.ts'

export interface Commands {
  /** Replaces all commands of a guild, or the global ones; returns them as Discord echoes them. */
  overwrite(commands: readonly Json[], guildId?: string): readonly Json[]
  list(guildId?: string): readonly Json[]
  /** The command of this name that a guild shows: its own before the global one; undefined = a DM. */
  find(name: string, guildId: string | undefined): Json | undefined
}

/** No commands yet. */
export function createCommands({ newId, applicationId }: { newId: () => string; applicationId: string }): Commands {
  const scopes = new Map<string, readonly Json[]>()
  const list = (guildId = '') => scopes.get(guildId) ?? []
  return {
    overwrite(commands, guildId = '') {
      const before = list(guildId)
      const stored = commands.map((command) => ({
        type: 1,
        nsfw: false,
        default_member_permissions: null,
        name_localizations: null,
        description_localizations: null,
        integration_types: [0],
        contexts: guildId === '' ? [0, 1] : null,
        ...command,
        id: before.find(({ name }) => name === command.name)?.id ?? newId(),
        application_id: applicationId,
        ...(guildId === '' ? {} : { guild_id: guildId }),
        version: newId(),
      }))
      scopes.set(guildId, stored)
      return stored
    },
    list,
    find: (name, guildId) =>
      (guildId === undefined ? [] : list(guildId)).find((command) => command.name === name) ??
      list().find((command) => command.name === name),
  }
}
