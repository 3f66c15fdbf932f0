// /logs: what a job printed, to the person who submitted it and in private only.

import { NectoError } from '../../core/errors.ts'
import { parseRef } from '../../core/ids.ts'
import { exitCodeOf, type Job } from '../../core/jobs/job.ts'
import { readLog } from '../../core/jobs/jobLog.ts'
import { hasLogTail, resultKeyOf } from '../../core/jobs/logTail.ts'
import { decryptResult } from '../../core/jobs/resultCipher.ts'
import { getUploaded } from '../../core/jobs/upload.ts'
import { textView, type View } from '../chat/view.ts'
import { type BotApp, type Command, reply } from './app.ts'
import { REF_OPTION } from './jobOptions.ts'
import { ownJob } from './readableJob.ts'

const TAIL_CHARACTERS = 2_500

export const logsCommand: Command = {
  name: 'logs',
  summary: 'What your job printed',
  usage: '/logs K7QF-3M2P',
  where: 'anywhere',
  answer: 'asker',
  options: [REF_OPTION],
  async run(app, event) {
    const ref = parseRef(event.text.trim())
    if (!ref)
      return reply(
        app,
        event,
        textView('Which job? Its reference stands at the top of its message, as in: /logs K7QF-3M2P'),
      )
    const job = await ownJob(app, event, ref)
    if (!job)
      return reply(
        app,
        event,
        textView(`${ref} is no job of yours, or it was Untracked and has ended: then its link has the log.`),
      )
    const view = await logView(app, job)
    if (event.place.isPrivate) return reply(app, event, view)
    try {
      await app.live.post(app.chat.privatePlace(event.principal), view, { urgent: true })
    } catch (error) {
      if (!(error instanceof NectoError) || error.code !== 'chat.unreachable') throw error
      return reply(app, event, {
        blocks: [{ kind: 'text', spans: ['Logs go to a private chat, and we have none yet.'] }],
        buttons: [[{ label: 'Open the private chat', url: app.chat.startUrl(event.place.platform, 'logs') }]],
      })
    }
    await reply(app, event, textView(`The log of ${ref} is in our private chat.`))
  },
}

async function logView(app: BotApp, job: Job): Promise<View> {
  const bytes = await logBytes(app, job)
  const resultKey = await resultKeyOf(app.context, job)
  // The page shows it as it grows, and the stored files once it has ended.
  const link = (job.evidence || hasLogTail(job)) && resultKey ? resultUrl(app.publicUrl, job, resultKey) : undefined
  const label = job.evidence ? 'Whole log and output' : 'Follow the log live'
  const buttons = link ? { buttons: [[{ label, url: link }]] } : {}
  if (!bytes) return { ...textView(`${job.ref} has no log${job.state === 'settled' ? '' : ' yet'}.`), ...buttons }
  const text = new TextDecoder().decode(bytes)
  const tail = text.length > TAIL_CHARACTERS ? `…${text.slice(-TAIL_CHARACTERS)}` : text
  const exitCode = exitCodeOf(job)
  const ending =
    exitCode !== undefined
      ? `exit code ${exitCode}`
      : job.run?.endedAtMs === undefined
        ? 'still running'
        : 'ended early'
  return {
    blocks: [
      { kind: 'heading', text: `Log of ${job.ref}` },
      { kind: 'code', text: tail.trimEnd() },
      { kind: 'note', text: `${bytes.length} bytes, ${ending}` },
    ],
    ...buttons,
  }
}

/** The page that decrypts in the browser; the key stands behind the #, which browsers never send. */
export const resultUrl = (publicUrl: string, job: Pick<Job, 'linkToken'>, resultKey: string): string =>
  `${publicUrl}/job/${job.linkToken}#key=${resultKey.slice(2)}`

async function logBytes(app: BotApp, job: Job): Promise<Uint8Array | undefined> {
  const { blobs } = app.context
  const { jobId, run, evidence } = job
  if (!jobId || !run || run.logBytes === 0) return undefined
  if (!evidence) return readLog({ blobs, jobId, chunks: run.logChunks })
  const key = await resultKeyOf(app.context, job)
  const bytes = evidence.log && (await getUploaded({ ...app.context, root: evidence.log.root }))
  return key && bytes ? decryptResult({ key, jobId, kind: 'log', bytes }) : undefined
}
