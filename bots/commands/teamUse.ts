// /team use: which team somebody's private commands are for; and which teams that can be.
import { roleOf } from '../../core/teams/roles.ts'
import { memberKey, type Person, type Team } from '../../core/teams/team.ts'
import { safeName } from '../chat/safeText.ts'
import type { View } from '../chat/view.ts'
import { ownTeamsView } from '../views/teamView.ts'
import type { BotApp, CommandEvent } from './app.ts'
import type { TeamWords } from './manageTeam.ts'
import { isIn, teamInUse } from './teamOf.ts'

const USING = 'Your private /job is Tracked for it unless you say untracked; an Untracked one stays nobody’s.'

/** In the group itself: whoever speaks there is in it. */
export async function useHere({ app, event, team, rest }: TeamWords): Promise<string> {
  if (rest.trim() !== '')
    return 'In the group say /team use alone: it picks this team. Others are picked in our private chat.'
  await choose(app, event.principal, team)
  return `${event.principal.label}, your private commands are for ${team.title} now.`
}

/** In private: by title or id, among the teams that the person is in. */
export async function chooseTeam(app: BotApp, event: CommandEvent, text: string): Promise<string> {
  const wanted = text.trim().toLowerCase()
  if (wanted === 'none') {
    await forgetChoice(app, event.principal)
    return 'Your private commands are for no team now.'
  }
  const own = await teamsOf(app, event)
  const found = own.filter(({ id, title }) => [id.toLowerCase(), title.toLowerCase()].includes(wanted))
  const [team, other] = found
  const list = own.map(({ id, title }) => `${title} (${id})`).join(', ')
  if (other) return `There are two teams of yours called so. Use the id: ${list}. Nothing was changed.`
  if (!team) {
    const yours =
      own.length > 0 ? `Yours: ${list}.` : 'Send /team use in the team’s group once; then it is known here too.'
    return `${wanted === '' ? 'Which team?' : `You are in no team called "${safeName(text)}".`} Nothing was changed. ${yours}`
  }
  await choose(app, event.principal, team)
  return `Your private commands are for ${team.title} now. ${USING}`
}

export async function stopUsing(app: BotApp, event: CommandEvent): Promise<string> {
  const team = await teamInUse(app, event.principal)
  await forgetChoice(app, event.principal)
  return `Your private commands are for no team now. ${team ? `To give up a role, send /team leave in the group of ${team.title}.` : ''}`.trim()
}

/** In private: the teams of this person. */
export async function ownTeams(app: BotApp, event: CommandEvent): Promise<View> {
  const { principal } = event
  const teams = await teamsOf(app, event)
  const used = await teamInUse(app, principal)
  return ownTeamsView({ teams: teams.map((team) => ({ team, role: roleOf(team, principal) })), usedId: used?.id })
}

/** Those that name the person, those the person has Tracked jobs in, and the one in use; each only while they are in it. */
export async function teamsOf(app: BotApp, { principal }: CommandEvent): Promise<Team[]> {
  const { context } = app
  const jobs = await context.jobs.list({ index: 'user', key: memberKey(principal) })
  const used = await teamInUse(app, principal)
  const met = new Set([used?.id, ...jobs.map(({ value }) => value.teamId)])
  const all = (await context.teams.list()).map(({ value }) => value)
  const likely = all.filter((team) => roleOf(team, principal) || met.has(team.id))
  const sure = await Promise.all(likely.map(async (team) => ((await isIn(app, team, principal)) ? [team] : [])))
  return sure.flat()
}

async function choose(app: BotApp, person: Person, team: Team): Promise<void> {
  const id = memberKey(person)
  while (!(await app.teamChoices.insert(id, { teamId: team.id }))) {
    const doc = await app.teamChoices.get(id)
    if (doc && (await app.teamChoices.put(doc, { teamId: team.id }))) return
  }
}

/** With a team: only if that is the one in use. */
export async function forgetChoice(app: BotApp, person: Person, team?: Team): Promise<void> {
  const doc = await app.teamChoices.get(memberKey(person))
  if (doc && (!team || doc.value.teamId === team.id)) await app.teamChoices.remove(doc)
}
