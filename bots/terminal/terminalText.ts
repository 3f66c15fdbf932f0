// A view as terminal text: the same data that chats render, in columns.
import { cleanText } from '../chat/safeText.ts'
import { tableLines } from '../chat/table.ts'
import { widthOf } from '../chat/textWidth.ts'
import type { Block, Span, Step, View } from '../chat/view.ts'
import { wrapLine } from './wrap.ts'

const SIGNS = { waiting: '·', working: '…', done: '✓', failed: '✗', skipped: '–' } as const

const MAX_LABEL = 32

type Align = 'left' | 'right'

export interface TextOptions {
  /** Lines are no wider; endless without it. */
  readonly width?: number
  /** Whose addresses are shown as ones to open; without it none are links, and text stays as it is. */
  readonly isAllowedLink?: (url: string) => boolean
}

/** Names and prices come from strangers: nothing in them may move the cursor or start a line. */
export const oneLine = (text: string) => cleanText(text).replace(/\s+/gu, ' ')

/** One line in which only allowed addresses can be clicked: terminals make a link of whatever looks like one. */
export function safeLine(text: string, { isAllowedLink }: TextOptions): string {
  const line = oneLine(text)
  if (!isAllowedLink) return line
  return line.replace(/:\/\//g, (sign, at: number) => (isAllowedLink(addressAround(line, at)) ? sign : ': //'))
}

/** The address whose `://` stands there. */
function addressAround(line: string, at: number): string {
  const [scheme = ''] = /[a-z][a-z\d+.-]*$/i.exec(line.slice(0, at)) ?? []
  const [rest = ''] = /^[^\s<>"]*/.exec(line.slice(at)) ?? []
  return scheme + rest
}

function spansText(spans: readonly Span[], options: TextOptions): string {
  return safeLine(spans.map((span) => (typeof span === 'string' ? span : withAddress(span, options))).join(''), options)
}

/** The address in angle brackets, so that what follows is never taken for a part of it. */
const withAddress = ({ text, href }: Exclude<Span, string>, { isAllowedLink }: TextOptions): string =>
  href !== undefined && href !== text && isAllowedLink?.(href) ? `${text} <${href}>` : text

type Table = Extract<Block, { kind: 'table' }>

const safeTable = ({ kind, columns: titles, rows }: Table, options: TextOptions): Table => ({
  kind,
  columns: titles.map(({ title, align }) => ({ title: safeLine(title, options), align })),
  rows: rows.map((row) => row.map((cell) => safeLine(cell, options))),
})

function tableText(table: Table, { width }: TextOptions): string {
  if (width === undefined) {
    const aligns = table.columns.map(({ align }) => align)
    return columns([table.columns.map(({ title }) => title), ...table.rows], aligns)
  }
  return tableLines(table, width)
    .split('\n')
    .flatMap((line) => wrapLine(line, { width, hang: 2 }))
    .join('\n')
}

/** Rows in columns two spaces apart; what is too long goes on below itself. */
function columns(rows: readonly (readonly string[])[], aligns: readonly Align[], width = Infinity): string {
  const cells = rows.map((row) => aligns.map((_, i) => row[i] ?? ''))
  // One long name must not push all others out of sight.
  const most = width === Infinity ? Infinity : MAX_LABEL
  const widths = aligns.map((_, i) => Math.min(most, Math.max(0, ...cells.map((row) => widthOf(row[i] ?? '')))))
  const pad = (cell: string, i: number) => {
    const space = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(cell)))
    return aligns[i] === 'right' ? space + cell : cell + space
  }
  return cells
    .flatMap((row) => wrapLine(row.map(pad).join('  ').trimEnd(), { width, hang: (widths[0] ?? 0) + 2 }))
    .join('\n')
}

function stepLine({ state, lead, text }: Step): string {
  if (lead !== undefined && state === 'working') return lead
  return `${lead === undefined ? '' : `${lead} `}${SIGNS[state]} ${text}`
}

/** The lines of one block. */
function blockText(block: Block, options: TextOptions): string {
  const { width = Infinity } = options
  const lines = (texts: readonly string[], hang = 0) =>
    texts.flatMap((text) => wrapLine(text, { width, hang })).join('\n')
  switch (block.kind) {
    case 'heading':
      return lines([safeLine(block.text, options)])
    case 'text':
      return lines([spansText(block.spans, options)])
    case 'steps':
      return lines(
        block.items.map((step) => safeLine(stepLine(step), options)),
        2,
      )
    case 'table':
      return tableText(safeTable(block, options), options)
    case 'facts':
      return columns(
        block.rows.map(({ label, value }) => [safeLine(label, options), spansText(value, options)]),
        ['left', 'left'],
        width,
      )
    case 'list':
      return lines(
        block.items.map((item) => `- ${spansText(item, options)}`),
        2,
      )
    case 'code':
      // How wide a tab is drawn depends on where it stands.
      return cleanText(block.text)
        .replaceAll('\t', '    ')
        .split('\n')
        .flatMap((line) => wrapLine(line, { width, cutsAddresses: true }))
        .join('\n')
    case 'note':
      return lines(
        cleanText(block.text)
          .split('\n')
          .map((line) => safeLine(line, options)),
      )
  }
}

/** Blocks one below the other, a blank line between them; a heading stands right above what it heads. */
export function terminalText(view: View, options: TextOptions = {}): string {
  let text = ''
  let before: Block | undefined
  for (const block of view.blocks) {
    const own = blockText(block, options)
    if (own === '') continue
    text += text === '' ? own : (before?.kind === 'heading' ? '\n' : '\n\n') + own
    before = block
  }
  return text
}
