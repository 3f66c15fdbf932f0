// A local Discord with one small guild and a bot that is answered for by hand, for the tests beside it.
import { createManualClock } from '../../../core/clock.ts'
import { type ApiAnswer, callApi } from './callApi.ts'
import { type DiscordOptions, startDiscord } from './startDiscord.ts'
import { identify } from './testGateway.ts'

type File = { readonly name: string; readonly bytes: Buffer }

/** As many messages as a test likes. */
export const unhurried: DiscordOptions = { rates: { channel: { requests: 1000, perMs: 1000 } } }

/** Two commands that anybody may use. */
export const jobAndShow = [
  { name: 'job', description: 'x', options: [{ type: 3, name: 'gpu', description: 'x' }] },
  { name: 'show', description: 'x' },
]

export type TestGuild = Awaited<ReturnType<typeof startTestGuild>>

/** Ann's guild, with Bob, a channel and the bot in it, and messages sent and edited with the bot's token. */
export async function startTestGuild(options: DiscordOptions = {}) {
  const clock = createManualClock(1_790_000_000_000)
  const discord = await startDiscord({ clock, ...options })
  const ann = discord.user({ name: 'Ann' })
  const bob = discord.user({ name: 'Bob' })
  const guild = discord.guild({ name: 'Acme', owner: ann, members: [bob] })
  const channel = discord.channel(guild, 'general')
  discord.addBot(guild)
  const messages = `/channels/${channel.id}/messages`
  return {
    clock,
    discord,
    ann,
    bob,
    guild,
    channel,
    send: (body: unknown, files?: readonly File[]) =>
      callApi(discord, { call: `POST ${messages}`, body, ...(files ? { files } : {}) }),
    edit: ({ body: { id } }: ApiAnswer, body: unknown, files?: readonly File[]) =>
      callApi(discord, { call: `PATCH ${messages}/${id}`, body, ...(files ? { files } : {}) }),
  }
}

/** The same with these commands and the bot connected: `bot.next` gives what it gets, `answer` answers the next of it. */
export async function startAnsweredGuild(commands: readonly object[]) {
  const started = await startTestGuild()
  const { discord } = started
  const bot = await identify(discord)
  await callApi(discord, { call: `PUT /applications/${discord.applicationId}/commands`, body: commands })
  const answer = async (body: unknown) => {
    const { d } = await bot.next()
    const call = `POST /interactions/${d.id}/${d.token}/callback`
    return { d, ...(await callApi(discord, { call, body, authorization: null })) }
  }
  return { ...started, bot, answer }
}

export type AnsweredGuild = Awaited<ReturnType<typeof startAnsweredGuild>>
