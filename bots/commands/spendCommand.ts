// /spend: what the team's Tracked jobs cost, per person and per provider.
import { spendOf } from '../../core/teams/spend.ts'
import { spendChart } from '../charts/spendChart.ts'
import { safeName } from '../chat/safeText.ts'
import { textView } from '../chat/view.ts'
import { spendView } from '../views/spendView.ts'
import { lastDays } from '../views/words.ts'
import { type Command, reply } from './app.ts'
import { mayNotRead } from './suspendedHere.ts'
import { workTeam } from './teamOf.ts'

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 30
const MAX_DAYS = 366

export const spendCommand: Command = {
  name: 'spend',
  topic: 'team',
  summary: 'What the team spent, per person and per provider',
  usage: '/spend',
  more: [{ usage: '/spend 7', summary: 'of so many days; 30 unless you say' }],
  where: 'anywhere',
  options: [
    {
      name: 'days',
      description: 'How many days back; else 30',
      kind: 'whole',
      min: 1,
      max: MAX_DAYS,
      write: (value) => value,
    },
  ],
  async run(app, event) {
    const typed = event.text.trim()
    const days = typed === '' ? DEFAULT_DAYS : Number(/^(\d{1,3})\s*d?(ays?)?$/i.exec(typed)?.[1])
    if (!(days >= 1 && days <= MAX_DAYS)) {
      const why = `"${safeName(typed)}" is no number of days. Say how many, from 1 to ${MAX_DAYS}: /spend 7`
      return reply(app, event, textView(why))
    }
    const team = await workTeam(app, event)
    if (!team) {
      const why =
        'Spend is a team’s. Send /spend in your team’s group, or /team use there first: then it works here too.'
      return reply(app, event, textView(why))
    }
    const refusal = mayNotRead(team, event.principal)
    if (refusal) return reply(app, event, textView(refusal))
    const { context, publicUrl } = app
    const toMs = context.clock.now()
    const stored = await context.jobs.list({ index: 'team', key: team.id })
    const jobs = stored.map(({ value }) => value)
    // What was settled this very moment counts: the end of a period is not part of it.
    const spend = spendOf({ jobs, fromMs: toMs - days * DAY_MS, toMs: toMs + 1 })
    const view = spendView({ team, spend, days, publicUrl })
    const picture = spend.total.jobs > 0 ? await spendChart({ spend, period: lastDays(days) }) : undefined
    await reply(app, event, { ...view, ...(picture && { picture }) })
  },
}
