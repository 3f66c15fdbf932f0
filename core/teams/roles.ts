// Who has which role in a team: pure changes, each of them refused where it would leave the team without an admin.
import { memberKey, type Person, type Role, type Team } from './team.ts'

export type NamedPerson = Person & { readonly label: string }

const adminsOf = (team: Team): string[] => Object.keys(team.roles).filter((key) => team.roles[key] === 'admin')
export const hasAdmin = (team: Team): boolean => adminsOf(team).length > 0

/** Own properties only: "constructor" is nobody's role. */
export const roleOf = (team: Team, person: Person): Role | undefined =>
  Object.hasOwn(team.roles, memberKey(person)) ? team.roles[memberKey(person)] : undefined

const isLastAdmin = (team: Team, person: Person): boolean =>
  roleOf(team, person) === 'admin' && adminsOf(team).length === 1

const LAST_ADMIN = 'That is the last admin of this team. Make somebody else an admin first; nothing was changed.'

/** The team with this role given, or why not. */
export function withRole(team: Team, person: NamedPerson, role: Role): Team | string {
  if (role !== 'admin' && isLastAdmin(team, person)) return LAST_ADMIN
  const key = memberKey(person)
  return { ...team, roles: { ...team.roles, [key]: role }, names: { ...team.names, [key]: person.label } }
}

/** The team with nobody named there any more, or why not. */
export function withoutRole(team: Team, person: Person): Team | string {
  if (isLastAdmin(team, person)) return LAST_ADMIN
  const key = memberKey(person)
  const { [key]: _, ...roles } = team.roles
  const { [key]: __, ...names } = team.names ?? {}
  return { ...team, roles, names }
}

/** The team with the person's name as it is now; undefined: nothing to change. */
export function withSeenName(team: Team, person: NamedPerson): Team | undefined {
  const key = memberKey(person)
  if (!roleOf(team, person) || team.names?.[key] === person.label) return undefined
  return { ...team, names: { ...team.names, [key]: person.label } }
}
