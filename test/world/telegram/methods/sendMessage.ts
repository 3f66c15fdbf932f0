// sendMessage: text into a chat.
import { findWritableChat } from '../access.ts'
import { badRequest } from '../apiError.ts'
import { readFormattedText } from '../markup/formattedText.ts'
import { addMessage } from '../messages.ts'
import type { FormattedText } from '../model.ts'
import { textParam } from '../params.ts'
import { messageJson } from '../wire.ts'
import type { Method } from './method.ts'
import { readSendOptions } from './sendOptions.ts'

/** UTF-16 units after entity parsing. */
const maxTextLength = 4096

/** Sends a text. */
export const sendMessage: Method = (world, { params }) => {
  const chat = findWritableChat(world, params)
  const content = readText(params)
  const options = readSendOptions(world, { chat, params })
  world.limits.charge(chat)
  return messageJson(addMessage(world, { chat, draft: { ...options, content } }))
}

/** The text of a send or edit. Throws 400 when it is empty or too long. */
export function readText(params: Readonly<Record<string, unknown>>): FormattedText {
  if (textParam(params, 'text') === undefined) throw badRequest('message text is empty')
  const content = readFormattedText(params, { text: 'text', entities: 'entities' })
  if (content.text === '') throw badRequest('text must be non-empty')
  if (content.text.length > maxTextLength) throw badRequest('message is too long')
  return content
}
