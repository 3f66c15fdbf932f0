// An unmodified discord.js client on a local Discord, for the tests beside it.
import { Client, type ClientOptions, Events, GatewayIntentBits, type Interaction } from 'discord.js'
import { createManualClock } from '../../../core/clock.ts'
import { type DiscordOptions, startDiscord } from './startDiscord.ts'

/** The commands the tests register. */
export const testCommands = [
  {
    name: 'job',
    description: 'Rent GPUs',
    options: [
      { type: 3, name: 'gpu', description: 'Which GPU', required: true, autocomplete: true },
      { type: 4, name: 'count', description: 'How many', min_value: 1, max_value: 8 },
      { type: 6, name: 'for', description: 'For whom' },
    ],
  },
  { name: 'help', description: 'What this is' },
]

/** A guild with a channel, two people and a bot that listens; closed with it. */
export async function startTestBot(options: DiscordOptions & { rest?: ClientOptions['rest'] } = {}) {
  const clock = createManualClock(1_790_000_000_000)
  const { rest, ...ofDiscord } = options
  const discord = await startDiscord({ clock, ...ofDiscord })
  const ann = discord.user({ name: 'Ann' })
  const bob = discord.user({ name: 'Bob' })
  const guild = discord.guild({ name: 'Acme ML', owner: ann, members: [bob] })
  const channel = discord.channel(guild, 'general')
  discord.addBot(guild)
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    rest: { api: discord.apiRoot, ...rest },
    // Discord.js waits five seconds between two identifies; here it need not.
    ws: { buildIdentifyThrottler: async () => ({ waitForIdentify: async () => undefined }) },
  })
  const errors: unknown[] = []
  client.on(Events.Error, (error) => errors.push(error))
  const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()))
  await client.login(discord.token)
  await ready
  await client.application?.commands.set(testCommands)
  return {
    clock,
    discord,
    ann,
    bob,
    guild,
    channel,
    client,
    /** What reached the client's error event: a handler that threw. */
    errors,
    /** Handles every interaction from now on. */
    onInteraction: (handle: (interaction: Interaction) => unknown) =>
      client.on(Events.InteractionCreate, async (interaction) => void (await handle(interaction))),
    [Symbol.asyncDispose]: async () => {
      await client.destroy()
      await discord.stop()
    },
  }
}
