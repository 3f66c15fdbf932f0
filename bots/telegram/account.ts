// A Telegram bot seen from its token alone: who it is, and its menus; for setting up, without receiving anything.
import { Api } from 'grammy'
import { NectoError } from '../../core/errors.ts'
import type { CommandSpec } from '../chat/commandSpec.ts'
import { mapError } from './mapError.ts'
import { setCommands } from './menu.ts'

const CALL_TIMEOUT_SECONDS = 15

export interface TelegramAccount {
  readonly username: string
  readonly canJoinGroups: boolean
  /** Privacy mode is off: the bot is sent every message of its groups. */
  readonly readsAllMessages: boolean
  /** Sets the menus that people see. */
  setCommands(table: readonly CommandSpec[]): Promise<void>
}

/** Who the token belongs to. Throws NectoError `chat.refused` for a token that Telegram does not know, `chat.failed` when it does not answer. */
export async function openTelegramAccount(options: { token: string; apiRoot: string }): Promise<TelegramAccount> {
  const { token, apiRoot } = options
  const api = new Api(token, { apiRoot, timeoutSeconds: CALL_TIMEOUT_SECONDS })
  const me = await api.getMe().catch((thrown: unknown) => {
    const error = mapError(thrown, { method: 'getMe', isRepeatable: true })
    // A token that is not even shaped like one is part of a path that does not exist.
    if (error.details?.startsWith('getMe: 404'))
      throw new NectoError('chat.refused', 'Telegram does not know this bot token.', { details: error.details })
    throw error
  })
  return {
    username: me.username,
    canJoinGroups: me.can_join_groups,
    readsAllMessages: me.can_read_all_group_messages,
    setCommands: (table) => setCommands(api, table),
  }
}
