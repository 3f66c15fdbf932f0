// Opens the job form: where it can be filled in, as the only one of its person there.
import { NectoError } from '../../core/errors.ts'
import { createLinkToken } from '../../core/ids.ts'
import { textView } from '../chat/view.ts'
import { type BotApp, type CommandEvent, reply } from '../commands/app.ts'
import { askTeam } from '../commands/askTeam.ts'
import { draftOwner, type FormDraft } from './drafts.ts'
import { newJobForm } from './jobForm.ts'
import { closeDraft, showDraft } from './showDraft.ts'

const KEPT_MS = 24 * 3_600_000
const PAYLOAD = /^job-([\w-]{22})$/

/** `/job` without words: the form, where its person alone sees it: below the command where that can be, else in private. */
export async function openJobForm(app: BotApp, event: CommandEvent): Promise<void> {
  const { context, chat, formDrafts } = app
  const whose = await askTeam(app, event, {})
  if (!whose.ok) return reply(app, event, textView(whose.why))
  const goesPrivate = !event.place.isPrivate && !event.message.isPrivate
  const place = goesPrivate ? chat.privatePlace(event.principal) : event.place
  const { platform, userId, label } = event.principal
  const open = await formDrafts.list({ index: 'owner', key: draftOwner(event.principal, place) })
  // An event that is handled again, after a crash, finds the form it opened.
  const known = open.find(({ value }) => value.requestKey === event.key)
  for (const { value } of open) {
    if (value.requestKey !== event.key)
      await closeDraft(app, value, textView('This form is closed: you opened a newer one.'))
  }
  const draft: FormDraft = known?.value ?? {
    id: createLinkToken(context.random),
    principal: { platform, userId, label },
    place,
    origin: event.place,
    requestKey: event.key,
    form: newJobForm(whose.mode),
    tokens: {},
    expiresAtMs: context.clock.now() + KEPT_MS,
  }
  if (!known) await formDrafts.insert(draft.id, draft)
  try {
    await showDraft(app, draft.id, { replyTo: goesPrivate ? undefined : event.message })
  } catch (error) {
    if (!(error instanceof NectoError) || error.code !== 'chat.unreachable') throw error
    return reply(app, event, {
      blocks: [
        {
          kind: 'text',
          spans: [
            'The form continues in a private chat, and we have none yet. Open it, write to me there, and send this again.',
          ],
        },
      ],
      buttons: [[{ label: 'Open the form', url: chat.startUrl(platform, `job-${draft.id}`) }]],
    })
  }
  if (goesPrivate)
    await reply(
      app,
      event,
      textView(
        'The form is in our private chat. A Tracked job’s message comes back here, an Untracked one stays there.',
      ),
    )
}

/** `/start` behind one of our links: the form that waits there, else a new one; false: the payload is not ours. */
export async function startJobForm(app: BotApp, event: CommandEvent): Promise<boolean> {
  const payload = event.text.trim()
  const id = PAYLOAD.exec(payload)?.[1]
  if (payload !== 'job' && id === undefined) return false
  const draft = id === undefined ? undefined : (await app.formDrafts.get(id))?.value
  const isOwn =
    draft?.principal.platform === event.principal.platform && draft.principal.userId === event.principal.userId
  if (draft && isOwn && draft.place.chatId === event.place.chatId && !draft.message) await showDraft(app, draft.id)
  else await openJobForm(app, event)
  return true
}
