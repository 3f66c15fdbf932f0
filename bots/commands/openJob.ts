// Opens the one message of a job and remembers where it stands.
import type { Job } from '../../core/jobs/job.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { MessageRef, Place } from '../chat/inbound.ts'
import { jobView } from '../views/jobView.ts'
import type { BotApp } from './app.ts'

/** Throws what sending throws: 'chat.unreachable' when nobody can be written to there. */
export async function openJob(options: {
  app: BotApp
  job: Job
  place: Place
  replyTo?: MessageRef | undefined
}): Promise<void> {
  const { app, job, place, replyTo } = options
  const view = jobView({
    job,
    publicUrl: app.publicUrl,
    gatewayUrl: app.gatewayUrl,
    explorerTxUrl: app.explorerTxUrl,
    buttons: {},
    nowMs: app.context.clock.now(),
  })
  const message = await app.live.open(place, view, { urgent: true, ...(replyTo && { replyTo }) })
  await updateDocument({
    collection: app.context.sessions,
    id: job.ref,
    change({ isMoved: _, ...session }) {
      // The group may have got another id while this was posted.
      const chatId = message.isPrivate ? place.chatId : message.chatId
      return { ...session, place: { ...place, chatId }, message: { ...message } }
    },
  })
}
