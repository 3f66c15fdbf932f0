// A Discord bot seen from its token alone: who it is, and its commands; for setting up, without connecting.
import { Routes } from 'discord.js'
import { z } from 'zod'
import { NectoError } from '../../core/errors.ts'
import type { CommandSpec } from '../chat/commandSpec.ts'
import { createCalls } from './calls.ts'
import { mapError } from './mapError.ts'
import { register } from './register.ts'

const userSchema = z.object({ username: z.string() })
const applicationSchema = z.object({ id: z.string(), bot_public: z.boolean() })

export interface DiscordAccount {
  readonly username: string
  readonly applicationId: string
  /** Others than the application's owner may add it to their servers. */
  readonly isPublic: boolean
  /** Registers the commands that people see. */
  setCommands(table: readonly CommandSpec[]): Promise<void>
}

/** Who the token belongs to. Throws NectoError `chat.refused` for a token that Discord does not know, `chat.failed` when it does not answer. */
export async function openDiscordAccount(options: { token: string; apiRoot: string }): Promise<DiscordAccount> {
  const calls = createCalls(options)
  try {
    const user = userSchema.parse(await calls.rest.get(Routes.user('@me')))
    const application = applicationSchema.parse(await calls.rest.get(Routes.currentApplication()))
    return {
      username: user.username,
      applicationId: application.id,
      isPublic: application.bot_public,
      setCommands: (table) => register({ rest: calls.rest, applicationId: application.id }, table),
    }
  } catch (thrown) {
    if (thrown instanceof z.ZodError)
      throw new NectoError('chat.failed', 'What answered does not speak as Discord does.', { retry: 'later' })
    throw mapError(thrown, { method: 'reading the application', isRepeatable: true })
  } finally {
    calls.stop()
  }
}
