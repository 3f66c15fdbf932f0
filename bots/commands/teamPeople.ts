// /team admin, user, viewer, remove, invite, leave: who has which role.
import { NectoError } from '../../core/errors.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { changeTeam } from '../../core/teams/changeTeam.ts'
import { makeClaim } from '../../core/teams/claim.ts'
import { roleOf, withoutRole, withRole } from '../../core/teams/roles.ts'
import { may, type Role, roleSchema, type Team } from '../../core/teams/team.ts'
import type { Principal } from '../chat/inbound.ts'
import { safeName } from '../chat/safeText.ts'
import { inviteView } from '../views/teamView.ts'
import type { BotApp, CommandEvent } from './app.ts'
import type { TeamWords } from './manageTeam.ts'
import { forgetChoice } from './teamUse.ts'

export const A_ROLE: Record<Role, string> = { admin: 'an admin', user: 'a user', viewer: 'a viewer' }
const MAY_NOW: Record<Role, string> = {
  admin: 'may submit, read and manage this team',
  user: 'may submit and read',
  viewer: 'may read, not submit',
}

const whom = (word: string): string =>
  `Whom? Reply to one of their messages with /team ${word}, or pick them with Telegram’s own mention of somebody without a username; on Discord fill in "person". A bot cannot look up an @name. Nothing was changed.`

/** The person meant, as roles know people. */
function personOf({ about, principal }: CommandEvent) {
  return about && { platform: principal.platform, userId: about.userId, label: safeName(about.label) }
}

/** ACCESS-01 */
export async function setRole({ app, event, team }: TeamWords, role: Role): Promise<string> {
  const person = personOf(event)
  const { teams } = app.context
  const changed = await changeTeam({
    teams,
    id: team.id,
    by: event.principal,
    change: (now) => (person ? withRole(now, person, role) : whom(role)),
  })
  if (!changed.ok || !person) return changed.ok ? whom(role) : changed.why
  return `${person.label} is ${A_ROLE[role]} of this team now: ${MAY_NOW[role]}.`
}

export async function remove({ app, event, team }: TeamWords): Promise<string> {
  const person = personOf(event)
  const { teams } = app.context
  const changed = await changeTeam({
    teams,
    id: team.id,
    by: event.principal,
    change(now) {
      if (!person) return whom('remove')
      return roleOf(now, person) ? withoutRole(now, person) : `${person.label} has no role of their own here.`
    },
  })
  if (!changed.ok || !person) return changed.ok ? whom('remove') : changed.why
  await forgetChoice(app, person, team)
  return `${person.label} has no role of their own any more and counts as everybody in this group: ${MAY_NOW.user}. Who shall only read is a viewer.`
}

/** Gives up one's own role. A viewer stays one, or leaving would be a way to be allowed more. */
export async function leave({ app, event, team }: TeamWords): Promise<string> {
  const { principal } = event
  let why = 'You have no role of your own here, so there is nothing to give up.'
  const stored = await updateDocument({
    collection: app.context.teams,
    id: team.id,
    change(now) {
      const role = roleOf(now, principal)
      if (!role) return undefined
      const changed =
        role === 'viewer' ? 'Only an admin can take the role of viewer from you.' : withoutRole(now, principal)
      if (typeof changed !== 'string') return changed
      why = changed
      return undefined
    },
  })
  await forgetChoice(app, principal, team)
  return stored ? `${principal.label} gave up the role in this team.` : why
}

export async function invite({ app, event, team, rest }: TeamWords): Promise<string> {
  const role = roleSchema.safeParse(rest.trim().toLowerCase())
  if (!role.success) return 'Invite as what? Say /team invite user, or admin, or viewer.'
  return sendInvite(app, { team, role: role.data, by: event.principal })
}

/** Makes a claim link and hands it to the admin alone; answers what to say where it was asked for. */
export async function sendInvite(
  app: BotApp,
  { team, role, by }: { team: Team; role: Role; by: Principal },
): Promise<string> {
  if (!may(team, by, 'manage')) return 'Only an admin of this team may invite. Nothing was changed.'
  const { clock, random } = app.context
  const nowMs = clock.now()
  const code = await makeClaim({ claims: app.claims, teamId: team.id, role, madeBy: by, nowMs, random })
  const link = app.chat.startUrl(by.platform, `claim_${code}`)
  try {
    await app.live.post(app.chat.privatePlace(by), inviteView({ team, role, link, code, nowMs }), { urgent: true })
  } catch (error) {
    if (!(error instanceof NectoError) || error.code !== 'chat.unreachable') throw error
    const made = await app.claims.get(code)
    if (made) await app.claims.remove(made)
    return `Invitations go to a private chat, and we have none yet. Open ${app.chat.startUrl(by.platform, 'team')}, write to me there, and send this again. Nothing was changed.`
  }
  return `The invitation is in our private chat, ${by.label}.`
}
