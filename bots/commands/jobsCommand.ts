// /jobs: in private one's own jobs, in a group the team's Tracked ones.
import type { Job } from '../../core/jobs/job.ts'
import { may, memberKey, type Team } from '../../core/teams/team.ts'
import type { Principal } from '../chat/inbound.ts'
import { textView } from '../chat/view.ts'
import { JOBS_PER_PAGE, jobsView } from '../views/jobsView.ts'
import { type BotApp, type Command, reply } from './app.ts'
import { teamOf } from './teamOf.ts'

export const jobsCommand: Command = {
  name: 'jobs',
  summary: 'Your jobs; in a group the team’s Tracked ones',
  usage: '/jobs',
  where: 'anywhere',
  async run(app, event) {
    const team = await teamOf(app, event.place)
    if (team && !may(team, event.principal, 'read')) return reply(app, event, textView('Not yours to read.'))
    const jobs = (team ? await teamJobs(app, team, event.principal) : await ownJobs(app, event.principal)).sort(
      (a, b) => b.askedAtMs - a.askedAtMs,
    )
    if (jobs.length === 0) {
      const none = team ? 'No Tracked job was asked for in this group yet.' : 'You have no jobs here.'
      return reply(app, event, textView(`${none} /job h100 x1 4h begins one. ${team ? '' : FORGOTTEN}`.trim()))
    }
    const page = /^\d{1,4}$/.test(event.text.trim()) ? Math.max(1, Number(event.text)) : 1
    await reply(
      app,
      event,
      jobsView({
        title: team ? 'The team’s Tracked jobs' : 'Your jobs',
        jobs,
        page: Math.min(page, Math.ceil(jobs.length / JOBS_PER_PAGE)),
        nowMs: app.context.clock.now(),
        ...(team ? { auditUrl: `${app.publicUrl}/audit/${team.auditToken}` } : { note: FORGOTTEN }),
      }),
    )
  },
}

const FORGOTTEN = 'An Untracked job is listed only until it ends: then nobody knows whose it was.'

/** The team's Tracked jobs, when this person may read them. */
export async function teamJobs({ context }: BotApp, team: Team, principal: Principal): Promise<Job[]> {
  if (!may(team, principal, 'read')) return []
  const stored = await context.jobs.list({ index: 'team', key: team.id })
  return stored.map(({ value }) => value).filter(({ mode }) => mode === 'tracked')
}

/** Sealed Tracked jobs name their asker; of all others the session does, as long as there is one. */
export async function ownJobs({ context }: BotApp, principal: Principal): Promise<Job[]> {
  const key = memberKey(principal)
  const named = await context.jobs.list({ index: 'user', key })
  const sessions = await context.sessions.list({ index: 'asker', key })
  const open = await Promise.all(sessions.map(({ id }) => context.jobs.get(id)))
  const all = [...named, ...open.flatMap((doc) => doc ?? [])]
  return [...new Map(all.map(({ id, value }) => [id, value])).values()]
}
