// Keeps each job's message true to its document, and tells the end once: result link, spend line, then forgets.
import { errorText } from '../../core/errors.ts'
import type { Job } from '../../core/jobs/job.ts'
import { isEnded } from '../../core/jobs/job.ts'
import type { Session } from '../../core/jobs/session.ts'
import type { Collection, Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type MessageRef, messageRefSchema, placeSchema, platform } from '../chat/inbound.ts'
import { retryOf } from '../chat/retry.ts'
import type { BotApp } from '../commands/app.ts'
import { resultUrl } from '../commands/logsCommand.ts'
import { openJob } from '../commands/openJob.ts'
import { jobView } from '../views/jobView.ts'
import { spendLine } from '../views/spendLine.ts'
import { createJobButtons } from './jobButtons.ts'
import { type Notice, notifyOnce } from './notice.ts'

const NO_MESSAGE_YET_MS = 200
// Far longer than a chat that holds us off lets a post wait.
const POSTED_WITHIN_MS = 10 * 60_000

/** The work on one changed job, for `workOn`. */
export function createJobFollower(options: { app: BotApp; notices: Collection<Notice> }) {
  const { app, notices } = options
  const { context, live } = app
  const buttons = createJobButtons(app)

  async function show(job: Job, session: Session, message: MessageRef): Promise<void> {
    const view = jobView({
      job,
      publicUrl: app.publicUrl,
      gatewayUrl: app.gatewayUrl,
      explorerTxUrl: app.explorerTxUrl,
      buttons: await buttons.of(job, session),
      nowMs: context.clock.now(),
    })
    if (!isEnded(job)) return live.update(message, view)
    try {
      await live.finish(message, view)
    } catch (error) {
      // The bot was blocked or the group is gone. The rest of the end must come all the same: above all the forgetting.
      if (retryOf(error) !== 'never') throw error
      context.log.info({ msg: 'end not shown', ref: job.ref, reason: errorText(error) })
    }
  }

  const once = (id: string, send: () => Promise<unknown>) =>
    notifyOnce({
      notices,
      id,
      nowMs: context.clock.now(),
      send,
      onUnreachable: (reason) => context.log.info({ msg: 'nobody to tell', notice: id, reason }),
    })

  /** OUTPUT-01: the link with the key, to the submitter alone. */
  async function sendResult(job: Job, session: Session): Promise<void> {
    const key = job.resultKey ?? session.resultKey
    if (!job.settled || !job.evidence || !key) return
    const place = app.chat.privatePlace({ ...session.principal, platform: platform.parse(session.principal.platform) })
    await once(`${job.ref}:result`, () =>
      live.post(
        place,
        {
          blocks: [
            {
              kind: 'text',
              spans: [
                { text: `${job.ref} has ended.`, style: 'bold' },
                ' Its log and output open with this link. The key is in the link and nowhere public: keep it to yourself.',
              ],
            },
            ...(job.mode === 'untracked'
              ? [{ kind: 'note' as const, text: 'We keep no copy of the key and forget now who asked.' }]
              : []),
          ],
          buttons: [[{ label: 'Log and output', url: resultUrl(app.publicUrl, job, key) }]],
        },
        { urgent: true },
      ),
    )
  }

  /** The team sees what a tracked job cost, with the way to audit it. */
  async function sendSpend(job: Job): Promise<void> {
    const team =
      job.teamId && job.mode === 'tracked' && job.settled ? (await context.teams.get(job.teamId))?.value : undefined
    // A suspended team is posted nothing; the audit page has it all.
    if (!team || team.isSuspended) return
    await once(`${job.ref}:spend`, () =>
      live.post(
        placeSchema.parse(team.place),
        spendLine({ job, team, publicUrl: app.publicUrl, explorerTxUrl: app.explorerTxUrl }),
        { urgent: true },
      ),
    )
  }

  /** Its message stayed behind in a chat that has another id now. */
  async function openAfresh(job: Job, session: Session): Promise<void> {
    try {
      await openJob({ app, job, place: placeSchema.parse(session.place) })
    } catch (error) {
      if (retryOf(error) !== 'never') throw error
      // Nobody is to be told there; what the end does besides must still happen.
      context.log.info({ msg: 'moved job not shown', ref: job.ref, reason: errorText(error) })
      await updateDocument({
        collection: context.sessions,
        id: job.ref,
        change: ({ isMoved: _, ...rest }) => rest,
      })
    }
  }

  return async function followJob(doc: Stored<Job>): Promise<number | undefined> {
    const job = doc.value
    const known = await context.sessions.get(doc.id)
    if (known?.value.isMoved) await openAfresh(job, known.value)
    const session = known?.value.isMoved ? await context.sessions.get(doc.id) : known
    if (!session) return undefined
    const message = messageRefSchema.safeParse(session.value.message)
    if (!message.success) {
      // The message is still being posted; a scan served from the cache can be faster than a chat.
      if (!isEnded(job) || context.clock.now() < job.askedAtMs + POSTED_WITHIN_MS) return NO_MESSAGE_YET_MS
      // It never was, and the asker was told so: there is no message to show the end in.
      await context.sessions.remove(session)
      return undefined
    }
    await show(job, session.value, message.data)
    if (!isEnded(job)) return undefined
    await sendResult(job, session.value)
    await sendSpend(job)
    buttons.forget(job.ref)
    // From here on an untracked job has nobody: session and buttons were the last that named them.
    if (job.mode === 'untracked') await app.actions.removeFor(job.ref)
    const last = await context.sessions.get(doc.id)
    if (last) await context.sessions.remove(last)
    return undefined
  }
}
