// The application's own routes: where the gateway is, and the commands, global or of one guild.
import { findGuild } from '../access.ts'
import { tooManyCommands, unknownApplication } from '../apiError.ts'
import type { World } from '../model.ts'
import { readCommands } from '../validate/commands.ts'
import { botRoute, type Call, param, type Route } from './route.ts'

const MAX_COMMANDS = 100

const getApplication: Route['handle'] = ({ applicationId, bot }) => ({
  id: applicationId,
  name: bot.name,
  description: '',
  flags: 0,
  bot_public: true,
  bot_require_code_grant: false,
  verify_key: '0'.repeat(64),
  integration_types_config: { 0: {}, 1: {} },
})

const putCommands: Route['handle'] = (world, call) => {
  const guildId = scope(world, call)
  const commands = readCommands(call.body)
  if (commands.length > MAX_COMMANDS) throw tooManyCommands()
  return world.commands.overwrite(commands, guildId)
}

const getCommands: Route['handle'] = (world, call) => world.commands.list(scope(world, call))

function scope(world: World, call: Call): string | undefined {
  if (param(call, 'app') !== world.applicationId) throw unknownApplication()
  return call.params.guild === undefined ? undefined : findGuild(world, call.params.guild).id
}

/** `gatewayUrl` is known once the server listens. */
export function applicationRoutes(gatewayUrl: () => string): readonly Route[] {
  const sessions = { total: 1000, reset_after: 24 * 3600 * 1000, max_concurrency: 1 }
  const getGateway: Route['handle'] = ({ gateway }) => ({
    url: gatewayUrl(),
    shards: 1,
    session_start_limit: { ...sessions, remaining: Math.max(0, sessions.total - gateway.identifies()) },
  })
  return [
    botRoute('GET /gateway/bot', getGateway),
    botRoute('GET /applications/@me', getApplication),
    botRoute('GET /oauth2/applications/@me', getApplication),
    botRoute('GET /applications/:app/commands', getCommands),
    botRoute('PUT /applications/:app/commands', putCommands),
    botRoute('GET /applications/:app/guilds/:guild/commands', getCommands),
    botRoute('PUT /applications/:app/guilds/:guild/commands', putCommands),
  ]
}
