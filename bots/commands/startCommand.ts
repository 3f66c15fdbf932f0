// /start: where everybody begins, and where links into a private chat arrive with what they are for.
import { NectoError } from '../../core/errors.ts'
import { useClaim } from '../../core/teams/claim.ts'
import type { Team } from '../../core/teams/team.ts'
import { commandToken } from '../chat/commandButton.ts'
import { placeSchema } from '../chat/inbound.ts'
import { type Button, textView } from '../chat/view.ts'
import { startJobForm } from '../forms/openJobForm.ts'
import { groupStartView, JOIN_TEAM, startView } from '../views/startView.ts'
import { type BotApp, type Command, type CommandEvent, reply } from './app.ts'
import { A_ROLE } from './teamPeople.ts'

const CLAIM = 'claim_'
/** Commands that a link or a button may begin, without words: they ask for what they need. */
const OPENED: ReadonlySet<string> = new Set(['job', 'logs', 'sell', 'team'])
const JOIN = 'join'

/** `commands` is the whole table, this one included. */
export const createStartCommand = (commands: () => readonly Command[]): Command => ({
  name: 'start',
  topic: 'necto',
  summary: 'Begin here',
  usage: '/start',
  where: 'anywhere',
  options: [
    {
      name: 'claim',
      description: 'The code of an invitation to a team',
      kind: 'text',
      write: (code) => (code.startsWith(CLAIM) ? code : `${CLAIM}${code}`),
    },
  ],
  async run(app, event, signal) {
    const payload = event.text.trim()
    if (payload.startsWith(CLAIM)) return claim(app, event, payload.slice(CLAIM.length))
    if (!event.place.isPrivate) return reply(app, event, groupStartView())
    if (await startJobForm(app, event)) return
    const command = OPENED.has(payload) ? commands().find(({ name }) => name === payload) : undefined
    if (command) return command.run(app, { ...event, name: command.name, text: '' }, signal)
    if (payload === JOIN) return reply(app, event, textView(...JOIN_TEAM))
    await reply(app, event, startView(BUTTONS))
  },
})

const BUTTONS: readonly (readonly Button[])[] = [
  [{ label: 'Submit a job', token: commandToken('job'), look: 'primary' }],
  [
    { label: 'Rent out GPUs', token: commandToken('sell') },
    { label: 'Join my team', token: commandToken('start', JOIN) },
  ],
]

/** An invitation opened: the role is given, and the admins are told in their group. */
async function claim(app: BotApp, event: CommandEvent, code: string): Promise<void> {
  const { principal, key } = event
  const { platform, userId, label } = principal
  const { context, claims } = app
  const nowMs = context.clock.now()
  const person = { platform, userId, label }
  const claimed = await useClaim({ claims, teams: context.teams, code: code.trim(), person, key, nowMs })
  if (!claimed.ok) return reply(app, event, textView(claimed.why))
  const { team } = claimed
  const role = A_ROLE[claimed.claim.role]
  await reply(
    app,
    event,
    textView(`You are ${role} of ${team.title} now. To have your private commands for it: `, {
      text: `/team use ${team.id}`,
      style: 'code',
    }),
  )
  await tellGroup(app, team, `${label} is ${role} of this team now, by an invitation of ${claimed.claim.madeBy.label}.`)
}

async function tellGroup(app: BotApp, team: Team, text: string): Promise<void> {
  try {
    await app.live.post(placeSchema.parse(team.place), textView(text), { urgent: true })
  } catch (error) {
    if (!(error instanceof NectoError) || error.code !== 'chat.unreachable') throw error
  }
}
