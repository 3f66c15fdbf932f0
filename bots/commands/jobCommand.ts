// /job: reads the ask, makes the job, and opens the one message that will tell its story.

import { NectoError } from '../../core/errors.ts'
import { isEnded, type Job } from '../../core/jobs/job.ts'
import { requestJob } from '../../core/jobs/requestJob.ts'
import { parseAskText } from '../../core/market/askGrammar.ts'
import { textView, type View } from '../chat/view.ts'
import { jobView } from '../views/jobView.ts'
import { misunderstood } from '../views/misunderstood.ts'
import { type BotApp, type Command, type CommandEvent, reply } from './app.ts'
import { askTeam } from './askTeam.ts'
import { ASK_OPTIONS, WORKLOAD_OPTIONS } from './jobOptions.ts'
import { openJob } from './openJob.ts'
import { noSuchJob, readableJob, wordAsRef } from './readableJob.ts'
import { SCANS_USED_UP } from './scanLimit.ts'

export const jobCommand: Command = {
  name: 'job',
  summary: 'Find the cheapest GPU that fits, pay into escrow, run',
  usage: '/job h100 x1 4h max 3 run python train.py',
  more: [{ usage: '/job K7QF-3M2P', summary: 'What became of a job' }],
  where: 'anywhere',
  options: [...ASK_OPTIONS, ...WORKLOAD_OPTIONS],
  run: runJobCommand,
}

async function runJobCommand(app: BotApp, event: CommandEvent): Promise<void> {
  const parsed = parseAskText(event.text, { knownProviders: app.providers.map(({ id }) => id) })
  const ref = wordAsRef(event.text.trim())
  const known = ref && (await readableJob(app, event, ref))
  if (known) return showJob(app, event, known)
  // "h100-80gb" is written like a reference too.
  if (ref && !parsed.ok && parsed.understood.length === 0) return reply(app, event, noSuchJob(event, ref))
  if (!parsed.ok) return reply(app, event, misunderstood(parsed, '/job'))
  const whose = await askTeam(app, event, parsed)
  if (!whose.ok) return reply(app, event, textView(whose.why))
  if (!app.scanLimit.take(event.principal)) return reply(app, event, textView(SCANS_USED_UP))
  const { mode, team } = whose
  const place = mode === 'untracked' ? app.chat.privatePlace(event.principal) : event.place
  const { job, session } = await requestJob({
    context: app.context,
    requestKey: event.key,
    ask: parsed.ask,
    workload: parsed.workload,
    mode,
    principal: { platform: event.principal.platform, userId: event.principal.userId, label: event.principal.label },
    place,
    teamId: team?.id,
    providers: app.providers,
  })
  if (session.message) return
  try {
    await openJob({ app, job, place, replyTo: place.chatId === event.place.chatId ? event.message : undefined })
  } catch (error) {
    if (!(error instanceof NectoError) || error.code !== 'chat.unreachable') throw error
    await forget(app, job.ref)
    return reply(app, event, needsPrivateChat(app, event))
  }
  if (mode === 'untracked' && !event.place.isPrivate)
    await reply(app, event, textView('This job is Untracked, so it continues in our private chat.'))
}

/** What the job's message says now, to read only: its buttons stay where they are. */
async function showJob(app: BotApp, event: CommandEvent, job: Job): Promise<void> {
  const { publicUrl, gatewayUrl, explorerTxUrl } = app
  const { blocks, buttons } = jobView({
    job,
    publicUrl,
    gatewayUrl,
    explorerTxUrl,
    buttons: {},
    nowMs: app.context.clock.now(),
  })
  const note = isEnded(job)
    ? []
    : [{ kind: 'note' as const, text: 'As it is now; its first message goes on changing.' }]
  await reply(app, event, { blocks: [...blocks, ...note], ...(buttons && { buttons }) })
}

/** Nobody can be written to, so there is no job: both documents go before anything was scanned for. */
async function forget(app: BotApp, ref: string): Promise<void> {
  const job = await app.context.jobs.get(ref)
  if (job) await app.context.jobs.remove(job)
  const session = await app.context.sessions.get(ref)
  if (session) await app.context.sessions.remove(session)
}

const needsPrivateChat = (app: BotApp, event: CommandEvent): View => ({
  blocks: [
    {
      kind: 'text',
      spans: [
        'Untracked jobs continue in a private chat, and we have none yet. Nothing was started. Open it, press Start, and send the command there.',
      ],
    },
  ],
  buttons: [[{ label: 'Open the private chat', url: app.chat.startUrl(event.place.platform, 'job') }]],
})
