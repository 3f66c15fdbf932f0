// A view's buttons as a Telegram inline keyboard.
import type { InlineKeyboardButton, InlineKeyboardMarkup } from 'grammy/types'
import { safeName } from '../chat/safeText.ts'
import type { Button, View } from '../chat/view.ts'

// More than this in a row is cut to unreadable labels; Telegram itself takes 8.
const MAX_PER_ROW = 4
const MAX_DATA_BYTES = 64
const LABEL_LENGTH = 64

export interface Keyboard {
  readonly markup: InlineKeyboardMarkup | undefined
  /** Labels of buttons that may not be shown: a link to a foreign place, or data that does not fit. A fault of ours. */
  readonly refused: readonly string[]
}

/** Every button that is allowed, in its order; a long row goes on in the next one. */
export function keyboardOf(view: View, isAllowedLink: (url: string) => boolean): Keyboard {
  const refused: string[] = []
  const rows: InlineKeyboardButton[][] = []
  for (const row of view.buttons ?? []) {
    const shown = row.flatMap((button) => {
      const key = keyOf(button, isAllowedLink)
      if (!key) refused.push(button.label)
      return key ?? []
    })
    for (let i = 0; i < shown.length; i += MAX_PER_ROW) rows.push(shown.slice(i, i + MAX_PER_ROW))
  }
  return { markup: rows.length > 0 ? { inline_keyboard: rows } : undefined, refused }
}

function keyOf(button: Button, isAllowedLink: (url: string) => boolean): InlineKeyboardButton | undefined {
  const text = safeName(button.label, { maxLength: LABEL_LENGTH, fallback: 'Open' })
  if ('url' in button) return isAllowedLink(button.url) ? { text, url: button.url } : undefined
  if (Buffer.byteLength(button.token) > MAX_DATA_BYTES) return undefined
  return { text, callback_data: button.token, ...(button.look ? { style: button.look } : {}) }
}
