// A view as terminal text: the same data that chats render, in columns.
import { cleanText } from '../chat/safeText.ts'
import { widthOf } from '../chat/textWidth.ts'
import type { Block, Span, Step, View } from '../chat/view.ts'

const SIGNS = { waiting: '·', working: '…', done: '✓', failed: '✗', skipped: '–' } as const

type Align = 'left' | 'right'

/** Names and prices come from strangers: nothing in them may move the cursor or start a line. */
export const oneLine = (text: string) => cleanText(text).replace(/\s+/gu, ' ')

const plain = (spans: readonly Span[]): string =>
  spans.map((span) => oneLine(typeof span === 'string' ? span : span.text)).join('')

/** Rows in columns two spaces apart. */
function columns(rows: readonly (readonly string[])[], aligns: readonly Align[]): string {
  const cells = rows.map((row) => aligns.map((_, i) => oneLine(row[i] ?? '')))
  const widths = aligns.map((_, i) => Math.max(0, ...cells.map((row) => widthOf(row[i] ?? ''))))
  const pad = (cell: string, i: number) => {
    const space = ' '.repeat((widths[i] ?? 0) - widthOf(cell))
    return aligns[i] === 'right' ? space + cell : cell + space
  }
  return cells.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}

function stepLine({ state, lead, text }: Step): string {
  if (lead !== undefined && state === 'working') return oneLine(lead)
  return oneLine(`${lead === undefined ? '' : `${lead} `}${SIGNS[state]} ${text}`)
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return oneLine(block.text)
    case 'text':
      return plain(block.spans)
    case 'steps':
      return block.items.map(stepLine).join('\n')
    case 'table':
      return columns(
        [block.columns.map(({ title }) => title), ...block.rows],
        block.columns.map(({ align }) => align),
      )
    case 'facts':
      return columns(
        block.rows.map(({ label, value }) => [label, plain(value)]),
        ['left', 'left'],
      )
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n')
    case 'code':
    case 'note':
      return cleanText(block.text)
  }
}

/** Blocks one below the other, a blank line between them; a heading stands right above what it heads. */
export function terminalText(view: View): string {
  let text = ''
  let before: Block | undefined
  for (const block of view.blocks) {
    const own = blockText(block)
    if (own === '') continue
    text += text === '' ? own : (before?.kind === 'heading' ? '\n' : '\n\n') + own
    before = block
  }
  return text
}
