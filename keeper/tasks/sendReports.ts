// Makes a team's spend report when it is due: one document each, which the bots post.
// Not on node-cron: with a time zone that skips a run in spring's lost hour, makes two in autumn's, and makes up for none.
import type { Collection } from '../../core/store/store.ts'
import { type Report, reportId } from '../../core/teams/report.ts'
import { lastDueMs, nextDueMs } from '../../core/teams/reportSchedule.ts'
import type { Team } from '../../core/teams/team.ts'

// What was settled in a period's last moment may still be on its way to the disk.
const WRITES_LAND_MS = 5_000
// A machine that slept, or whose clock was set, must not be late by a whole week.
const LOOK_AGAIN_MS = 3_600_000

/**
 * Makes the latest report that is due, unless it was made; older ones that were missed are not made up for, since the
 * figures of each are in the audit log. In how many ms to look again; undefined: the team wants none.
 */
export async function sendReport(options: {
  team: Team
  reports: Collection<Report>
  nowMs: number
}): Promise<number | undefined> {
  const { team, reports, nowMs } = options
  const schedule = team.report
  // Where the bot was put out nobody could read it; the team's opening again is a change, which is looked at.
  if (!schedule || team.isSuspended) return undefined
  const sureMs = nowMs - WRITES_LAND_MS
  const toMs = lastDueMs(schedule, sureMs)
  if (toMs > schedule.sinceMs) {
    const fromMs = lastDueMs(schedule, toMs - 1)
    await make(reports, { teamId: team.id, beforeMs: lastDueMs(schedule, fromMs - 1), fromMs, toMs })
  }
  return Math.min(nextDueMs(schedule, sureMs) - sureMs, LOOK_AGAIN_MS)
}

async function make(reports: Collection<Report>, report: Report): Promise<void> {
  const made = await reports.list({ index: 'team', key: report.teamId })
  // A schedule that was changed, or a clock that was set back, must not report a time twice.
  if (made.some(({ value }) => value.toMs >= report.toMs)) return
  await reports.insert(reportId(report), report)
  for (const doc of made) await reports.remove(doc)
}
