// The connection that brings interactions: opened until it holds, and opened anew when Discord ends it for good.
import {
  type APIInteraction,
  Client,
  Events,
  GatewayCloseCodes,
  GatewayDispatchEvents,
  GatewayIntentBits,
} from 'discord.js'
import type { Clock } from '../../core/clock.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { mapError } from './mapError.ts'
import { createSharding } from './sharding.ts'

const PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/** discord.js resumes a session that was cut off by itself; only what it gives up on is done here. */
export function createGateway(options: {
  token: string
  apiRoot: string | undefined
  clock: Clock
  log: Log
  onInteraction(interaction: APIInteraction): void
}) {
  const { token, apiRoot, clock, log, onInteraction } = options
  const stopping = new AbortController()
  let client: Client | undefined

  /** Resolves when the session is open. */
  async function open(): Promise<void> {
    const sharding = createSharding()
    const next = new Client({
      ws: { buildStrategy: sharding.buildStrategy },
      intents: [GatewayIntentBits.Guilds],
      allowedMentions: { parse: [] },
      rest: { retries: 0, ...(apiRoot !== undefined && { api: apiRoot }) },
    })
    // Without these listeners an error of the connection would end the process.
    next.on(Events.Error, (error) => log.error({ msg: 'discord client failed', error: error.name }))
    next.on(Events.ShardError, (error) => log.warn({ msg: 'discord connection failed', error: error.name }))
    // The payload as it came: its shape is Discord's, not that of a version of discord.js.
    next.ws.on(GatewayDispatchEvents.InteractionCreate, onInteraction)
    const ended = new Promise<NectoError>((resolve) =>
      next.once(Events.ShardDisconnect, ({ code }) => resolve(closedFor(code))),
    )
    const login = next.login(token)
    login.catch(() => {})
    try {
      const error = await Promise.race([login.then(() => undefined), ended, stopped()])
      if (error) throw error
      // Told to stop in the very moment in which it was there.
      if (stopping.signal.aborted) throw closing()
    } catch (thrown) {
      await sharding.cut(() => next.destroy())
      throw mapError(thrown, { method: 'login', isRepeatable: true })
    }
    client = next
    void ended.then((error) => again(error, next))
  }

  const stopped = () =>
    new Promise<NectoError>((resolve) => {
      const end = () => resolve(closing())
      if (stopping.signal.aborted) end()
      else stopping.signal.addEventListener('abort', end, { once: true })
    })

  /** Discord ended the session for good, as when the token was replaced: that may pass, and an operator must know. */
  async function again(error: NectoError, former: Client): Promise<void> {
    if (stopping.signal.aborted) return
    log.error({ msg: 'discord session ended', error: errorText(error) })
    await destroy(former)
    await clock.sleep(LONGEST_PAUSE_MS, stopping.signal).catch(() => {})
    await keepTrying({ isFirst: false }).catch(() => {})
  }

  async function keepTrying({ isFirst }: { isFirst: boolean }): Promise<void> {
    for (let failures = 1; !stopping.signal.aborted; failures++) {
      try {
        return await open()
      } catch (thrown) {
        if (stopping.signal.aborted) return
        const error = mapError(thrown, { method: 'login', isRepeatable: true })
        // A wrong token does not pass by itself.
        if (isFirst && error.retry === 'never') throw error
        log.error({ msg: 'discord cannot be reached', error: errorText(error), failures })
        await clock.sleep(pauseMs(error, failures), stopping.signal).catch(() => {})
      }
    }
  }

  return {
    /** Resolves when interactions come in, or when stopped. Throws NectoError `chat.refused` for a wrong token. */
    start: () => keepTrying({ isFirst: true }),
    async stop(): Promise<void> {
      stopping.abort()
      if (client) await destroy(client)
    },
    /** Who the bot is; undefined before it has started. */
    get self(): { name: string; userId: string; applicationId: string } | undefined {
      const user = client?.user
      return user && client?.application
        ? { name: user.tag, userId: user.id, applicationId: client.application.id }
        : undefined
    },
    guildName: (guildId: string): string | undefined => client?.guilds.cache.get(guildId)?.name,
  }
}

const closing = () => new NectoError('chat.closing', 'The bot is stopping.', { retry: 'later' })

/** What fails while a client ends is of no use to anybody. */
const destroy = (client: Client): Promise<void> => client.destroy().catch(() => {})

function pauseMs(error: NectoError, failures: number): number {
  if (error.retry === 'never') return LONGEST_PAUSE_MS
  return Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (failures - 1))
}

function closedFor(code: number): NectoError {
  const details = `gateway closed: ${code}`
  if (code === GatewayCloseCodes.AuthenticationFailed) {
    return new NectoError('chat.refused', 'Discord does not know this bot token.', { details })
  }
  return new NectoError('chat.refused', 'Discord ended the connection for good.', { details })
}
