// The same ask again, as a new job with a record of its own: for quotes that ran out.
import { requestJob } from '../../core/jobs/requestJob.ts'
import { onlyForbidden } from '../../core/teams/allowedProviders.ts'
import type { ActionEvent, BotApp } from './app.ts'
import { openJob } from './openJob.ts'
import { SCANS_USED_UP } from './scanLimit.ts'

/** Answers the toast. */
export async function rescan(app: BotApp, ref: string, event: ActionEvent): Promise<string> {
  const old = (await app.context.jobs.get(ref))?.value
  if (!old) return 'This job is not known any more. Send /job again.'
  const team = old.teamId === undefined ? undefined : (await app.context.teams.get(old.teamId))?.value
  const forbidden = team && onlyForbidden(team, old.ask)
  if (forbidden) return forbidden
  if (!app.scanLimit.take(event.principal)) return SCANS_USED_UP
  const { job, session } = await requestJob({
    context: app.context,
    requestKey: event.key,
    ask: old.ask,
    workload: old.workload?.value,
    mode: old.mode,
    principal: { platform: event.principal.platform, userId: event.principal.userId, label: event.principal.label },
    place: { ...event.place },
    teamId: old.teamId,
    providers: app.providers,
  })
  if (!session.message) await openJob({ app, job, place: event.place })
  return `Scanning again, as ${job.ref}.`
}
