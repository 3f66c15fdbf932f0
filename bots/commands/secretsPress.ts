// The "Add secrets" button: the link of the page that takes them, to whoever asked for the job and to nobody else.
import { NectoError } from '../../core/errors.ts'
import { openSecretsLink } from '../../core/jobs/secretsLink.ts'
import { secretsView } from '../views/secretsView.ts'
import type { ActionEvent, BotApp } from './app.ts'

/** Answers the toast. That it was pressed by whoever asked is the token's matter. */
export async function pressSecrets(app: BotApp, ref: string, event: ActionEvent): Promise<string> {
  const opened = await openSecretsLink(app.context, ref)
  if (!opened.ok) return opened.why
  const view = secretsView({ ref, url: `${app.publicUrl}/secrets/${opened.secretsToken}` })
  try {
    return (await app.chat.whisper(event, view)) === 'here' ? '' : 'The link to the page is in our private chat.'
  } catch (error) {
    if (!(error instanceof NectoError) || error.code !== 'chat.unreachable') throw error
    return 'The link goes to a private chat, and we have none yet. Write to me in private first, then press again.'
  }
}
