// Posts each report that the keeper made, once and quietly, where its team wants it.
import type { Collection, Stored } from '../../core/store/store.ts'
import type { Report } from '../../core/teams/report.ts'
import { placeSchema } from '../chat/inbound.ts'
import type { BotApp } from '../commands/app.ts'
import { makeReport } from '../commands/makeReport.ts'
import { type Notice, notifyOnce } from './notice.ts'

/** The work on one report, for `workOn`. */
export function createReportFollower(options: {
  app: BotApp
  notices: Collection<Notice>
  reports: Collection<Report>
}) {
  const { app, notices, reports } = options
  const { context, live } = app
  return async function followReport(doc: Stored<Report>): Promise<undefined> {
    const { teamId, beforeMs, fromMs, toMs } = doc.value
    const team = (await context.teams.get(teamId))?.value
    // Muted since it was made, or a later one stands for it: then it is not missed.
    if (!team?.report) return
    const made = await reports.list({ index: 'team', key: teamId })
    if (made.some(({ value }) => value.toMs > toMs)) return
    const { zone } = team.report
    const place = placeSchema.parse(team.place)
    await notifyOnce({
      notices,
      id: `report:${doc.id}`,
      nowMs: context.clock.now(),
      send: async () =>
        live.post(place, await makeReport(app, { team, period: { beforeMs, fromMs, toMs }, zone }), { silent: true }),
      onUnreachable: (reason) => context.log.info({ msg: 'report not posted', team: teamId, reason }),
    })
  }
}
