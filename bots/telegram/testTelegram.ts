// A Telegram on loopback with people in it and our adapter connected to it, for tests.
import { type Clock, systemClock } from '../../core/clock.ts'
import { createLog } from '../../core/log.ts'
import { startTelegram, type TelegramOptions } from '../../test/world/telegram/startTelegram.ts'
import type { Inbound, Membership } from '../chat/inbound.ts'
import { createTelegramChat } from './index.ts'
import type { Migration } from './send.ts'

const PAGES = 'http://127.0.0.1:8080'

/** `onInbound` runs before an event counts as received. */
export async function connectTelegram(
  options: { clock?: Clock; onInbound?: (event: Inbound) => Promise<void>; world?: Partial<TelegramOptions> } = {},
) {
  const { clock = systemClock, onInbound } = options
  const world = await startTelegram(options.world)
  const received: Inbound[] = []
  const migrations: Migration[] = []
  const memberships: Membership[] = []
  const logLines: string[] = []
  const watchers = new Set<() => void>()

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
      async onInbound(event) {
        await take?.(event)
        received.push(event)
        for (const look of watchers) look()
      },
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

  /** The event with this text or command, as soon as it has been received. */
  function event(matches: (event: Inbound) => boolean): Promise<Inbound> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not received; got ${JSON.stringify(received)}`)), 10_000)
      const look = () => {
        const found = received.find(matches)
        if (!found) return
        clearTimeout(timer)
        watchers.delete(look)
        resolve(found)
      }
      watchers.add(look)
      look()
    })
  }

  return {
    world,
    chat,
    makeChat,
    people: { ann, bob },
    team,
    teamPlace: { platform: 'telegram', chatId: String(team.id), isPrivate: false, title: 'Acme' } as const,
    received,
    migrations,
    memberships,
    logLines,
    event,
    command: (name: string) => event((e) => e.kind === 'command' && e.name === name),
    async close() {
      await chat.stop()
      await world.stop()
    },
  }
}
