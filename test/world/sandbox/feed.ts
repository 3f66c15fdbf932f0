// What the page shows and how it learns of changes: the whole state once, then every change as it happens.
import type { Discord } from '../discord/startDiscord.ts'
import type { ChatMessage, Telegram } from '../telegram/startTelegram.ts'
import { discordCommands, telegramCommands } from './pageCommands.ts'
import { ofDiscord, ofTelegram } from './pageMessages.ts'
import { PEOPLE_SHOWN, type Rooms } from './people.ts'
import type { PageEvent, PageMessage, PageState } from './protocol.ts'

export interface Feed {
  state(): PageState
  /** Calls the listener with every change from now on; returns how to stop. */
  onEvent(listener: (event: PageEvent) => void): () => void
  /** The bytes of a picture. */
  picture(of: { platform: string; chatId: string; messageId: string; index: number }): Buffer | undefined
}

/** Not what happened to a chat, such as who joined it. */
const saysSomething = ({ text, file }: ChatMessage) => text !== '' || file !== undefined

/** Watches both platforms from now on. */
export function createFeed({ telegram, discord, rooms }: { telegram: Telegram; discord: Discord; rooms: Rooms }): Feed {
  const listeners = new Set<(event: PageEvent) => void>()
  const edited = new Set<string>()
  const emit = (event: PageEvent) => {
    for (const listener of [...listeners]) listener(event)
  }
  const telegramMessage = (chatId: number, messageId: number) =>
    telegram.messages({ id: chatId }).find((one) => one.messageId === messageId)
  const key = (chatId: number, messageId: number) => `${chatId}/${messageId}`

  telegram.onEvent((event) => {
    if (event.kind === 'toast' && event.text !== '')
      emit({
        kind: 'toast',
        platform: 'telegram',
        person: rooms.keyOf('telegram', event.userId),
        text: event.text,
        isAlert: event.alert,
      })
    if (event.kind !== 'message') return
    const { chatId, messageId } = event
    const message = telegramMessage(chatId, messageId)
    if (message && !saysSomething(message)) return
    if (event.event === 'edited') edited.add(key(chatId, messageId))
    if (event.event === 'deleted' || !message)
      emit({ kind: 'gone', platform: 'telegram', chatId: String(chatId), id: String(messageId) })
    else emit({ kind: 'message', message: ofTelegram(message, rooms, edited.has(key(chatId, messageId))) })
  })
  discord.onEvent((event) => {
    if (event.kind === 'failed')
      emit({
        kind: 'toast',
        platform: 'discord',
        person: rooms.keyOf('discord', event.userId),
        text: event.text,
        isAlert: false,
      })
    if (event.kind !== 'message') return
    if (event.event === 'deleted')
      emit({ kind: 'gone', platform: 'discord', chatId: event.chatId, id: event.messageId })
    else {
      const message = discord.messages({ id: event.chatId }).find((one) => one.messageId === event.messageId)
      if (message) emit({ kind: 'message', message: ofDiscord(message, rooms) })
    }
  })

  const messages = (): PageMessage[] =>
    rooms.shown.flatMap(({ platform, id }) =>
      platform === 'telegram'
        ? telegram
            .messages({ id: Number(id) })
            .filter(saysSomething)
            .map((message) => ofTelegram(message, rooms, edited.has(key(message.chatId, message.messageId))))
        : discord.messages({ id }).map((message) => ofDiscord(message, rooms)),
    )

  return {
    state: () => ({
      people: PEOPLE_SHOWN,
      chats: rooms.shown,
      messages: messages(),
      commands: { telegram: telegramCommands(telegram), discord: discordCommands(discord) },
    }),
    onEvent(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    picture({ platform, chatId, messageId, index }) {
      if (platform === 'telegram') return telegramMessage(Number(chatId), Number(messageId))?.file?.bytes
      return discord.messages({ id: chatId }).find((one) => one.messageId === messageId)?.files[index]?.bytes
    },
  }
}
