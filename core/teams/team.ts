// A team: a group chat and its members' roles; a private chat is no team.
import { z } from 'zod'
import { chatWords, instantMs } from '../codecs.ts'
import { jobMode } from '../jobs/job.ts'
import type { Collection, CollectionDefinition } from '../store/store.ts'

export const roleSchema = z.enum(['admin', 'user', 'viewer'])
export type Role = z.output<typeof roleSchema>

export const teamSchema = z.strictObject({
  /** `<platform>:<chat id>`. */
  id: z.string(),
  title: z.string(),
  /** Where reports go; the chat's own words, which core does not read. */
  place: chatWords,
  /** By `<platform>:<numeric id>`; whoever is not named is a user. */
  roles: z.record(z.string(), roleSchema),
  defaultMode: jobMode,
  /** The capability in the audit page's address. */
  auditToken: z.string(),
  createdAtMs: instantMs,
})
export type Team = z.output<typeof teamSchema>

export const teams: CollectionDefinition<Team> = {
  name: 'teams',
  schema: teamSchema,
  indexes: { audit: (team) => [team.auditToken] },
}

/** The key roles hang on; never a name, which anybody can take. */
export const memberKey = (person: { platform: string; userId: string }): string => `${person.platform}:${person.userId}`

/** The team of a group chat, made the first time it is needed. */
export async function ensureTeam(options: { teams: Collection<Team>; team: Team }): Promise<Team> {
  const stored =
    (await options.teams.get(options.team.id)) ?? (await options.teams.insert(options.team.id, options.team))
  return (stored ?? (await options.teams.get(options.team.id)))?.value ?? options.team
}

const MAY: Record<Role, readonly string[]> = {
  admin: ['submit', 'read', 'manage'],
  user: ['submit', 'read'],
  viewer: ['read'],
}

/** ACCESS-01..04: whether a person may do something in a team; the only place where this is decided. */
export function may(
  team: Team,
  person: { platform: string; userId: string },
  what: 'submit' | 'read' | 'manage',
): boolean {
  return MAY[team.roles[memberKey(person)] ?? 'user'].includes(what)
}
