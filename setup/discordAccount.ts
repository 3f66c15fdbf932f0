// A Discord bot seen from its token alone: who it is, and the application it belongs to.
import { z } from 'zod'
import type { Clock } from '../core/clock.ts'
import { NectoError } from '../core/errors.ts'
import { fetchBytes, jsonOf, StatusError } from '../core/http.ts'

// Discord refuses callers that do not name themselves like this.
const USER_AGENT = 'DiscordBot (necto, 0.1.0)'

const userSchema = z.object({ id: z.string(), username: z.string(), bot: z.boolean().optional() })
const applicationSchema = z.object({ id: z.string(), bot_public: z.boolean() })

export interface DiscordAccount {
  readonly username: string
  readonly applicationId: string
  /** Others than the application's owner may add it to their servers. */
  readonly isPublic: boolean
}

/** Who the token belongs to. Throws NectoError: setup.discord for one that is no bot's, else as fetchBytes does. */
export async function openDiscordAccount(options: {
  token: string
  apiRoot: string
  clock: Clock
  signal: AbortSignal
}): Promise<DiscordAccount> {
  const { token, apiRoot, clock, signal } = options
  const headers = { authorization: `Bot ${token}`, 'user-agent': USER_AGENT }
  const read = async (path: string) =>
    jsonOf(await fetchBytes({ url: `${apiRoot.replace(/\/+$/, '')}/v10/${path}`, headers, clock, signal }))
  try {
    const user = userSchema.parse(await read('users/@me'))
    const application = applicationSchema.parse(await read('applications/@me'))
    return { username: user.username, applicationId: application.id, isPublic: application.bot_public }
  } catch (error) {
    if (error instanceof StatusError && error.status === 401)
      throw new NectoError('setup.discord', 'Discord does not know this bot token.')
    if (error instanceof z.ZodError)
      throw new NectoError('setup.discord', 'What answered does not speak as Discord does.', { retry: 'later' })
    throw error
  }
}
