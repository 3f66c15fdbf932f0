// A Discord on loopback with people in it and our adapter connected to it, for tests.
import { type Clock, systemClock } from '../../core/clock.ts'
import { createLog } from '../../core/log.ts'
import { type DiscordOptions, startDiscord } from '../../test/world/discord/startDiscord.ts'
import type { CommandSpec } from '../chat/commandSpec.ts'
import type { Inbound, Place } from '../chat/inbound.ts'
import { createReceived } from '../chat/testReceived.ts'
import { createDiscordChat, type SuggestedValue } from './index.ts'
import type { SuggestionQuery } from './receive.ts'

const PAGES = 'http://127.0.0.1:8080'

const optional = { kind: 'text', write: (value: string) => value } as const
/** What the tests register. */
export const testTable: readonly CommandSpec[] = [
  {
    name: 'job',
    summary: 'Rent GPUs',
    where: 'anywhere',
    options: [
      { ...optional, name: 'run', description: 'What to run', write: (value) => `run ${value}` },
      { ...optional, name: 'gpu', description: 'Which GPU', isRequired: true, suggest: 'gpu' },
      { ...optional, name: 'count', description: 'How many', kind: 'whole', min: 1, max: 8, write: (v) => `x${v}` },
      { ...optional, name: 'for', description: 'For whom', kind: 'person' },
    ],
  },
  {
    name: 'ask',
    summary: 'Anything',
    where: 'anywhere',
    options: [{ ...optional, name: 'words', description: 'Words' }],
  },
  {
    name: 'stop',
    summary: 'Give it up',
    where: 'anywhere',
    answer: 'asker',
    options: [{ ...optional, name: 'words', description: 'Words' }],
  },
  { name: 'wallet', summary: 'Your wallet', where: 'private' },
]

/** `onInbound` runs before an event counts as received. */
export async function connectDiscord(
  options: {
    clock?: Clock
    onInbound?: (event: Inbound) => Promise<void>
    suggest?: (query: SuggestionQuery) => Promise<readonly SuggestedValue[]>
    world?: Partial<DiscordOptions>
    table?: readonly CommandSpec[]
  } = {},
) {
  const { clock = systemClock, onInbound, suggest, table = testTable } = options
  const world = await startDiscord({ clock, ...options.world })
  const inbox = createReceived()
  const logLines: string[] = []

  const makeChat = ({
    apiRoot = world.apiRoot,
    token = world.token,
    onInbound: take = onInbound,
  }: {
    apiRoot?: string
    token?: string
    onInbound?: ((event: Inbound) => Promise<void>) | undefined
  } = {}) =>
    createDiscordChat({
      token,
      apiRoot,
      clock,
      // Unredacted on purpose: no secret may even reach the log.
      log: createLog({ redact: (text) => text, write: (line) => logLines.push(line) }),
      linkOrigins: [PAGES, 'https://necto.example'],
      onInbound: inbox.onInbound(take),
      ...(suggest && { suggest }),
    })
  const chat = makeChat()

  const ann = world.user({ name: 'Ann' })
  const bob = world.user({ name: 'Bob' })
  const guild = world.guild({ name: 'Acme', owner: ann, members: [bob] })
  const team = world.channel(guild, 'gpu-jobs')
  world.addBot(guild)
  const teamPlace: Place = {
    platform: 'discord',
    chatId: team.id,
    spaceId: guild.id,
    isPrivate: false,
    title: 'Acme',
  }

  return {
    world,
    chat,
    makeChat,
    people: { ann, bob },
    guild,
    team,
    teamPlace,
    logLines,
    received: inbox.received,
    event: inbox.event,
    command: inbox.command,
    /** Connects and registers the table. */
    async start(one = chat) {
      await one.start()
      await one.setCommands(table)
    },
    async close() {
      await chat.stop()
      await world.stop()
    },
  }
}
