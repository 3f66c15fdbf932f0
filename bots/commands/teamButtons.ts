// The message that shows a team, and its admins' buttons.
import { changeTeam } from '../../core/teams/changeTeam.ts'
import { may, roleSchema, type Team } from '../../core/teams/team.ts'
import type { Action } from '../chat/actions.ts'
import type { Place, Principal } from '../chat/inbound.ts'
import { type Button, textView, type View } from '../chat/view.ts'
import { teamView } from '../views/teamView.ts'
import type { ActionEvent, BotApp } from './app.ts'
import { type GroupTeam, groupTeam } from './manageTeam.ts'
import { sendInvite } from './teamPeople.ts'
import { modeText, withMode } from './teamSettings.ts'

const BUTTONS_MS = 24 * 3_600_000

type Press = (app: BotApp, action: Action, event: ActionEvent) => Promise<string>

/** The team for whoever asked; only an admin gets buttons. */
export async function teamMessage(
  app: BotApp,
  { place, principal }: { place: Place; principal: Principal },
  { team, news }: GroupTeam,
): Promise<View> {
  const isAdmin = may(team, principal, 'manage')
  return teamView({ team, news, isAdmin, buttons: isAdmin ? await buttons(app, { team, place, principal }) : [] })
}

async function buttons(
  app: BotApp,
  { team, place, principal }: { team: Team; place: Place; principal: Principal },
): Promise<Button[][]> {
  const token = (action: string, data: Record<string, string>) =>
    app.actions.issue({
      action,
      subject: `team:${team.id}`,
      data,
      allowed: { kind: 'user', platform: principal.platform, userId: principal.userId },
      place,
      expiresAtMs: app.context.clock.now() + BUTTONS_MS,
    })
  const other = team.defaultMode === 'tracked' ? 'untracked' : 'tracked'
  return [
    [
      {
        label: other === 'tracked' ? 'Make jobs Tracked' : 'Make jobs Untracked',
        token: await token('team.mode', { mode: other }),
      },
    ],
    [
      { label: 'Invite a user', token: await token('team.invite', { role: 'user' }) },
      { label: 'Invite a viewer', token: await token('team.invite', { role: 'viewer' }) },
    ],
  ]
}

/** What these buttons do; whether the person is still an admin is looked up at the press. */
export const TEAM_PRESSES: Readonly<Record<string, Press>> = {
  'team.mode': async (app, action, event) => {
    const group = await groupTeam(app, event)
    if (!group) return 'This button belongs to a group.'
    const mode = action.data.mode === 'untracked' ? 'untracked' : 'tracked'
    const changed = await changeTeam({
      teams: app.context.teams,
      id: group.team.id,
      by: event.principal,
      change: (now) => withMode(now, mode),
    })
    if (!changed.ok) return changed.why
    app.live.update(event.message, await teamMessage(app, event, { team: changed.team, news: [] }))
    await app.live.post(event.place, textView(modeText(changed.team)), { urgent: true })
    return 'Changed.'
  },
  'team.invite': async (app, action, event) => {
    const group = await groupTeam(app, event)
    const role = roleSchema.safeParse(action.data.role)
    if (!group || !role.success) return 'This button belongs to a group.'
    return sendInvite(app, { team: group.team, role: role.data, by: event.principal })
  },
}
