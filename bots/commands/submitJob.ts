// An ask becomes a job, whichever way it was put: the role, the day's scans, then the two documents and the one message.
import { NectoError } from '../../core/errors.ts'
import type { Job, JobMode } from '../../core/jobs/job.ts'
import { requestJob } from '../../core/jobs/requestJob.ts'
import type { AskText } from '../../core/market/askGrammar.ts'
import type { MessageRef, Place, Principal } from '../chat/inbound.ts'
import type { BotApp } from './app.ts'
import { askTeam } from './askTeam.ts'
import { openJob } from './openJob.ts'
import { SCANS_USED_UP } from './scanLimit.ts'

export type Submitted =
  | { readonly ok: true; readonly job: Job; readonly place: Place }
  /** `isUnreachable`: there is no private chat that an Untracked job could go on in. */
  | { readonly ok: false; readonly why: string; readonly isUnreachable?: true }

/** `requestKey` names what asked, so that handling it twice makes one job; `origin` is where it was asked. */
export async function submitJob(options: {
  app: BotApp
  requestKey: string
  principal: Principal
  origin: Place
  parsed: Extract<AskText, { ok: true }>
  /** The message that asked, where the job's may stand below it. */
  replyTo?: MessageRef
}): Promise<Submitted> {
  const { app, requestKey, principal, origin, parsed, replyTo } = options
  const whose = await askTeam(app, { place: origin, principal }, parsed)
  if (!whose.ok) return whose
  const { mode, team } = whose
  if (!app.scanLimit.take(principal)) return { ok: false, why: SCANS_USED_UP }
  const place = mode === 'untracked' ? app.chat.privatePlace(principal) : origin
  const { job, session } = await requestJob({
    context: app.context,
    requestKey,
    ask: parsed.ask,
    workload: parsed.workload,
    mode,
    principal: { platform: principal.platform, userId: principal.userId, label: principal.label },
    place,
    teamId: team?.id,
    providers: app.providers,
  })
  if (session.message) return { ok: true, job, place }
  // What was answered to its asker alone must not carry the job: it can be edited for a quarter of an hour only.
  const isBelow = place === origin && replyTo?.chatId === place.chatId
  try {
    await openJob({ app, job, place, replyTo: isBelow ? replyTo : undefined })
  } catch (error) {
    if (!(error instanceof NectoError) || error.code !== 'chat.unreachable') throw error
    await forget(app, job.ref)
    return { ok: false, why: UNREACHABLE[mode], isUnreachable: true }
  }
  return { ok: true, job, place }
}

const UNREACHABLE: Record<JobMode, string> = {
  untracked:
    'Untracked jobs continue in a private chat, and we have none yet. Nothing was started. Write to me in private first, and send it again.',
  tracked: 'I cannot write to the chat that this was begun in. Nothing was started and no money moved.',
}

/** Nobody can be written to, so there is no job: both documents go before anything was scanned for. */
async function forget(app: BotApp, ref: string): Promise<void> {
  const job = await app.context.jobs.get(ref)
  if (job) await app.context.jobs.remove(job)
  const session = await app.context.sessions.get(ref)
  if (session) await app.context.sessions.remove(session)
}
