// /job: reads the ask and submits it; without words opens the form; with a reference shows the job again.

import { isEnded, type Job } from '../../core/jobs/job.ts'
import { parseAskText } from '../../core/market/askGrammar.ts'
import { saysPrivate } from '../../core/market/saysPrivate.ts'
import { textView, type View } from '../chat/view.ts'
import { openJobForm } from '../forms/openJobForm.ts'
import { jobView } from '../views/jobView.ts'
import { misunderstood } from '../views/misunderstood.ts'
import { type BotApp, type Command, type CommandEvent, reply } from './app.ts'
import { ASK_OPTIONS, WORKLOAD_OPTIONS } from './jobOptions.ts'
import { noSuchJob, readableJob, wordAsRef } from './readableJob.ts'
import { type Submitted, submitJob } from './submitJob.ts'

export const jobCommand: Command = {
  name: 'job',
  summary: 'Find the cheapest GPU that fits, pay into escrow, run',
  usage: '/job h100 x1 4h max 3 run python train.py',
  more: [
    { usage: '/job', summary: 'The same step by step, with buttons' },
    {
      usage: '/job h100 x1 4h untracked run ./train.sh',
      summary: 'Names nobody. Write it in our private chat: a group reads what is written in it',
    },
    { usage: '/job K7QF-3M2P', summary: 'What became of a job' },
  ],
  where: 'anywhere',
  // Without words it opens the form, which shows what is answered.
  isPrivate: (line) => line.trim() === '' || saysPrivate(line),
  options: [...ASK_OPTIONS, ...WORKLOAD_OPTIONS],
  run: runJobCommand,
}

async function runJobCommand(app: BotApp, event: CommandEvent): Promise<void> {
  if (event.text.trim() === '') return openJobForm(app, event)
  const parsed = parseAskText(event.text, { knownProviders: app.providers.map(({ id }) => id) })
  const ref = wordAsRef(event.text.trim())
  const known = ref && (await readableJob(app, event, ref))
  if (known) return showJob(app, event, known)
  // "h100-80gb" is written like a reference too.
  if (ref && !parsed.ok && parsed.understood.length === 0) return reply(app, event, noSuchJob(event, ref))
  if (!parsed.ok) return reply(app, event, misunderstood(parsed, '/job'))
  const submitted = await submitJob({
    app,
    requestKey: event.key,
    principal: event.principal,
    origin: event.place,
    parsed,
    replyTo: event.message,
  })
  if (!submitted.ok) return reply(app, event, refusalView(app, event, submitted))
  if (event.place.isPrivate) return
  if (submitted.place.isPrivate) return tellMoved(app, event)
  if (event.message.isPrivate)
    await reply(app, event, textView(`Sent off as job ${submitted.job.ref}; its message is in the channel.`))
}

/** An Untracked job names nobody, so what asked for it in front of others goes too, where the platform lets us. */
async function tellMoved(app: BotApp, event: CommandEvent): Promise<void> {
  const moved = 'This job is Untracked, so it continues in our private chat.'
  if (event.message.isPrivate) return reply(app, event, textView(moved))
  if (!(await app.chat.remove(event.message))) return reply(app, event, textView(`${moved} ${STILL_THERE}`))
  const gone = `This job is Untracked, so it continues here. I took your command away in ${event.place.title}.`
  await app.live.post(app.chat.privatePlace(event.principal), textView(gone), { urgent: true })
}

const STILL_THERE = 'What you wrote still stands here with your name: delete it, I may not.'

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

const refusalView = (app: BotApp, event: CommandEvent, { why, isUnreachable }: Refused): View => ({
  ...textView(why),
  ...(isUnreachable && {
    buttons: [[{ label: 'Open the private chat', url: app.chat.startUrl(event.place.platform, 'job') }]],
  }),
})
type Refused = Extract<Submitted, { ok: false }>
