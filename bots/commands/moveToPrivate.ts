// An open job of a group becomes Untracked: its message goes on in the asker's private chat, unless its decision is sealed.
import { NectoError } from '../../core/errors.ts'
import { chooseMode } from '../../core/jobs/changeOffer.ts'
import type { Job } from '../../core/jobs/job.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type MessageRef, messageRefSchema } from '../chat/inbound.ts'
import { textView } from '../chat/view.ts'
import type { ActionEvent, BotApp } from './app.ts'
import { keepMessage, postJob } from './openJob.ts'

export type Moved = 'moved' | 'too-late' | 'unreachable'

const isSealed = ({ mode, state, sealing }: Job) => mode === 'tracked' && (state !== 'offered' || sealing === true)

/** Unless it is 'moved', mode and message stay as they are. */
export async function moveToPrivate(app: BotApp, ref: string, event: ActionEvent): Promise<Moved> {
  const { context, live, chat } = app
  const job = (await context.jobs.get(ref))?.value
  const session = (await context.sessions.get(ref))?.value
  if (!job || !session || isSealed(job)) return 'too-late'
  const place = chat.privatePlace(event.principal)
  // Posted before anything is chosen: without a private chat nothing may be sealed as Untracked in the group.
  const message = await postedOrNot(app, { job: { ...job, mode: 'untracked' }, place })
  if (!message) return 'unreachable'
  const chosen = (await chooseMode({ context, ref, mode: 'untracked' })) ?? (await context.jobs.get(ref))?.value
  // It was ordered while that was posted.
  if (chosen?.mode !== 'untracked') {
    await live.finish(message, textView('The decision was sealed meanwhile: the job stays Tracked, in its group.'))
    return 'too-late'
  }
  // Before the session says so: from then on the follower issues the new message's buttons.
  await app.actions.removeFor(ref)
  await keepMessage(app, { ref, place, message })
  // The follower looks at a job when it changes; a session alone wakes nobody.
  await updateDocument({ collection: context.jobs, id: ref, change: (now) => ({ ...now }) })
  const old = messageRefSchema.safeParse(session.message)
  if (old.success) await live.finish(old.data, textView('This job is Untracked now and continues in a private chat.'))
  return 'moved'
}

async function postedOrNot(
  app: BotApp,
  { job, place }: Pick<Parameters<typeof postJob>[0], 'job' | 'place'>,
): Promise<MessageRef | undefined> {
  try {
    return await postJob({ app, job, place })
  } catch (error) {
    if (error instanceof NectoError && error.code === 'chat.unreachable') return undefined
    throw error
  }
}
