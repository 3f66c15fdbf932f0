// A view's buttons as Discord's rows.
import { type APIActionRowComponent, type APIButtonComponent, ButtonStyle, ComponentType } from 'discord.js'
import { safeName } from '../chat/safeText.ts'
import type { Button, View } from '../chat/view.ts'

const MAX_PER_ROW = 5
const MAX_ROWS = 6
const MAX_CUSTOM_ID = 100
const MAX_URL = 512
// Of 80 that Discord takes a phone shows about 38.
const LABEL_LENGTH = 80

export type ButtonRow = APIActionRowComponent<APIButtonComponent>

export interface ButtonRows {
  readonly rows: readonly ButtonRow[]
  /** Labels of buttons that may not be shown: a link to a foreign place, or data that does not fit. A fault of ours. */
  readonly refused: readonly string[]
}

/** Every button that is allowed, in its order; a long row goes on in the next one, and too many rows close up. */
export function buttonRowsOf(view: View, isAllowedLink: (url: string) => boolean): ButtonRows {
  const refused: string[] = []
  const taken = new Set<string>()
  const shown = (view.buttons ?? []).map((row) =>
    row.flatMap((button) => {
      const key = keyOf(button, isAllowedLink)
      const isTwice = 'token' in button && taken.has(button.token)
      if (!key || isTwice) {
        refused.push(button.label)
        return []
      }
      if ('token' in button) taken.add(button.token)
      return key
    }),
  )
  const rows = shown.flatMap(inRows)
  const closed = rows.length > MAX_ROWS ? inRows(rows.flat()) : rows
  for (const key of closed.slice(MAX_ROWS).flat()) refused.push('label' in key ? (key.label ?? '') : '')
  return {
    rows: closed.slice(0, MAX_ROWS).map((components) => ({ type: ComponentType.ActionRow, components })),
    refused,
  }
}

function inRows(buttons: readonly APIButtonComponent[]): APIButtonComponent[][] {
  const count = Math.ceil(buttons.length / MAX_PER_ROW)
  return Array.from({ length: count }, (_, i) => buttons.slice(i * MAX_PER_ROW, (i + 1) * MAX_PER_ROW))
}

function keyOf(button: Button, isAllowedLink: (url: string) => boolean): APIButtonComponent | undefined {
  const label = safeName(button.label, { maxLength: LABEL_LENGTH, fallback: 'Open' })
  if ('url' in button) {
    if (button.url.length > MAX_URL || !isAllowedLink(button.url)) return undefined
    return { type: ComponentType.Button, style: ButtonStyle.Link, label, url: button.url }
  }
  if (button.token.length > MAX_CUSTOM_ID) return undefined
  const style = { primary: ButtonStyle.Primary, danger: ButtonStyle.Danger, other: ButtonStyle.Secondary } as const
  return { type: ComponentType.Button, style: style[button.look ?? 'other'], label, custom_id: button.token }
}
