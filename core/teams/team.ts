// A team: a group chat and its members' roles; a private chat is no team.
import { z } from 'zod'
import { chatWords, instantMs } from '../codecs.ts'
import { jobMode } from '../jobs/job.ts'
import type { Collection, CollectionDefinition } from '../store/store.ts'
import { reportScheduleSchema } from './reportSchedule.ts'

export const roleSchema = z.enum(['admin', 'user', 'viewer'])
export type Role = z.output<typeof roleSchema>

export const teamSchema = z.strictObject({
  /** `<platform>:<chat id>` of the chat it began in; it stays when that chat gets another id. */
  id: z.string(),
  title: z.string(),
  /** Where reports go and whose team it is; the chat's own words, which core does not read but for `chatKey`. */
  place: chatWords,
  /** By `<platform>:<numeric id>`; whoever is not named is a user. */
  roles: z.record(z.string(), roleSchema),
  /** What those with a role were called when they were last seen. Never a key: names can be taken. */
  names: z.record(z.string(), z.string()).optional(),
  defaultMode: jobMode,
  /** The providers that may be scanned for it; all when missing. */
  providers: z.array(z.string()).min(1).optional(),
  /** The bot was removed from the group, and no admin has said since that it may go on. */
  isSuspended: z.boolean().optional(),
  /** When its spend is reported; never when missing. */
  report: reportScheduleSchema.optional(),
  /** The capability in the audit page's address. */
  auditToken: z.string(),
  createdAtMs: instantMs,
})
export type Team = z.output<typeof teamSchema>

export const teams: CollectionDefinition<Team> = {
  name: 'teams',
  schema: teamSchema,
  indexes: { audit: (team) => [team.auditToken], chat: ({ place }) => [chatKey(place)] },
}

/** What a team is found by: `<platform>:<group, or the server that its channel is in>`. */
export const chatKey = ({ platform, spaceId, chatId }: Team['place']): string => `${platform}:${spaceId ?? chatId}`

export interface Person {
  readonly platform: string
  readonly userId: string
}

/** The key roles hang on; never a name, which anybody can take. */
export const memberKey = (person: Person): string => `${person.platform}:${person.userId}`

/** The team of a chat, by `chatKey`. */
export async function teamOfChat(teams: Collection<Team>, chat: string): Promise<Team | undefined> {
  const here = await teams.list({ index: 'chat', key: chat })
  // Two stand for one chat only while the one is being joined to the other: the older one stays.
  const [oldest] = here.map(({ value }) => value).sort((a, b) => a.createdAtMs - b.createdAtMs)
  return oldest
}

/** The team of a group chat, made the first time it is needed. */
export async function ensureTeam(options: { teams: Collection<Team>; team: Team }): Promise<Team> {
  const { teams, team } = options
  const known = (await teamOfChat(teams, team.id)) ?? (await teams.get(team.id))?.value
  return known ?? ((await teams.insert(team.id, team)) ?? (await teams.get(team.id)))?.value ?? team
}

const MAY: Record<Role, readonly string[]> = {
  admin: ['submit', 'read', 'manage'],
  user: ['submit', 'read'],
  viewer: ['read'],
}

/** ACCESS-01..04: whether a person may do something in a team; the only place where this is decided. */
export function may(team: Team, person: Person, what: 'submit' | 'read' | 'manage'): boolean {
  // Managing is how an admin opens a suspended team again.
  if (team.isSuspended && what !== 'manage') return false
  return MAY[team.roles[memberKey(person)] ?? 'user'].includes(what)
}
