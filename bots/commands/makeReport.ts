// A team's spend report as a message, with its chart.
import type { Team } from '../../core/teams/team.ts'
import { spendChart } from '../charts/spendChart.ts'
import type { View } from '../chat/view.ts'
import { type ReportOptions, reportView } from '../views/reportView.ts'
import type { BotApp } from './app.ts'

/** Of the jobs as they are now. */
export async function makeReport(
  app: BotApp,
  { team, period, zone }: { team: Team } & Pick<ReportOptions, 'period' | 'zone'>,
): Promise<View> {
  const { context, publicUrl, explorerTxUrl } = app
  const stored = await context.jobs.list({ index: 'team', key: team.id })
  const jobs = stored.map(({ value }) => value)
  const { view, spend, period: words } = reportView({ team, jobs, period, zone, publicUrl, explorerTxUrl })
  return spend ? { ...view, picture: await spendChart({ spend, period: words }) } : view
}
