// Moves an open job from a group to the asker's private chat, since an Untracked job must not go on in a group.
import { NectoError } from '../../core/errors.ts'
import { messageRefSchema } from '../chat/inbound.ts'
import { textView } from '../chat/view.ts'
import type { ActionEvent, BotApp } from './app.ts'
import { openJob } from './openJob.ts'

/** False: there is no private chat yet, and nothing was changed. */
export async function moveToPrivate(app: BotApp, ref: string, event: ActionEvent): Promise<boolean> {
  const { context, live, chat } = app
  const job = (await context.jobs.get(ref))?.value
  const session = (await context.sessions.get(ref))?.value
  if (!job || !session) return true
  const place = chat.privatePlace(event.principal)
  try {
    await openJob({ app, job: { ...job, mode: 'untracked' }, place })
    await app.actions.removeFor(ref)
  } catch (error) {
    if (error instanceof NectoError && error.code === 'chat.unreachable') return false
    throw error
  }
  const old = messageRefSchema.safeParse(session.message)
  if (old.success) await live.finish(old.data, textView('This job is Untracked now and continues in a private chat.'))
  return true
}
