// The group's team as its commands need it: the first admin named, a suspended team opened again, names as they are now.

import { updateDocument } from '../../core/store/updateDocument.ts'
import { becomeFirstAdmin } from '../../core/teams/changeTeam.ts'
import { hasAdmin, withSeenName } from '../../core/teams/roles.ts'
import { may, type Team } from '../../core/teams/team.ts'
import type { Place, Principal } from '../chat/inbound.ts'
import type { BotApp, CommandEvent } from './app.ts'
import { teamOf } from './teamOf.ts'

export interface GroupTeam {
  readonly team: Team
  /** What happened to it by being asked for, for the group. */
  readonly news: readonly string[]
}

/** What a word of /team is given. */
export interface TeamWords {
  readonly app: BotApp
  readonly event: CommandEvent
  readonly team: Team
  /** What followed the word. */
  readonly rest: string
}

/** Undefined in a private chat. */
export async function groupTeam(
  app: BotApp,
  { place, principal }: { place: Place; principal: Principal },
): Promise<GroupTeam | undefined> {
  let team = await teamOf(app, place)
  if (!team) return undefined
  const news: string[] = []
  const { teams } = app.context
  if (!hasAdmin(team) && (await app.chat.isCreator(place, principal))) {
    const { platform, userId, label } = principal
    const named = await becomeFirstAdmin({ teams, id: team.id, creator: { platform, userId, label } })
    if (named) news.push(`${label} created this group and is the first admin of its team.`)
    team = named ?? team
  }
  if (team.isSuspended && may(team, principal, 'manage')) {
    const opened = await updateDocument({ collection: teams, id: team.id, change: open })
    if (opened) news.push('The team is open again.')
    team = opened?.value ?? team
  }
  const seen = await updateDocument({
    collection: teams,
    id: team.id,
    change(now) {
      const named = withSeenName(now, principal)
      return now.title === place.title ? named : { ...(named ?? now), title: place.title }
    },
  })
  return { team: seen?.value ?? team, news }
}

const open = ({ isSuspended: _, ...team }: Team): Team => team
