// The story's people on the local Discord: a guild with the bot and a channel, and direct messages.
import { PEOPLE, TEAM } from './cast.ts'
import type { ChatWorld } from './chatWorld.ts'
import { markdownText } from './discord/markdown.ts'
import { optionsFromLine } from './discord/people/typedLine.ts'
import type { Discord } from './discord/startDiscord.ts'

type User = ReturnType<Discord['user']>
type Channel = ReturnType<Discord['dm']>
type RawEntry = Awaited<ReturnType<Discord['waitFor']>>
/** `markdown` is the text as the bot sent it. */
export type DiscordEntry = RawEntry & { readonly markdown: string }

const readable = (entry: RawEntry): DiscordEntry => ({ ...entry, markdown: entry.text, text: markdownText(entry.text) })

/** Makes the cast; call it once per Discord. */
export function createDiscordChats(discord: Discord): ChatWorld<User, Channel, DiscordEntry> {
  const join = ({ name, username, discordId: id }: (typeof PEOPLE)[keyof typeof PEOPLE]) =>
    discord.user({ id, name, username })
  const admin = join(PEOPLE.admin)
  const seller = join(PEOPLE.seller)
  const creator = join(PEOPLE.creator)
  const member = join(PEOPLE.member)
  // The bot may write to those who share a guild with it; these two are in none of a team's.
  discord.addBot(discord.guild({ name: 'Necto', owner: admin, members: [seller] }))
  const guild = discord.guild({ name: TEAM, owner: creator, members: [member] })
  const team = discord.channel(guild, 'gpu-jobs')
  discord.addBot(guild)

  return {
    platform: 'discord',
    cast: {
      admin,
      seller,
      creator,
      member,
      team,
      adminChat: discord.dm(admin),
      sellerChat: discord.dm(seller),
      memberChat: discord.dm(member),
    },
    privateChat: discord.dm,
    chatName(chatId) {
      const person = [admin, seller, creator, member].find((one) => discord.dm(one).id === chatId)
      return person ? `${person.name}’s direct messages` : `#${team.name} of ${TEAM}`
    },
    meet: (person) => run(person, discord.dm(person), 'start'),
    command: run,
    async press(person, on, label) {
      await discord.press(person, on, label)
    },
    transcript: (channel) => discord.transcript(channel).map(readable),
    waitFor: async (channel, matches, options) =>
      readable(await discord.waitFor(channel, (entry) => matches(readable(entry)), options)),
    onEvent: (listener) =>
      void discord.onEvent((event) => {
        if (event.kind === 'message') listener({ ...readable(event), kind: 'message' })
        else if (event.kind === 'used') listener({ kind: 'aside', text: `${event.from}: ${event.text}` })
        else if (event.kind === 'form') listener({ kind: 'aside', text: `a form opens: ${event.title}` })
        else if (event.kind === 'failed') listener({ kind: 'aside', text: event.text })
      }),
  }

  function run(person: User, channel: Channel, line: string): void {
    const [, name = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line) ?? []
    const command = discord.commands().find((one) => one.name === name)
    if (!command) throw new Error(`there is no command /${name}`)
    // What the bot did not answer is an event of its own, "The application did not respond".
    void discord.command(person, channel, name, optionsFromLine(command, rest))
  }
}
