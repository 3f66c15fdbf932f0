// answerCallbackQuery: the toast, alert or page after a button press.
import { badRequest } from '../apiError.ts'
import { flagParam, textParam } from '../params.ts'
import type { Method } from './method.ts'

const maxAnswerLength = 200

/** Answers a press once. */
export const answerCallbackQuery: Method = (world, { params }) => {
  const id = textParam(params, 'callback_query_id')
  const text = textParam(params, 'text') ?? ''
  const alert = flagParam(params, 'show_alert')
  if (text.length > maxAnswerLength) throw badRequest('MESSAGE_TOO_LONG')
  const url = textParam(params, 'url')
  // Only links that open this bot; anything else would be a way to send people anywhere.
  if (url !== undefined && !isOwnLink(url, world.bot.username)) throw badRequest('URL_INVALID')
  const { chatId, userId } = world.queries.answer(id ?? '', { text, alert, url })
  if (text) world.transcript.emit({ kind: 'toast', chatId, userId, text, alert })
  return true
}

function isOwnLink(link: string, username = ''): boolean {
  if (!URL.canParse(link)) return false
  const { host, pathname, searchParams } = new URL(link)
  return host === 't.me' && pathname.slice(1).toLowerCase() === username.toLowerCase() && searchParams.has('start')
}
