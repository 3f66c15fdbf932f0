// The team of a group chat, on Discord of the whole server; a private chat has none.
import { createLinkToken } from '../../core/ids.ts'
import { ensureTeam, type Team } from '../../core/teams/team.ts'
import type { Place } from '../chat/inbound.ts'
import type { BotApp } from './app.ts'

/** Made the first time the group is used; nobody is named in it until an admin names somebody. */
export async function teamOf(app: BotApp, place: Place): Promise<Team | undefined> {
  if (place.isPrivate) return undefined
  const { context } = app
  return ensureTeam({
    teams: context.teams,
    team: {
      id: `${place.platform}:${place.spaceId ?? place.chatId}`,
      title: place.title,
      place: { ...place },
      roles: {},
      defaultMode: 'tracked',
      auditToken: createLinkToken(context.random),
      createdAtMs: context.clock.now(),
    },
  })
}
