// Whose an open job is after its mode changed in a private chat: Tracked it is the team's in use, Untracked nobody's.
import type { JobMode } from '../../core/jobs/job.ts'
import { isAllowed } from '../../core/teams/allowedProviders.ts'
import { may } from '../../core/teams/team.ts'
import type { ActionEvent, BotApp } from './app.ts'
import { teamInUse } from './teamOf.ts'

export type TeamForMode =
  | { readonly ok: true; readonly team?: { readonly id: string | undefined } }
  | { readonly ok: false; readonly why: string }

export async function teamForMode(
  app: BotApp,
  { ref, mode, event }: { ref: string; mode: JobMode; event: ActionEvent },
): Promise<TeamForMode> {
  if (!event.place.isPrivate) return { ok: true }
  if (mode === 'untracked') return { ok: true, team: { id: undefined } }
  const job = (await app.context.jobs.get(ref))?.value
  const team = job && job.teamId === undefined ? await teamInUse(app, event.principal) : undefined
  if (!job || !team || !may(team, event.principal, 'submit')) return { ok: true }
  // Its offers were looked for as nobody's job, so some may come from where this team may not rent.
  if (job.scan.some(({ id }) => !isAllowed(team, id))) {
    return {
      ok: false,
      why: `It was scanned beyond the providers that ${team.title} allows, so it stays Untracked. Send the command again with the word tracked.`,
    }
  }
  return { ok: true, team: { id: team.id } }
}
