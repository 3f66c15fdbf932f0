// A view as terminal text: the same data that chats render, in columns.
import type { Block, Span, View } from '../chat/view.ts'

const SIGNS = { waiting: '·', working: '…', done: '✓', failed: '✗', skipped: '–' } as const

const plain = (spans: readonly Span[]): string =>
  spans.map((span) => (typeof span === 'string' ? span : span.text)).join('')

function table(block: Extract<Block, { kind: 'table' }>): string {
  const rows = [block.columns.map((column) => column.title), ...block.rows]
  const widths = block.columns.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  return rows
    .map((row) =>
      block.columns
        .map(({ align }, i) =>
          align === 'right' ? (row[i] ?? '').padStart(widths[i] ?? 0) : (row[i] ?? '').padEnd(widths[i] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return block.text
    case 'text':
      return plain(block.spans)
    case 'steps':
      return block.items.map(({ state, text }) => `${SIGNS[state]} ${text}`).join('\n')
    case 'table':
      return table(block)
    case 'facts': {
      const width = Math.max(...block.rows.map(({ label }) => label.length))
      return block.rows.map(({ label, value }) => `${label.padEnd(width)}  ${plain(value)}`).join('\n')
    }
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n')
    case 'code':
    case 'note':
      return block.text
  }
}

/** Blocks one below the other, a blank line between them. */
export const terminalText = (view: View): string => view.blocks.map(blockText).filter(Boolean).join('\n\n')
