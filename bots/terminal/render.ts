// View → lines of a terminal. What the message says is indented, so that nothing in it can pass for a button or for us. Pure.
import { safeName } from '../chat/safeText.ts'
import { widthOf } from '../chat/textWidth.ts'
import type { Button, View } from '../chat/view.ts'
import { type TextOptions, terminalText } from './terminalText.ts'
import { wrapLine } from './wrap.ts'

export interface RenderOptions extends TextOptions {
  readonly isAllowedLink: (url: string) => boolean
  /** The number by which a button is pressed. */
  readonly numberOf: (token: string) => number
}

const INDENT = '  '
const GAP = '   '
const MAX_LABEL = 60

/** The message as lines: its text indented, then its buttons. Links that are not allowed get none. */
export function renderView(view: View, options: RenderOptions): string[] {
  const { width, isAllowedLink } = options
  const text = terminalText(inWords(view), {
    isAllowedLink,
    ...(width !== undefined && { width: width - INDENT.length }),
  })
  const buttons = buttonLines(view, options)
  const gap = text !== '' && buttons.length > 0 ? [''] : []
  return [...(text === '' ? [] : text.split('\n').map(indented)), ...gap, ...buttons]
}

/** Lines of ours, as a message's text. */
export const plainLines = (text: string, options: TextOptions): string[] =>
  renderView(
    { blocks: text.split('\n').map((line) => ({ kind: 'text' as const, spans: [line] })) },
    { ...options, isAllowedLink: options.isAllowedLink ?? (() => false), numberOf: () => 0 },
  ).filter((line) => line !== '')

const indented = (line: string) => (line === '' ? '' : INDENT + line)

/** A picture is what it says. */
function inWords({ picture, ...view }: View): View {
  return picture ? { ...view, blocks: [...view.blocks, { kind: 'note', text: `Picture: ${picture.alt}` }] } : view
}

/** A row of buttons on a line when it fits, else one below the other; an address always on a line of its own. */
function buttonLines({ buttons = [] }: View, options: RenderOptions): string[] {
  const { width = Infinity, isAllowedLink, numberOf } = options
  const wrapped = (line: string) => wrapLine(line, { width, hang: 4 })
  return buttons.flatMap((row) => {
    const pressed = row.flatMap((one) => ('token' in one ? `[${numberOf(one.token)}] ${labelOf(one)}` : []))
    const oneRow = pressed.join(GAP)
    const opened = row.flatMap((one) =>
      'url' in one && isAllowedLink(one.url) ? [...wrapped(`${labelOf(one)}:`), one.url] : [],
    )
    if (pressed.length === 0) return opened
    return [...(widthOf(oneRow) <= width ? [oneRow] : pressed.flatMap(wrapped)), ...opened]
  })
}

/** Without brackets: a label must not look like a button of its own. */
const labelOf = ({ label }: Button): string =>
  safeName(label.replaceAll('[', '(').replaceAll(']', ')').replaceAll('://', ': //'), {
    maxLength: MAX_LABEL,
    fallback: '(no name)',
  })
