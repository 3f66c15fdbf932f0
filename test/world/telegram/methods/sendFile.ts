// sendPhoto and sendDocument: an uploaded file, or one the server already has, with a caption.
import { findWritableChat } from '../access.ts'
import { badRequest } from '../apiError.ts'
import { readFormattedText } from '../markup/formattedText.ts'
import { addMessage } from '../messages.ts'
import type { FormattedText } from '../model.ts'
import { messageJson } from '../wire.ts'
import type { Method } from './method.ts'
import { readFile } from './readFile.ts'
import { readSendOptions } from './sendOptions.ts'

/** UTF-16 units after entity parsing. */
const maxCaptionLength = 1024

export const sendPhoto: Method = sendFile('photo')
export const sendDocument: Method = sendFile('document')

function sendFile(kind: 'photo' | 'document'): Method {
  return (world, call) => {
    const chat = findWritableChat(world, call.params)
    if (chat.mediaForbidden && chat.members.get(world.bot.id) !== 'administrator')
      throw badRequest(`not enough rights to send ${kind}s to the chat`)
    const content = readCaption(call.params)
    const options = readSendOptions(world, { chat, params: call.params })
    const file = readFile(world, { kind, reference: call.params[kind], files: call.files, field: kind })
    world.limits.charge(chat)
    return messageJson(addMessage(world, { chat, draft: { ...options, content, file } }))
  }
}

/** The caption of a send or edit, which may be empty. Throws 400 when it is too long. */
export function readCaption(params: Readonly<Record<string, unknown>>): FormattedText {
  const content = readFormattedText(params, { text: 'caption', entities: 'caption_entities' })
  if (content.text.length > maxCaptionLength) throw badRequest('message caption is too long')
  return content
}
