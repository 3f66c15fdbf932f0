// ACCESS-01: which providers a team's jobs may be scanned at, as its admins chose.
import type { ProviderProgress } from '../jobs/job.ts'
import type { Ask } from '../market/ask.ts'
import type { Team } from './team.ts'

export const isAllowed = (team: Team | undefined, providerId: string): boolean =>
  team?.providers === undefined || team.providers.includes(providerId)

/** Why a provider is left out of a scan, for people. */
const leftOutNote = (team: Team): string => `your team allows ${(team.providers ?? []).join(', ')}`

/** A scan before its first answer, with what is left out of it. */
export const firstProgress = (
  team: Team | undefined,
  providers: readonly { readonly id: string; readonly name: string }[],
): ProviderProgress[] =>
  providers.map(({ id, name }) =>
    team && !isAllowed(team, id)
      ? { id, name, state: 'skipped', note: leftOutNote(team) }
      : { id, name, state: 'scanning' },
  )

/** Why nothing could come of an ask that names providers alone; undefined: something may. */
export function onlyForbidden(team: Team, { onlyProviders = [] }: Pick<Ask, 'onlyProviders'>): string | undefined {
  if (onlyProviders.length === 0 || onlyProviders.some((id) => isAllowed(team, id))) return undefined
  return `You asked for ${onlyProviders.join(', ')} alone; ${leftOutNote(team)}. Nothing was started and no money moved. An admin may change it: /team providers`
}
