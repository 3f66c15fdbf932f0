// Messages of both platforms as the page shows them.
import type { ChannelMessage } from '../discord/startDiscord.ts'
import type { ChatMessage } from '../telegram/startTelegram.ts'
import type { Rooms } from './people.ts'
import type { PageMessage } from './protocol.ts'

/** A message of Telegram; the picture is served by /file. */
export function ofTelegram(message: ChatMessage, rooms: Rooms, isEdited: boolean): PageMessage {
  const { chatId, messageId, at, from, fromId, text, entities, buttons, file, replyToId } = message
  const by = rooms.keyOf('telegram', fromId)
  return {
    platform: 'telegram',
    chatId: String(chatId),
    id: String(messageId),
    atMs: at,
    from,
    fromBot: by === undefined,
    by,
    text,
    entities,
    buttons: buttons.map((row) =>
      row.map((button) => ({
        label: button.text,
        data: button.data,
        url: button.url,
        copyText: button.copyText,
        look: button.style,
      })),
    ),
    menus: [],
    pictures: file?.kind === 'photo' ? [{ url: `/file/telegram/${chatId}/${messageId}/0`, alt: text }] : [],
    isEdited,
    isThinking: false,
    replyTo: replyToId === undefined ? undefined : String(replyToId),
  }
}

/** A message of Discord. */
export function ofDiscord(message: ChannelMessage, rooms: Rooms): PageMessage {
  const { chatId, messageId, at, from, fromBot, fromId, text, buttons, selects, files } = message
  return {
    platform: 'discord',
    chatId,
    id: messageId,
    atMs: at,
    from,
    fromBot,
    by: rooms.keyOf('discord', fromId),
    text,
    entities: [],
    buttons: buttons.map((row) =>
      row.map((button) => ({
        label: button.text,
        data: button.data,
        url: button.url,
        look: button.style,
        isDisabled: button.disabled,
      })),
    ),
    menus: selects,
    pictures: files.flatMap(({ name, description }, index) =>
      /\.(png|jpe?g|webp|gif)$/i.test(name)
        ? [{ url: `/file/discord/${chatId}/${messageId}/${index}`, alt: description ?? name }]
        : [],
    ),
    isEdited: message.edited,
    isThinking: message.thinking,
    onlyFor: rooms.keyOf('discord', message.visibleTo),
    command: message.command === undefined ? undefined : `${message.commandBy} used /${message.command}`,
    replyTo: message.replyToId,
  }
}
