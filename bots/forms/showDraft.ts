// Shows a form's message as its draft stands, and ends both together.
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { MessageRef, Place } from '../chat/inbound.ts'
import { retryOf } from '../chat/retry.ts'
import { textView, type View } from '../chat/view.ts'
import type { BotApp } from '../commands/app.ts'
import type { FormDraft } from './drafts.ts'
import type { FormPress } from './jobForm.ts'
import { jobFormView } from './jobFormView.ts'

/**
 * Discord hands a bot no texts of a channel, and at a terminal a number presses a button: both ask by forms, anywhere.
 * On Telegram what needs typing is written in private.
 */
const readsTexts = ({ platform }: Pick<Place, 'platform'>): boolean => platform === 'telegram'

/** Opens the message, or edits it. Throws what sending throws: 'chat.unreachable' when nobody can be written to there. */
export async function showDraft(
  app: BotApp,
  id: string,
  options: { replyTo?: MessageRef | undefined } = {},
): Promise<void> {
  const draft = (await app.formDrafts.get(id))?.value
  if (!draft) return
  const view = await viewOf(app, draft)
  if (draft.message) return app.live.update(draft.message, view, { isAnswer: true })
  const message = await app.live.open(draft.place, view, {
    urgent: true,
    ...(options.replyTo && { replyTo: options.replyTo }),
  })
  await updateDocument({ collection: app.formDrafts, id, change: (now) => ({ ...now, message }) })
}

const keyOf = (press: FormPress) => JSON.stringify(press)

/** The view with a token for every press in it; each press has one for as long as the form lives. */
async function viewOf(app: BotApp, draft: FormDraft): Promise<View> {
  const wanted = new Map<string, FormPress>()
  const options = {
    form: draft.form,
    providers: app.providers,
    readsTexts: readsTexts(draft.place),
  }
  jobFormView({ ...options, token: (press) => keyOf(wanted.set(keyOf(press), press) && press) })
  const issued = await Promise.all(
    [...wanted]
      .filter(([key]) => draft.tokens[key] === undefined)
      .map(async ([key, press]) => [key, await issue(app, draft, press)] as const),
  )
  const tokens = { ...draft.tokens, ...Object.fromEntries(issued) }
  if (issued.length > 0)
    await updateDocument({ collection: app.formDrafts, id: draft.id, change: (now) => ({ ...now, tokens }) })
  return jobFormView({ ...options, token: (press) => tokens[keyOf(press)] ?? '' })
}

const issue = (app: BotApp, { id, place, principal, expiresAtMs }: FormDraft, press: FormPress) =>
  app.actions.issue({
    action: press.kind === 'cancel' ? 'jobForm.cancel' : 'jobForm.press',
    subject: id,
    data: { press },
    allowed: { kind: 'user', platform: principal.platform, userId: principal.userId },
    place,
    expiresAtMs,
    // Every other press means the same when it comes twice, and people go back and forth.
    isReusable: press.kind !== 'find',
    opensForm: press.kind === 'open',
  })

/** Shows it with a fresh token for a press that is used up and led to nothing. */
export async function showAgain(app: BotApp, id: string, press: FormPress): Promise<void> {
  await updateDocument({
    collection: app.formDrafts,
    id,
    change: (now) => {
      const { [keyOf(press)]: _, ...tokens } = now.tokens
      return { ...now, tokens }
    },
  })
  await showDraft(app, id)
}

/** Deletes the draft and its buttons, then shows the last words in its message. */
export async function closeDraft(app: BotApp, draft: FormDraft, lastWords: View): Promise<void> {
  const doc = await app.formDrafts.get(draft.id)
  if (doc) await app.formDrafts.remove(doc)
  await app.actions.removeFor(draft.id)
  if (!draft.message) return
  try {
    // What one person sees in a channel cannot be edited for long; nobody is written to because a form was forgotten.
    const isForOne = draft.message.isPrivate && !draft.place.isPrivate
    await app.live.finish(draft.message, lastWords, { isLeftIfGone: isForOne })
  } catch (error) {
    // Nobody is there to see it, and nothing else depends on it.
    if (retryOf(error) !== 'never') throw error
  }
}

/** Ends forms that nobody finished within a day. */
export async function sweepDrafts(app: BotApp): Promise<void> {
  const nowMs = app.context.clock.now()
  for (const { value } of await app.formDrafts.list()) {
    if (value.expiresAtMs <= nowMs)
      await closeDraft(app, value, textView('This form has expired. Nothing was started. /job opens a new one.'))
  }
}
