// The command menus that Telegram shows, from the one table of commands.
import type { Api } from 'grammy'
import { NectoError } from '../../core/errors.ts'
import type { CommandSpec } from '../chat/commandSpec.ts'
import { clampText } from '../chat/safeText.ts'
import { mapError } from './mapError.ts'

const NAME = /^[a-z0-9_]{1,32}$/
const DESCRIPTION_LENGTH = 256
const SCOPES = [
  { where: 'private', type: 'all_private_chats' },
  { where: 'group', type: 'all_group_chats' },
] as const

/** Sets both menus, which are for comfort: they allow and forbid nothing. Throws NectoError `chat.bad-command` for a name that Telegram does not take. */
export async function setCommands(api: Api, table: readonly CommandSpec[]): Promise<void> {
  const bad = table.find((command) => !NAME.test(command.name) || !command.summary)
  if (bad) throw new NectoError('chat.bad-command', `"${bad.name}" cannot be a Telegram command.`)
  for (const { where, type } of SCOPES) {
    const commands = table
      .filter((command) => where === 'private' || command.where === 'anywhere')
      .map(({ name, summary }) => ({ command: name, description: clampText(summary, DESCRIPTION_LENGTH) }))
    try {
      await api.setMyCommands(commands, { scope: { type } })
    } catch (thrown) {
      throw mapError(thrown, { method: 'setMyCommands', isRepeatable: true })
    }
  }
}
