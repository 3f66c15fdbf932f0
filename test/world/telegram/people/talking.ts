// What people do in a chat: say, command, start, edit, delete, forward, press buttons.

import type { PressResult } from '../callbackQueries.ts'
import { botIsIn, deliverMessage } from '../delivery.ts'
import { typedText } from '../markup/formattedText.ts'
import { addMessage, changeMessage, type Draft, removeMessage } from '../messages.ts'
import type { Chat, InlineButton, Person, StoredMessage, World } from '../model.ts'
import { inaccessibleMessageJson, messageJson, userJson } from '../wire.ts'
import { privateChat } from './chats.ts'

/** Names a message; transcript entries and ChatMessages do. */
export interface MessagePointer {
  readonly chatId: number
  readonly messageId: number
}

export interface SayOptions {
  readonly threadId?: number
  readonly replyTo?: MessagePointer
  /** The inline bot a person posted this through. */
  readonly viaBot?: Person
}

/** Things people do. They throw a plain Error for what the app would not let a person do. */
export function createTalking(world: World) {
  function post(chat: Chat, draft: Draft): StoredMessage {
    const message = addMessage(world, { chat, draft })
    deliverMessage(world, message)
    return message
  }

  function say(
    person: Person,
    chat: Chat,
    text: string,
    { threadId, replyTo, viaBot }: SayOptions = {},
  ): MessagePointer {
    mustBeIn(chat, person)
    if (chat.type === 'channel') throw new Error('nobody posts in a channel under their own name; use postInChannel')
    if (threadId !== undefined && !chat.topics?.has(threadId)) throw new Error(`${chat.title} has no topic ${threadId}`)
    if (chat.type === 'private') reachBot(chat, person)
    return pointer(
      post(chat, {
        from: person,
        threadId,
        replyTo: replyTo && find(replyTo),
        content: typedText(text),
        extra: viaBot ? { via_bot: userJson(viaBot) } : {},
      }),
    )
  }

  /** Writing to the bot presses Start, as in the app. */
  function reachBot(chat: Chat, person: Person) {
    if (chat.members.get(world.bot.id) === 'kicked')
      throw new Error(`${person.firstName} has blocked the bot; unblock it first`)
    chat.started = true
  }

  function find({ chatId, messageId }: MessagePointer): StoredMessage {
    const message = world.chats.get(chatId)?.messages.get(messageId)
    if (!message) throw new Error(`there is no message ${messageId} in chat ${chatId}`)
    return message
  }

  function query(person: Person, { on, data }: { on: MessagePointer; data: string }): Promise<PressResult> {
    const chat = world.chats.get(on.chatId)
    if (!chat) throw new Error(`there is no chat ${on.chatId}`)
    mustBeIn(chat, person)
    if (!botIsIn(world, chat)) throw new Error(`the bot is not in ${chat.title}`)
    world.met.add(person.id)
    const message = chat.messages.get(on.messageId)
    const { id, result } = world.queries.open({ userId: person.id, chatId: chat.id })
    world.updates.push('callback_query', {
      id,
      from: userJson(person),
      message: message ? messageJson(message) : inaccessibleMessageJson(chat, on.messageId),
      chat_instance: String(7_000_000_000_000 + Math.abs(chat.id)),
      data,
    })
    return result
  }

  return {
    say,
    /** Types a command: in groups with the bot's name behind it, as the app's menu does, unless `named` says otherwise. */
    command(
      person: Person,
      chat: Chat,
      text: string,
      { named = chat.type !== 'private', ...options }: SayOptions & { named?: boolean } = {},
    ) {
      const [, word = '', rest = ''] = /^\/?(\S+)([\s\S]*)$/.exec(text) ?? []
      return say(person, chat, `/${word}${named ? `@${world.bot.username}` : ''}${rest}`, options)
    },
    /** Opens the bot by its link and presses Start; the payload is what followed ?start=. */
    startBot(person: Person, payload?: string) {
      if (payload !== undefined && !/^[\w-]{1,64}$/.test(payload))
        throw new Error('a start payload is 1 to 64 of A-Z a-z 0-9 _ -')
      return say(person, privateChat(world, person), payload === undefined ? '/start' : `/start ${payload}`)
    },
    /** Adds the bot through a ?startgroup= link: after addBot the app posts this. */
    startInGroup: (person: Person, chat: Chat, payload: string) =>
      say(person, chat, `/start@${world.bot.username} ${payload}`),
    /** The sender rewrites a message. */
    editMessage(person: Person, on: MessagePointer, text: string) {
      const message = find(on)
      if (message.from?.id !== person.id) throw new Error(`message ${on.messageId} is not ${person.firstName}'s`)
      deliverMessage(world, changeMessage(world, { message, change: { content: typedText(text) } }), { edited: true })
    },
    /** Somebody deletes a message; the bot is not told. */
    deleteMessage: (on: MessagePointer) => removeMessage(world, find(on)),
    /** Sends a copy of a message on, with its origin. */
    forward(person: Person, on: MessagePointer, to: Chat): MessagePointer {
      const { from, senderChat, text, entities, atMs } = find(on)
      mustBeIn(to, person)
      if (to.type === 'private') reachBot(to, person)
      const date = Math.floor(atMs / 1000)
      const origin =
        from && !senderChat
          ? { type: 'user', sender_user: userJson(from), date }
          : { type: 'hidden_user', sender_user_name: senderChat?.title ?? '', date }
      return pointer(post(to, { from: person, content: { text, entities }, extra: { forward_origin: origin } }))
    },
    /** Presses a button that the message shows now, by its text or its data. */
    async press(person: Person, on: MessagePointer, textOrData: string): Promise<PressResult> {
      const button = findButton(find(on), textOrData)
      if (button.callback_data !== undefined) return query(person, { on, data: button.callback_data })
      return { answered: false, text: '', alert: false, url: button.url, copied: button.copy_text?.text }
    },
    /** Sends button data of one's own making, as a doctored app can; the message need not exist. */
    pressForged: async (person: Person, on: MessagePointer, data: string) => query(person, { on, data }),
  }
}

export const pointer = ({ chat, id }: StoredMessage): MessagePointer => ({ chatId: chat.id, messageId: id })

function findButton({ keyboard, id }: StoredMessage, textOrData: string): InlineButton {
  const buttons = keyboard.flat()
  const button = buttons.find(({ text, callback_data }) => text === textOrData || callback_data === textOrData)
  if (button) return button
  const shown = buttons.map(({ text }) => `"${text}"`).join(', ')
  throw new Error(`message ${id} has no button "${textOrData}"; it shows ${shown || 'none'}`)
}

function mustBeIn(chat: Chat, person: Person) {
  const status = chat.members.get(person.id) ?? 'left'
  if (chat.migratedTo) throw new Error(`${chat.title} was upgraded; use the supergroup`)
  if (status === 'left' || status === 'kicked') throw new Error(`${person.firstName} is not in ${chat.title}`)
}
