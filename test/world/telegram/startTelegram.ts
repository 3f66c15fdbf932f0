// A Telegram on loopback: the Bot API for an unmodified bot, and the people who talk to it.
import { type Clock, systemClock } from '../../../core/clock.ts'
import { createCallbackQueries } from './callbackQueries.ts'
import { createCallLog } from './callLog.ts'
import { createFaults } from './faults.ts'
import { createLimits, type LimitSettings, telegramLimits } from './limits.ts'
import type { Chat, Entity, Person, StoredFile, StoredMessage } from './model.ts'
import { createChatMakers } from './people/chats.ts'
import { createMembership } from './people/membership.ts'
import { createSpecialSenders } from './people/specialSenders.ts'
import { createTalking, type MessagePointer } from './people/talking.ts'
import { listen } from './server.ts'
import { type ButtonView, buttonView, createTranscript } from './transcript.ts'
import { createUpdateQueue } from './updates.ts'
import { createWebhook } from './webhook.ts'

export interface TelegramOptions {
  /** Message dates, limits, polls and expiries run on it; the machine's by default. */
  readonly clock?: Clock
  readonly botToken?: string
  readonly botUsername?: string
  /** A free one by default. */
  readonly port?: number
  /** Groups show the bot only what is meant for it; on by default, as BotFather sets it. */
  readonly privacyMode?: boolean
  readonly limits?: Partial<LimitSettings>
  /** How long a button press waits for its answer; 15 s. */
  readonly answerWithinMs?: number
}

/** A message as it stands in the chat now. */
export interface ChatMessage extends MessagePointer {
  readonly at: number
  readonly from: string
  readonly fromId: number | undefined
  readonly text: string
  readonly entities: readonly Entity[]
  readonly buttons: readonly (readonly ButtonView[])[]
  readonly threadId: number | undefined
  readonly replyToId: number | undefined
  /** What was uploaded, with its bytes. */
  readonly file: StoredFile | undefined
}

export type Telegram = Awaited<ReturnType<typeof startTelegram>>

/** Starts the server; give `apiRoot` and `token` to the bot: `new Bot(token, { client: { apiRoot } })`. */
export async function startTelegram(options: TelegramOptions = {}) {
  const { clock = systemClock, botToken = '7000000001:AAtest-token_of-the-local-telegram-00', port = 0 } = options
  const { botUsername = 'necto_bot', privacyMode = true, answerWithinMs = 15_000 } = options
  const bot: Person = { id: Number(botToken.split(':')[0]), isBot: true, firstName: 'Necto', username: botUsername }
  const updates = createUpdateQueue(clock)
  const transcript = createTranscript(clock)
  const queries = createCallbackQueries({ clock, answerWithinMs })
  const webhook = createWebhook({ clock, updates })
  const faults = createFaults()
  const log = createCallLog(botToken)
  const world = {
    clock,
    bot,
    privacyMode,
    people: new Map([[bot.id, bot]]),
    chats: new Map<number, Chat>(),
    files: new Map<string, StoredFile>(),
    met: new Set<number>(),
    profile: new Map<string, unknown>(),
    limits: createLimits({ clock, settings: { ...telegramLimits, ...options.limits } }),
    updates,
    transcript,
    queries,
    webhook,
  }
  const server = await listen({ world, token: botToken, faults, log }, { port })

  return {
    apiRoot: server.apiRoot,
    token: botToken,
    bot,
    async stop() {
      webhook.stop()
      queries.stop()
      await server.close()
    },
    ...createChatMakers(world),
    ...createMembership(world),
    ...createTalking(world),
    ...createSpecialSenders(world),
    failNext: faults.failNext,
    /** Sends an update again under its old id; the newest by default. */
    redeliver: updates.redeliver,
    /** Sends any update, for kinds no person here can cause; returns its id, or undefined if the bot does not want the kind. */
    sendUpdate: updates.push,
    /** What the chat shows now, oldest first. */
    messages: (chat: Pick<Chat, 'id'>): ChatMessage[] =>
      [...(world.chats.get(chat.id)?.messages.values() ?? [])].map(messageView),
    /** Every visible state of every message, in order. */
    transcript: transcript.of,
    onEvent: transcript.onEvent,
    waitFor: transcript.waitFor,
    /** The API calls so far, or those of one method. */
    calls: log.list,
  }
}

function messageView(message: StoredMessage): ChatMessage {
  const { chat, id, from, senderChat, text, entities, keyboard, threadId, replyTo, file } = message
  return {
    chatId: chat.id,
    messageId: id,
    at: message.atMs,
    from: senderChat?.title ?? from?.firstName ?? chat.title,
    fromId: from?.id,
    text,
    entities,
    buttons: keyboard.map((row) => row.map(buttonView)),
    threadId,
    replyToId: replyTo?.id,
    file,
  }
}
