// Opens the one message of a job and remembers where it stands.
import type { Job } from '../../core/jobs/job.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { MessageRef, Place } from '../chat/inbound.ts'
import { jobView } from '../views/jobView.ts'
import type { BotApp } from './app.ts'

interface Opening {
  readonly app: BotApp
  readonly job: Job
  readonly place: Place
  readonly replyTo?: MessageRef | undefined
}

/** Throws what sending throws: 'chat.unreachable' when nobody can be written to there. */
export async function openJob(opening: Opening): Promise<void> {
  const { app, job, place } = opening
  await keepMessage(app, { ref: job.ref, place, message: await postJob(opening) })
}

/** Posts the message without remembering it; throws as `openJob` does. */
export function postJob({ app, job, place, replyTo }: Opening): Promise<MessageRef> {
  const view = jobView({
    job,
    publicUrl: app.publicUrl,
    gatewayUrl: app.gatewayUrl,
    explorerTxUrl: app.explorerTxUrl,
    buttons: {},
    nowMs: app.context.clock.now(),
  })
  return app.live.open(place, view, { urgent: true, ...(replyTo && { replyTo }) })
}

/** From here on this is the job's message. */
export async function keepMessage(
  app: BotApp,
  { ref, place, message }: { ref: string; place: Place; message: MessageRef },
): Promise<void> {
  await updateDocument({
    collection: app.context.sessions,
    id: ref,
    change({ isMoved: _, ...session }) {
      // The group may have got another id while this was posted.
      const chatId = message.isPrivate ? place.chatId : message.chatId
      return { ...session, place: { ...place, chatId }, message: { ...message } }
    },
  })
}
