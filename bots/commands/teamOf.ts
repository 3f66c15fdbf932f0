// The team of a group chat, on Discord of the whole server; a private chat has none but the one its person picked.
import { createLinkToken } from '../../core/ids.ts'
import { roleOf } from '../../core/teams/roles.ts'
import { chatKey, ensureTeam, memberKey, type Team } from '../../core/teams/team.ts'
import { type Place, type Principal, placeSchema } from '../chat/inbound.ts'
import type { BotApp } from './app.ts'

/** Made the first time the group is used; nobody is named in it until an admin names somebody. */
export async function teamOf(app: BotApp, place: Place): Promise<Team | undefined> {
  if (place.isPrivate) return undefined
  const { context } = app
  return ensureTeam({
    teams: context.teams,
    team: {
      id: chatKey(place),
      title: place.title,
      place: { ...place },
      roles: {},
      defaultMode: 'tracked',
      auditToken: createLinkToken(context.random),
      createdAtMs: context.clock.now(),
    },
  })
}

/** The team that the person's private commands are for, while the person is in it. */
export async function teamInUse(app: BotApp, person: Principal): Promise<Team | undefined> {
  const choice = (await app.teamChoices.get(memberKey(person)))?.value
  const team = choice && (await app.context.teams.get(choice.teamId))?.value
  return team && (await isIn(app, team, person)) ? team : undefined
}

/** Named by an admin, or in its group at this moment: whoever was shown the door there is out here too. */
export async function isIn(app: BotApp, team: Team, person: Principal): Promise<boolean> {
  if (roleOf(team, person)) return true
  const place = placeSchema.parse(team.place)
  return place.platform === person.platform && (await app.chat.isMember(place, person))
}

/** In a group its team; in private the one in use. */
export const workTeam = (app: BotApp, event: { place: Place; principal: Principal }): Promise<Team | undefined> =>
  event.place.isPrivate ? teamInUse(app, event.principal) : teamOf(app, event.place)
