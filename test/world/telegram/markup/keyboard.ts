// Reads reply_markup and refuses what Telegram refuses in buttons.
import { badRequest } from '../apiError.ts'
import type { ChatType, InlineButton, Keyboard } from '../model.ts'
import { isObject, objectParam } from '../params.ts'
import { checkLink } from './links.ts'

const maxButtons = 100
const maxCallbackBytes = 64
const styles = ['primary', 'success', 'danger']

/** The inline keyboard of a call: empty when there is none or the markup is of another kind. */
export function readKeyboard(
  params: Readonly<Record<string, unknown>>,
  { chatType }: { chatType: ChatType },
): Keyboard {
  const rows = objectParam(params, 'reply_markup')?.inline_keyboard
  if (rows === undefined) return []
  if (!Array.isArray(rows)) throw badRequest('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array')
  const keyboard = rows.map((row) => {
    if (!Array.isArray(row))
      throw badRequest('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    return row.map((button) => readButton(button, chatType)).filter(({ text }) => text !== '')
  })
  if (keyboard.flat().length > maxButtons) throw badRequest('reply markup is too long')
  return keyboard.filter((row) => row.length > 0)
}

/** Edits take inline keyboards only. */
export function readEditedKeyboard(params: Readonly<Record<string, unknown>>, place: { chatType: ChatType }): Keyboard {
  const markup = objectParam(params, 'reply_markup')
  if (markup && Object.keys(markup).length > 0 && !('inline_keyboard' in markup))
    throw badRequest('inline keyboard expected')
  return readKeyboard(params, place)
}

function readButton(value: unknown, chatType: ChatType): InlineButton {
  const fail = (why: string) => badRequest(`can't parse inline keyboard button: ${why}`)
  if (!isObject(value)) throw fail('InlineKeyboardButton must be an Object')
  const { text, url, callback_data, copy_text, web_app, style } = value
  if (typeof text !== 'string') throw fail('Field "text" must be of type String')
  if (style !== undefined && !styles.includes(String(style))) throw badRequest('BUTTON_STYLE_INVALID')
  const button = { ...value, text }
  if (typeof url === 'string' && url !== '') {
    const link = checkLink(url)
    if ('problem' in link) throw badRequest(`inline keyboard button ${link.problem}`)
    return { ...button, url: link.url }
  }
  if (typeof callback_data === 'string' && callback_data !== '') {
    if (Buffer.byteLength(callback_data) > maxCallbackBytes) throw badRequest('BUTTON_DATA_INVALID')
    return { ...button, callback_data }
  }
  if (isObject(copy_text)) {
    const copied = String(copy_text.text ?? '')
    if (copied === '' || copied.length > 256) throw badRequest('BUTTON_COPY_TEXT_INVALID')
    return { ...button, copy_text: { text: copied } }
  }
  if (isObject(web_app)) {
    if (chatType !== 'private') throw badRequest('BUTTON_TYPE_INVALID')
    const page = String(web_app.url ?? '')
    if (!page.startsWith('https://')) {
      throw badRequest(`inline keyboard button Web App URL '${page}' is invalid: Only HTTPS links are allowed`)
    }
    return button
  }
  if (['switch_inline_query', 'switch_inline_query_current_chat', 'login_url', 'pay'].some((key) => key in value))
    return button
  throw fail('Text buttons are unallowed in the inline keyboard')
}
