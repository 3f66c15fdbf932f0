// A Telegram on loopback with people in it and our adapter connected to it, for tests.
import { type Clock, systemClock } from '../../core/clock.ts'
import { createLog } from '../../core/log.ts'
import { startTelegram, type TelegramOptions } from '../../test/world/telegram/startTelegram.ts'
import type { Inbound, Membership } from '../chat/inbound.ts'
import { createReceived } from '../chat/testReceived.ts'
import { createTelegramChat } from './index.ts'
import type { Migration } from './send.ts'

const PAGES = 'http://127.0.0.1:8080'

/** `onInbound` runs before an event counts as received. */
export async function connectTelegram(
  options: { clock?: Clock; onInbound?: (event: Inbound) => Promise<void>; world?: Partial<TelegramOptions> } = {},
) {
  const { clock = systemClock, onInbound } = options
  const world = await startTelegram(options.world)
  const inbox = createReceived()
  const migrations: Migration[] = []
  const memberships: Membership[] = []
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
    createTelegramChat({
      token,
      apiRoot,
      clock,
      // Unredacted on purpose: no secret may even reach the log.
      log: createLog({ redact: (text) => text, write: (line) => logLines.push(line) }),
      linkOrigins: [PAGES, 'https://necto.example'],
      onInbound: inbox.onInbound(take),
      async onMigrate(migration) {
        migrations.push(migration)
      },
      async onMembership({ place, isIn }) {
        memberships.push({ place, isIn })
      },
    })
  const chat = makeChat()

  const ann = world.user({ id: 42, firstName: 'Ann', username: 'ann' })
  const bob = world.user({ id: 43, firstName: 'Bob' })
  const team = world.supergroup({ title: 'Acme', creator: ann, members: [bob] })
  world.addBot(team, { by: ann })

  return {
    world,
    chat,
    makeChat,
    people: { ann, bob },
    team,
    teamPlace: { platform: 'telegram', chatId: String(team.id), isPrivate: false, title: 'Acme' } as const,
    migrations,
    memberships,
    logLines,
    received: inbox.received,
    event: inbox.event,
    command: inbox.command,
    async close() {
      await chat.stop()
      await world.stop()
    },
  }
}
