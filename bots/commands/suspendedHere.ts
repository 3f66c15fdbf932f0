// A suspended team: what its group is told instead of an answer.
import { chatKey, may, type Person, type Team, teamOfChat } from '../../core/teams/team.ts'
import type { BotApp, CommandEvent } from './app.ts'

// These say what to do about it, or have nothing to do with the team.
const ALWAYS: ReadonlySet<string> = new Set(['team', 'about', 'help', 'start'])

export const suspendedText = (title: string): string =>
  `I was removed from ${title} once, so its team is suspended: nothing is started and nothing is posted there. One of its admins opens it again by sending /team in the group.`

/** Why somebody may not read a team's log and spend; undefined when they may. */
export function mayNotRead(team: Team, person: Person): string | undefined {
  if (team.isSuspended) return suspendedText(team.title)
  return may(team, person, 'read') ? undefined : 'Not yours to read.'
}

/** Undefined where the command may be answered. */
export async function suspendedHere(app: BotApp, { place, name }: CommandEvent): Promise<string | undefined> {
  if (place.isPrivate || ALWAYS.has(name)) return undefined
  const team = await teamOfChat(app.context.teams, chatKey(place))
  return team?.isSuspended ? suspendedText(team.title) : undefined
}
