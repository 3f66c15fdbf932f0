// Changes to a team: only by its admins as they are at the moment of the write.
import type { Collection } from '../store/store.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { hasAdmin, type NamedPerson, withRole } from './roles.ts'
import { may, type Person, type Team } from './team.ts'

export type Changed = { readonly ok: true; readonly team: Team } | { readonly ok: false; readonly why: string }

/** ACCESS-01: changes the team if `by` is one of its admins; `change` answers why when it must not be changed so. */
export async function changeTeam(options: {
  teams: Collection<Team>
  id: string
  by: Person
  change(team: Team): Team | string
}): Promise<Changed> {
  const { teams, id, by, change } = options
  let why = 'This team is not known any more. Nothing was changed.'
  const stored = await updateDocument({
    collection: teams,
    id,
    change(team) {
      const changed = may(team, by, 'manage') ? change(team) : notAdmin(team)
      if (typeof changed !== 'string') return changed
      why = changed
      return undefined
    },
  })
  return stored ? { ok: true, team: stored.value } : { ok: false, why }
}

const notAdmin = (team: Team): string =>
  hasAdmin(team)
    ? 'Only an admin of this team may do this. Nothing was changed.'
    : 'This team has no admin yet: whoever created this group becomes the first by sending /team. Nothing was changed.'

/** The chat's creator becomes the first admin, where there is none yet; the chat vouches for nobody later. */
export async function becomeFirstAdmin(options: {
  teams: Collection<Team>
  id: string
  creator: NamedPerson
}): Promise<Team | undefined> {
  const { teams, id, creator } = options
  const stored = await updateDocument({
    collection: teams,
    id,
    change(team) {
      const changed = hasAdmin(team) ? team : withRole(team, creator, 'admin')
      return typeof changed === 'string' || changed === team ? undefined : changed
    },
  })
  return stored?.value
}
