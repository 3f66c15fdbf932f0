// The Telegram chat: one bot token, everything in and out of it, behind our port.
import { Bot } from 'grammy'
import type { Update, UserFromGetMe } from 'grammy/types'
import type { Clock } from '../../core/clock.ts'
import { errorText, NectoError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Inbound, Membership, Place } from '../chat/inbound.ts'
import { createLinkCheck } from '../chat/links.ts'
import type { Addressee, Chat } from '../chat/port.ts'
import { textView } from '../chat/view.ts'
import { setCommands } from './menu.ts'
import { createPoller } from './poll.ts'
import { createPresses } from './presses.ts'
import { type Received, readUpdate } from './receive.ts'
import { createSender, type Migration } from './send.ts'

const CALL_TIMEOUT_SECONDS = 15
const REFUSAL_EVERY_MS = 60_000
const STALE_PRESS = 'This button is no longer in use. Send the command again.'

/** A Telegram bot. `onInbound` resolves when the event is stored; when it rejects, Telegram delivers it again. */
export function createTelegramChat(options: {
  token: string
  apiRoot?: string
  botInfo?: UserFromGetMe
  clock: Clock
  log: Log
  /** Origins that messages may link to: our pages, block explorers. */
  linkOrigins: readonly string[]
  onInbound(inbound: Inbound): Promise<void>
  /** A group's chat id changed: teams and messages must be re-keyed. May be told twice. */
  onMigrate(migration: Migration): Promise<void>
  /** The bot came into a group or was taken out of it. May be told twice. */
  onMembership(change: Membership): Promise<void>
}): Chat {
  const { clock, log, onInbound, onMigrate, onMembership } = options
  const bot = new Bot(options.token, {
    client: { timeoutSeconds: CALL_TIMEOUT_SECONDS, ...(options.apiRoot ? { apiRoot: options.apiRoot } : {}) },
    ...(options.botInfo ? { botInfo: options.botInfo } : {}),
  })
  const { api } = bot
  const isListed = createLinkCheck(options.linkOrigins)
  // Telegram refuses the whole message for a button to a host without a dot, such as localhost.
  const isAllowedLink = (url: string) =>
    (isListed(url) && new URL(url).hostname.includes('.')) || (bot.isInited() && url.startsWith(startUrl('')))
  const sender = createSender({ api, log, isAllowedLink, onMigrate })
  const presses = createPresses({ api, clock, log })
  const refusedAtMs = new Map<string, number>()
  const poller = createPoller({ api, clock, log, prepare, handle: receive })

  function username(): string {
    if (!bot.isInited()) throw new NectoError('chat.not-started', 'The Telegram bot has not started yet.')
    return bot.botInfo.username
  }

  function startUrl(payload: string): string {
    return `https://t.me/${username()}?start=${payload}`
  }

  function privatePlace({ userId, label }: Addressee): Place {
    return { platform: 'telegram', chatId: userId, isPrivate: true, title: label }
  }

  async function prepare(): Promise<void> {
    if (!bot.isInited()) bot.botInfo = await api.getMe()
    // A webhook that was left set would keep every update from the poller.
    await api.deleteWebhook()
  }

  async function receive(update: Update): Promise<void> {
    const received: Received = readUpdate(update, username())
    switch (received.kind) {
      case 'event':
        if (received.event.kind === 'action') presses.arrived(received.event.callbackId)
        return onInbound(received.event)
      case 'stale-press':
        await presses.dismiss(received.callbackId, STALE_PRESS)
        return
      case 'refused':
        return refuse(received.place, received.text)
      case 'migrated':
        return onMigrate(received)
      case 'membership':
        return onMembership(received)
      case 'ignored':
        return
    }
  }

  /** At most once a minute per chat: the answer must not become a way to use up the group's budget. */
  async function refuse(place: Place, text: string): Promise<void> {
    const nowMs = clock.now()
    for (const [chatId, atMs] of refusedAtMs) if (nowMs - atMs >= REFUSAL_EVERY_MS) refusedAtMs.delete(chatId)
    if (refusedAtMs.has(place.chatId)) return
    refusedAtMs.set(place.chatId, nowMs)
    await sender.send(place, textView(text)).catch((error: unknown) => {
      log.warn({ msg: 'refusal not sent', error: errorText(error) })
    })
  }

  return {
    platform: 'telegram',
    ...sender,
    get username() {
      return username()
    },
    startUrl: (_, payload) => startUrl(payload),
    privatePlace,
    // Telegram has no forms: what needs typing is asked for step by step.
    askForm: async () => false,
    setCommands: (table) => setCommands(api, table),
    async notice(to, text) {
      if (to.kind === 'action' || to.kind === 'form') {
        if ((await presses.answer(to.callbackId, text)) || text === '') return
        // Too late for a toast: what only the person should read goes to the person.
        await sender.send(privatePlace(to.principal), textView(text))
        return
      }
      await sender.send(to.place, textView(text), { replyTo: to.message })
    },
    async whisper({ place, principal }, view) {
      await sender.send(privatePlace(principal), view)
      return place.isPrivate ? 'here' : 'in private'
    },
    start: () => poller.start(),
    async stop() {
      await poller.stop()
      await presses.close()
    },
  }
}
