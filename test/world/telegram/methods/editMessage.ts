// The four edits: text, caption, media, keyboard; an edit that changes nothing is refused.
import { isDeepStrictEqual } from 'node:util'
import { findMessage, findWritableChat } from '../access.ts'
import { badRequest } from '../apiError.ts'
import { readEditedKeyboard } from '../markup/keyboard.ts'
import { changeMessage } from '../messages.ts'
import type { Chat, FormattedText, Keyboard, StoredFile, StoredMessage, World } from '../model.ts'
import { objectParam } from '../params.ts'
import type { Call } from '../readCall.ts'
import { messageJson } from '../wire.ts'
import type { Method } from './method.ts'
import { readFile } from './readFile.ts'
import { readCaption } from './sendFile.ts'
import { readText } from './sendMessage.ts'

export const editMessageText: Method = (world, { params }) => {
  const { chat, keyboard } = start(world, params)
  const content = readText(params)
  const message = own(world, { chat, params })
  if (message.file) throw badRequest('there is no text in the message to edit')
  return finish(world, { message, change: { content, keyboard } })
}

export const editMessageCaption: Method = (world, { params }) => {
  const { chat, keyboard } = start(world, params)
  const content = readCaption(params)
  const message = own(world, { chat, params })
  if (!message.file) throw badRequest('there is no caption in the message to edit')
  return finish(world, { message, change: { content, keyboard } })
}

export const editMessageReplyMarkup: Method = (world, { params }) => {
  const { chat, keyboard } = start(world, params)
  return finish(world, { message: own(world, { chat, params }), change: { keyboard } })
}

/** A text message may become media; media never becomes text. */
export const editMessageMedia: Method = (world, { params, files }) => {
  const { chat, keyboard } = start(world, params)
  const { file, content } = readMedia(world, { params, files })
  return finish(world, { message: own(world, { chat, params }), change: { content, keyboard, file } })
}

type Params = Call['params']

function start(world: World, params: Params) {
  if (params.inline_message_id !== undefined) throw badRequest('MESSAGE_ID_INVALID')
  const chat = findWritableChat(world, params)
  return { chat, keyboard: readEditedKeyboard(params, { chatType: chat.type }) }
}

/** The bot's own message; edits count against the chat's budget like sends. */
function own(world: World, { chat, params }: { chat: Chat; params: Params }): StoredMessage {
  world.limits.charge(chat)
  const message = findMessage(chat, params, { missing: 'message to edit not found' })
  const isOwn = chat.type === 'channel' || message.from?.id === world.bot.id
  if (!isOwn) throw badRequest("message can't be edited")
  return message
}

function readMedia(world: World, { params, files }: Pick<Call, 'params' | 'files'>) {
  const media = objectParam(params, 'media')
  if (!media) throw badRequest("can't parse InputMedia: media isn't specified")
  const kind = media.type
  if (kind !== 'photo' && kind !== 'document') throw badRequest(`type "${String(kind)}" in field InputMedia is unknown`)
  const content = readCaption(media)
  return { content, file: readFile(world, { kind, reference: media.media, files }) }
}

function finish(
  world: World,
  {
    message,
    change,
  }: { message: StoredMessage; change: { content?: FormattedText; keyboard: Keyboard; file?: StoredFile } },
) {
  const { content = message, keyboard, file = message.file } = change
  const before = {
    text: message.text,
    entities: message.entities,
    keyboard: message.keyboard,
    file: message.file?.fileId,
  }
  const after = { text: content.text, entities: content.entities, keyboard, file: file?.fileId }
  // Compared as JSON so that a field left undefined equals a field left out.
  if (isDeepStrictEqual(plain(before), plain(after))) {
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    )
  }
  return messageJson(changeMessage(world, { message, change }))
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
