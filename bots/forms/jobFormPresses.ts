// What the job form does with a press, with a form sent off, and with a text that answers its question.
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Form } from '../chat/form.ts'
import type { Inbound, Place } from '../chat/inbound.ts'
import { textView, type View } from '../chat/view.ts'
import { type ActionEvent, type BotApp, type Press, reply } from '../commands/app.ts'
import { submitJob } from '../commands/submitJob.ts'
import { draftOwner, type FormDraft } from './drafts.ts'
import { type Answer, applyAnswer, FIELDS_OF, type FormPress, formPressSchema, readJobForm } from './jobForm.ts'
import { FORM_FIELDS } from './jobFormFieldTexts.ts'
import { questionOf } from './jobFormView.ts'
import { closeDraft, showAgain, showDraft } from './showDraft.ts'

const knownTo = (app: BotApp) => ({ knownProviders: app.providers.map(({ id }) => id) })

/** The buttons of the form by their action. */
export const JOB_FORM_PRESSES: Readonly<Record<string, Press>> = {
  'jobForm.press': async (app, action, event) => {
    const draft = (await app.formDrafts.get(action.subject))?.value
    if (!draft) return GONE
    const press = formPressSchema.parse(action.data.press)
    if (press.kind === 'find') return find(app, draft)
    if (press.kind === 'open') return open(app, draft, { press, event })
    if (press.kind !== 'cancel') await answer(app, draft.id, press)
    return ''
  },
  'jobForm.cancel': async (app, action) => {
    const draft = (await app.formDrafts.get(action.subject))?.value
    if (!draft) return GONE
    await closeDraft(app, draft, textView('The form is closed. Nothing was started and no money moved.'))
    return 'Closed. Nothing was started.'
  },
}

const GONE = 'This form is closed. /job opens a new one.'

/** Takes the answer and shows what it made of the form. */
async function answer(app: BotApp, id: string, given: Answer): Promise<void> {
  await updateDocument({
    collection: app.formDrafts,
    id,
    change: (now) => ({ ...now, form: applyAnswer(now.form, given, knownTo(app)) }),
  })
  await showDraft(app, id)
}

/** A question that takes typing: a form where the platform has them, else the next text. */
async function open(
  app: BotApp,
  draft: FormDraft,
  { press, event }: { press: Extract<FormPress, { kind: 'open' }>; event: ActionEvent },
): Promise<string | undefined> {
  const { from, fields } = press
  if (event.kind === 'form') {
    const texts = Object.fromEntries(fields.map((field) => [field, event.values[field] ?? '']))
    await answer(app, draft.id, { kind: 'texts', from, texts })
    return ''
  }
  const form: Form = {
    token: event.token,
    title: questionOf(from),
    fields: fields.map((name) => ({
      ...FORM_FIELDS[name],
      name,
      isRequired: fields.length === 1 && (name === 'gpu' || name === 'count' || name === 'time'),
      ...(draft.form.texts[name] && { value: draft.form.texts[name] }),
    })),
  }
  if (await app.chat.askForm(event, form)) return undefined
  const [field] = fields
  if (field) await answer(app, draft.id, { kind: 'ask', from, field })
  return 'Write it to me as a message.'
}

/** From here on it is a typed /job: the same checks, the same document, the same message. */
async function find(app: BotApp, draft: FormDraft): Promise<string> {
  const read = readJobForm(draft.form, knownTo(app))
  if (!read.ok) {
    await showAgain(app, draft.id, { kind: 'find' })
    return questionOf(read.step)
  }
  const { id, principal, origin, place } = draft
  const submitted = await submitJob({
    app,
    requestKey: `form:${id}`,
    principal: { ...principal, kind: 'user' },
    origin,
    parsed: read.parsed,
  })
  if (!submitted.ok) {
    await showAgain(app, id, { kind: 'find' })
    return submitted.why
  }
  const { ref } = submitted.job
  await closeDraft(app, draft, sentOff({ ref, from: place, to: submitted.place }))
  return `Scanning, as ${ref}.`
}

/** The last words of a form. Where others read along they do not say which job is Untracked. */
function sentOff({ ref, from, to }: { ref: string; from: Place; to: Place }): View {
  if (to.isPrivate && !from.isPrivate) return textView('This job is Untracked, so it continues in our private chat.')
  const where = to.chatId === from.chatId ? 'below' : 'in the group'
  return textView('Sent off as job ', { text: ref, style: 'bold' }, `; its message is ${where}.`)
}

/** A text in private that answers the open form's question; false: there is no form that it could be for. */
export async function answerJobForm(app: BotApp, event: Extract<Inbound, { kind: 'text' }>): Promise<boolean> {
  const open = await app.formDrafts.list({ index: 'owner', key: draftOwner(event.principal, event.place) })
  const draft = open.find(({ value }) => value.message && value.expiresAtMs > app.context.clock.now())?.value
  if (!draft) return false
  const { step, asking } = draft.form
  const field = asking ?? FIELDS_OF[step]?.[0]
  if (field) await answer(app, draft.id, { kind: 'texts', from: step, texts: { [field]: event.text } })
  else await reply(app, event, textView('This step of the form is answered with its buttons.'))
  return true
}
