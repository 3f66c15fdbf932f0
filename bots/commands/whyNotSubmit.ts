// Why somebody may not submit for a team; the same for a command, a form and a button.
import { chatKey, may, type Team } from '../../core/teams/team.ts'
import type { Place, Principal } from '../chat/inbound.ts'
import type { BotApp } from './app.ts'
import { suspendedText } from './suspendedHere.ts'
import { isIn } from './teamOf.ts'

/** Undefined: they may. `place` is where it is asked now: who speaks in the team's own group is in it. */
export async function whyNotSubmit(
  app: BotApp,
  team: Team,
  { place, principal }: { place: Place; principal: Principal },
): Promise<string | undefined> {
  if (team.isSuspended) return suspendedText(team.title)
  if (!may(team, principal, 'submit'))
    return `You may read in ${team.title}, not submit. Nothing was started and no money moved. Ask one of its admins.`
  const isThere = chatKey(place) === chatKey(team.place) || (await isIn(app, team, principal))
  return isThere
    ? undefined
    : `You are not in ${team.title} any more. Nothing was started and no money moved. Send /job here for a job of your own.`
}
