// A Discord on loopback: gateway and REST for an unmodified discord.js, and the people who use it.
import { type Clock, systemClock } from '../../../core/clock.ts'
import { createCommands } from './commands.ts'
import { createGateway, GUILDS_INTENT } from './gateway/gateway.ts'
import { createInteractions } from './interactions.ts'
import { discordRates, type RateSettings } from './limits.ts'
import { describeMessage, type MessageView } from './messageView.ts'
import type { Channel, Guild, ShownModal, User, World } from './model.ts'
import { createPlaces } from './people/places.ts'
import { createUsing } from './people/using.ts'
import { applicationRoutes } from './rest/applications.ts'
import { callbackRoutes } from './rest/callback.ts'
import { createCallLog } from './rest/callLog.ts'
import { channelRoutes } from './rest/channels.ts'
import { createFaults } from './rest/faults.ts'
import { guildRoutes } from './rest/guilds.ts'
import { createRateLimits } from './rest/rateLimits.ts'
import { listen } from './rest/server.ts'
import { webhookRoutes } from './rest/webhooks.ts'
import { createSnowflakes } from './snowflakes.ts'
import { createTranscript } from './transcript.ts'
import { guildCreateJson, userJson } from './wire.ts'

export interface DiscordOptions {
  /** Ids, deadlines, limits and heartbeats run on it; the machine's by default. */
  readonly clock?: Clock
  readonly token?: string
  readonly applicationId?: string
  /** A free one by default. */
  readonly port?: number
  readonly rates?: Partial<RateSettings>
  /** Six hours: a clock that jumps over a token's 15 minutes must not end the connection. */
  readonly heartbeatIntervalMs?: number
}

/** A message as it stands in the channel now. */
export type ChannelMessage = MessageView & { readonly at: number }

export type Discord = Awaited<ReturnType<typeof startDiscord>>

/** Starts the server; give it to the bot: `new Client({ intents, rest: { api: apiRoot } })`, `login(token)`. */
export async function startDiscord(options: DiscordOptions = {}) {
  const { clock = systemClock, applicationId = '1190000000000000001', port = 0 } = options
  const { heartbeatIntervalMs = 6 * 3_600_000, rates } = options
  // Shaped like one: the id in Base64, then two parts that are no secret here.
  const token = options.token ?? `${Buffer.from(applicationId).toString('base64url')}.Local0.token-of-the-local-discord`
  const newId = createSnowflakes(clock)
  const bot: User = {
    id: applicationId,
    username: 'necto',
    name: 'Necto',
    isBot: true,
    locale: 'en-US',
    blocksDms: false,
    hasInstalledApp: false,
  }
  const faults = createFaults()
  const log = createCallLog(token)
  const world: World = {
    clock,
    newId,
    applicationId,
    bot,
    users: new Map([[bot.id, bot]]),
    guilds: new Map<string, Guild>(),
    channels: new Map<string, Channel>(),
    commands: createCommands({ newId, applicationId }),
    interactions: createInteractions({ clock, newId }),
    modals: new Map<string, ShownModal>(),
    limits: createRateLimits({ clock, settings: { ...discordRates, ...rates } }),
    gateway: createGateway({ clock, token, heartbeatIntervalMs, onIdentify: (intents) => greeting(world, intents) }),
    transcript: createTranscript(clock),
  }
  const { transcript, gateway } = world
  const routes = [
    ...applicationRoutes(() => server.gatewayUrl),
    ...callbackRoutes,
    ...webhookRoutes,
    ...channelRoutes,
    ...guildRoutes,
  ]
  const server = await listen({ world, token, routes, faults, log }, { port })
  const seenBy = (user: User | undefined) => (view: Pick<MessageView, 'visibleTo'>) =>
    user === undefined || view.visibleTo === undefined || view.visibleTo === user.id

  return {
    token,
    applicationId,
    apiRoot: server.apiRoot,
    gatewayUrl: server.gatewayUrl,
    /** The settings of a Necto that uses this Discord. */
    env: { DISCORD_BOT_TOKEN: token, DISCORD_APPLICATION_ID: applicationId, DISCORD_API_ROOT: server.apiRoot },
    bot,
    async stop() {
      world.interactions.stop()
      gateway.stop()
      await server.close()
    },
    ...createPlaces(world),
    ...createUsing(world),
    /** The commands registered now, global or of a guild. */
    commands: (guild?: Guild) => world.commands.list(guild?.id),
    /** What the channel shows now, oldest first: to everybody together, or to one person. */
    messages: (channel: Pick<Channel, 'id'>, { as }: { as?: User } = {}): ChannelMessage[] =>
      [...(world.channels.get(channel.id)?.messages.values() ?? [])]
        .map((message) => ({ at: message.atMs, ...describeMessage(world, message) }))
        .filter(seenBy(as)),
    /** Every visible state of every message, in order. */
    transcript: (channel: Pick<Channel, 'id'>, { as }: { as?: User } = {}) => transcript.of(channel).filter(seenBy(as)),
    onEvent: transcript.onEvent,
    waitFor: transcript.waitFor,
    /** The REST calls so far, or those whose route contains this: `PATCH /channels`. */
    calls: log.list,
    failNext: faults.failNext,
    /** Closes the bot's sockets, as a gateway that restarts does; 4000 by default. */
    dropGateway: gateway.drop,
    askToReconnect: gateway.askToReconnect,
    invalidateSession: gateway.invalidate,
    /** Sockets of the bot with a live session. */
    connections: gateway.connections,
    identifies: gateway.identifies,
  }
}

/** What a bot is told when it has identified itself: who it is, and with the Guilds intent its guilds. */
function greeting(world: World, intents: number) {
  const { bot, applicationId, guilds } = world
  const own = [...guilds.values()].filter(({ members }) => members.has(bot.id))
  const ready = {
    v: 10,
    user: { ...userJson(bot), verified: true, mfa_enabled: false, email: null, flags: 0 },
    guilds: own.map(({ id }) => ({ id, unavailable: true })),
    application: { id: applicationId, flags: 0 },
    shard: [0, 1],
    private_channels: [],
    presences: [],
  }
  const events =
    (intents & GUILDS_INTENT) === 0
      ? []
      : own.map((guild) => ({ name: 'GUILD_CREATE', data: guildCreateJson(world, guild) }))
  return { ready, events }
}
