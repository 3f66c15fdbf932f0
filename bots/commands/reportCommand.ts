// /report: the team's spend now, and every day or week as its admins want it.
import { nearestWord } from '../../core/market/nearestWord.ts'
import { changeTeam } from '../../core/teams/changeTeam.ts'
import { nextDueMs, type ReportSchedule } from '../../core/teams/reportSchedule.ts'
import { may, type Team } from '../../core/teams/team.ts'
import { safeName } from '../chat/safeText.ts'
import { textView } from '../chat/view.ts'
import { clockWords, momentWords } from '../views/reportView.ts'
import { type BotApp, type Command, reply } from './app.ts'
import { makeReport } from './makeReport.ts'
import { groupTeam, type TeamWords } from './manageTeam.ts'
import { readSchedule, WEEKDAYS } from './readSchedule.ts'
import { workTeam } from './teamOf.ts'

const DAY_MS = 86_400_000
const NINE = 9 * 60
const MONDAY = 1
const KINDS = ['now', 'daily', 'weekly', 'mute'] as const
const HOW = '/report now, /report daily 9:00, /report weekly mon 9:00 Europe/Berlin, or /report mute'
const NO_TEAM =
  'Reports are a team’s. Send /report in your team’s group, or /team use there first: then it works here too.'

export const reportCommand: Command = {
  name: 'report',
  topic: 'team',
  summary: 'The team’s spend with a chart: now, or every day or week',
  usage: '/report now',
  more: [
    { usage: '/report weekly mon 9:00 Europe/Berlin', summary: 'every week, or daily; admins of the team' },
    { usage: '/report mute', summary: 'no more of them' },
  ],
  where: 'anywhere',
  options: [
    {
      name: 'when',
      description: 'Now, or how often; without it you see what is set',
      kind: 'text',
      choices: KINDS.map((kind) => ({ name: kind, value: kind })),
      write: (value) => value,
    },
    {
      name: 'day',
      description: 'The day of a weekly one; else Monday',
      kind: 'text',
      choices: WEEKDAYS.map((day) => ({ name: day, value: day })),
      write: (value) => value,
    },
    { name: 'time', description: 'The time of day, such as 9:00 (which it is else)', kind: 'text', write: (v) => v },
    { name: 'zone', description: 'The time zone, such as Europe/Berlin; else UTC', kind: 'text', write: (v) => v },
  ],
  async run(app, event) {
    const here = await groupTeam(app, event)
    const team = here?.team ?? (await workTeam(app, event))
    if (!team) return reply(app, event, textView(NO_TEAM))
    if (!may(team, event.principal, 'read')) return reply(app, event, textView('Not yours to read.'))
    const [word = '', ...more] = event.text.trim().split(/\s+/)
    const words = { app, event, team, rest: more.join(' ') }
    const say = (text: string) => reply(app, event, textView([...(here?.news ?? []), text].join(' ')))
    switch (word.toLowerCase()) {
      case '':
        return say(`${scheduleWords(team, app.context.clock.now())} ${HOW}.`)
      case 'now':
        return reply(app, event, await reportNow(app, team))
      case 'daily':
        return say(await schedule(words, 'day'))
      case 'weekly':
        return say(await schedule(words, 'week'))
      case 'mute':
        return say(await mute(words))
    }
    const near = nearestWord(word, KINDS)
    const meant = near ? ` Did you mean /report ${near}?` : ''
    await reply(
      app,
      event,
      textView(`There is no "${safeName(word)}" report.${meant} Nothing was changed. Say ${HOW}.`),
    )
  },
}

/** Of the last day where reports are daily, else of the last week, up to this very moment. */
async function reportNow(app: BotApp, team: Team) {
  const toMs = app.context.clock.now() + 1
  const spanMs = team.report?.every === 'day' ? DAY_MS : 7 * DAY_MS
  const period = { beforeMs: toMs - 2 * spanMs, fromMs: toMs - spanMs, toMs }
  return makeReport(app, { team, period, zone: team.report?.zone ?? 'UTC' })
}

async function schedule({ app, event, team, rest }: TeamWords, every: ReportSchedule['every']): Promise<string> {
  const said = readSchedule(rest, every)
  if (typeof said === 'string') return said
  const nowMs = app.context.clock.now()
  const changed = await changeTeam({
    teams: app.context.teams,
    id: team.id,
    by: event.principal,
    change: ({ report: before, ...now }) => ({
      ...now,
      // Asked for in a channel or topic of the team, they come there.
      ...(!event.place.isPrivate && { place: { ...event.place } }),
      report: {
        every,
        ...(every === 'week' && { weekday: said.weekday ?? before?.weekday ?? MONDAY }),
        minuteOfDay: said.minuteOfDay ?? before?.minuteOfDay ?? NINE,
        zone: said.zone ?? before?.zone ?? 'UTC',
        sinceMs: nowMs,
      },
    }),
  })
  if (!changed.ok) return changed.why
  const zoneHint =
    changed.team.report?.zone === 'UTC' ? ' Add a time zone for another clock, such as Europe/Berlin.' : ''
  return `${scheduleWords(changed.team, nowMs)}${zoneHint} /report mute stops them.`
}

async function mute({ app, event, team }: TeamWords): Promise<string> {
  const changed = await changeTeam({
    teams: app.context.teams,
    id: team.id,
    by: event.principal,
    change: ({ report: _, ...now }) => now,
  })
  if (!changed.ok) return changed.why
  return team.report ? 'No more reports. /report now still shows one.' : 'There were no reports to stop.'
}

function scheduleWords({ report }: Team, nowMs: number): string {
  if (!report) return 'No reports are set for this team.'
  const { every, weekday = MONDAY, minuteOfDay, zone } = report
  const how = every === 'day' ? 'daily' : `weekly, on ${WEEKDAYS[weekday - 1]}`
  return `Reports come ${how}, at ${clockWords(minuteOfDay)}. The next: ${momentWords(nextDueMs(report, nowMs), zone)}.`
}
