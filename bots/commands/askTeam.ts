// Whose a new job is: the team and the mode, or why this person may not ask for it there.
import type { JobMode } from '../../core/jobs/job.ts'
import type { Ask } from '../../core/market/ask.ts'
import { onlyForbidden } from '../../core/teams/allowedProviders.ts'
import type { Team } from '../../core/teams/team.ts'
import type { Place, Principal } from '../chat/inbound.ts'
import type { BotApp } from './app.ts'
import { workTeam } from './teamOf.ts'
import { whyNotSubmit } from './whyNotSubmit.ts'

export type AskTeam =
  | { readonly ok: true; readonly team: Team | undefined; readonly mode: JobMode }
  | { readonly ok: false; readonly why: string }

/** ACCESS-01..04 for an ask; `asked` is what was read of it so far. */
export async function askTeam(
  app: BotApp,
  event: { place: Place; principal: Principal },
  asked: { readonly ask?: Ask; readonly mode?: JobMode | undefined },
): Promise<AskTeam> {
  const own = await workTeam(app, event)
  const mode = asked.mode ?? own?.defaultMode ?? 'untracked'
  // In private an Untracked job is nobody's, whatever team is in use.
  const team = event.place.isPrivate && mode === 'untracked' ? undefined : own
  const whyNot = team && (await whyNotSubmit(app, team, event))
  if (whyNot) {
    const elsewhere = event.place.isPrivate ? 'Or send /team use none to leave it out of this.' : ''
    return { ok: false, why: `${whyNot} ${elsewhere}`.trim() }
  }
  const forbidden = team && asked.ask && onlyForbidden(team, asked.ask)
  return forbidden ? { ok: false, why: forbidden } : { ok: true, team, mode }
}
