// /team mode and /team providers: what holds for the team's jobs.
import { jobMode } from '../../core/jobs/job.ts'
import { nearestWord } from '../../core/market/nearestWord.ts'
import { changeTeam } from '../../core/teams/changeTeam.ts'
import type { Team } from '../../core/teams/team.ts'
import { safeName } from '../chat/safeText.ts'
import type { BotApp } from './app.ts'
import type { TeamWords } from './manageTeam.ts'

export async function setMode({ app, event, team, rest }: TeamWords): Promise<string> {
  const mode = jobMode.safeParse(rest.trim().toLowerCase())
  const changed = await changeTeam({
    teams: app.context.teams,
    id: team.id,
    by: event.principal,
    change: (now) =>
      mode.success ? withMode(now, mode.data) : 'Say /team mode tracked, or /team mode untracked. Nothing was changed.',
  })
  return changed.ok ? modeText(changed.team) : changed.why
}

export const withMode = (team: Team, defaultMode: Team['defaultMode']): Team | string =>
  team.defaultMode === defaultMode ? 'It is so already.' : { ...team, defaultMode }

export const modeText = ({ defaultMode }: Team): string =>
  defaultMode === 'tracked'
    ? 'Jobs of this team are Tracked from now on, unless the ask says untracked: the team sees who spent what.'
    : 'Jobs of this team are Untracked from now on, unless the ask says tracked: nobody is named, and their cost counts nowhere.'

/** ACCESS-01: the whitelist. */
export async function setProviders({ app, event, team, rest }: TeamWords): Promise<string> {
  const read = readProviders(app, rest)
  const changed = await changeTeam({
    teams: app.context.teams,
    id: team.id,
    by: event.principal,
    change(now) {
      if (typeof read === 'string') return read
      const { providers: _, ...open } = now
      return read.length === app.providers.length ? open : { ...open, providers: read }
    },
  })
  if (!changed.ok) return changed.why
  const { providers } = changed.team
  return providers
    ? `From now on jobs of this team look at ${providers.join(', ')} alone. Jobs that stand already keep what they have.`
    : 'From now on jobs of this team look at every provider.'
}

/** Ids in the order of the market, or why not. */
function readProviders({ providers }: BotApp, text: string): string[] | string {
  const known = providers.map(({ id }) => id)
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)
  if (words.length === 0)
    return `Which? For example /team providers ${known.slice(0, 2).join(',')}, or all. Known are ${known.join(', ')}.`
  if (words.length === 1 && words[0] === 'all') return known
  const wrong = words.find((word) => !known.includes(word))
  if (wrong === undefined) return known.filter((id) => words.includes(id))
  const near = nearestWord(wrong, known)
  return `There is no provider "${safeName(wrong)}". Nothing was changed. ${near ? `Did you mean ${near}?` : `Known are ${known.join(', ')}.`}`
}
