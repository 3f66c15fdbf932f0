// /audit: the team's page with every job, and the last ones in words.

import { createLinkToken } from '../../core/ids.ts'
import type { Job } from '../../core/jobs/job.ts'
import { changeTeam } from '../../core/teams/changeTeam.ts'
import { may, memberKey, type Team } from '../../core/teams/team.ts'
import { textView } from '../chat/view.ts'
import { auditView, teamLinksView } from '../views/auditView.ts'
import { type BotApp, type Command, type CommandEvent, reply } from './app.ts'
import { groupTeam } from './manageTeam.ts'
import { mayNotRead } from './suspendedHere.ts'
import { workTeam } from './teamOf.ts'
import { teamsOf } from './teamUse.ts'

const SHOWN = 5

export const auditCommand: Command = {
  name: 'audit',
  topic: 'team',
  summary: 'Every job of the team: money, transactions, proof',
  usage: '/audit',
  more: [{ usage: '/audit rotate', summary: 'an admin gives the page a new address; the old one is dead' }],
  where: 'anywhere',
  answer: 'asker',
  options: [
    {
      name: 'action',
      description: 'rotate: a new address for the page, by an admin',
      kind: 'text',
      choices: [{ name: 'rotate', value: 'rotate' }],
      write: (value) => value,
    },
  ],
  async run(app, event) {
    const word = event.text.trim().toLowerCase()
    if (word !== '' && word !== 'rotate')
      return reply(app, event, textView('Say /audit, or as an admin /audit rotate. Nothing was changed.'))
    const isManaged = word === 'rotate' && !event.place.isPrivate
    const team = isManaged ? (await groupTeam(app, event))?.team : await workTeam(app, event)
    if (team) return reply(app, event, await (word === 'rotate' ? rotate(app, event, team) : show(app, event, team)))
    const own = (await teamsOf(app, event)).filter((one) => may(one, event.principal, 'read'))
    if (word === 'rotate')
      return reply(app, event, textView('Send /audit rotate in the team’s group. Nothing was changed.'))
    await reply(app, event, teamLinksView(own, app.publicUrl))
  },
}

async function rotate(app: BotApp, event: CommandEvent, team: Team) {
  const auditToken = createLinkToken(app.context.random)
  const changed = await changeTeam({
    teams: app.context.teams,
    id: team.id,
    by: event.principal,
    change: (now) => ({ ...now, auditToken }),
  })
  if (!changed.ok) return textView(changed.why)
  return textView('The old address is dead. The page is here now: ', {
    text: `audit log of ${changed.team.title}`,
    href: `${app.publicUrl}/audit/${auditToken}`,
  })
}

/** BUYER-06, BUYER-07 */
async function show(app: BotApp, event: CommandEvent, team: Team) {
  const refusal = mayNotRead(team, event.principal)
  if (refusal) return textView(refusal)
  const { context, publicUrl, explorerTxUrl } = app
  const stored = await context.jobs.list({ index: 'team', key: team.id })
  const jobs = stored.map(({ value }) => value).sort((a, b) => b.askedAtMs - a.askedAtMs)
  const last = await Promise.all(
    jobs.slice(0, SHOWN).map(async (job) => ({ job, pseudonym: await pseudonymOfJob(app, job) })),
  )
  return auditView({ team, last, total: jobs.length, publicUrl, explorerTxUrl })
}

/** As the sealed record says it; before that a Tracked job has none. */
async function pseudonymOfJob({ context }: BotApp, { mode, user }: Job): Promise<string | undefined> {
  if (mode !== 'tracked' || !user) return undefined
  return (await context.pseudonyms.get(memberKey(user)))?.value.pseudonym
}
