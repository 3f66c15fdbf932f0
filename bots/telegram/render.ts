// View → Telegram message: text with entities, and the keyboard. Pure.
import type { InlineKeyboardMarkup, MessageEntity } from 'grammy/types'
import { oneLine, spanOnOneLine, stepLine } from '../chat/oneLine.ts'
import { tableLines } from '../chat/table.ts'
import type { Block, Span, View } from '../chat/view.ts'
import { keyboardOf } from './keyboard.ts'
import { createRichText } from './richText.ts'

export interface TelegramMessage {
  readonly text: string
  readonly entities: readonly MessageEntity[]
  readonly keyboard: InlineKeyboardMarkup | undefined
  /** Labels of buttons left out because their link or data is not allowed. */
  readonly refusedButtons: readonly string[]
}

// Bot API: 1-4096 characters after entity parsing; UTF-16 units are the stricter count.
const MAX_TEXT = 4096
const MAX_CAPTION = 1024

type RichText = ReturnType<typeof createRichText>

/** Renders a view; only links that pass `isAllowedLink` become links or buttons, others stay text. A caption is shorter. */
export function renderTelegram(
  view: View,
  isAllowedLink: (url: string) => boolean,
  as: 'text' | 'caption' = 'text',
): TelegramMessage {
  const rich = createRichText()
  for (const [i, block] of view.blocks.entries()) {
    // A heading stands right above what it heads.
    if (i > 0) rich.add(view.blocks[i - 1]?.kind === 'heading' ? '\n' : '\n\n')
    addBlock(rich, block, isAllowedLink)
  }
  const { text, entities } = rich.build(as === 'caption' ? MAX_CAPTION : MAX_TEXT)
  const { markup, refused } = keyboardOf(view, isAllowedLink)
  // Telegram refuses a message without text, and the buttons with it.
  return { text: text.trim() ? text : '…', entities, keyboard: markup, refusedButtons: refused }
}

/** How many of the first blocks fit whole into a caption; never a heading without what it heads. */
export function blocksInCaption({ blocks }: View, isAllowedLink: (url: string) => boolean): number {
  const lengthOf = (count: number) => renderTelegram({ blocks: blocks.slice(0, count) }, isAllowedLink).text.length
  let count = blocks.length
  while (count > 0 && lengthOf(count) > MAX_CAPTION) count--
  if (count < blocks.length) while (count > 0 && blocks[count - 1]?.kind === 'heading') count--
  return count
}

function addBlock(rich: RichText, block: Block, isAllowedLink: (url: string) => boolean): void {
  switch (block.kind) {
    case 'heading':
      rich.add(oneLine(block.text), { type: 'bold' })
      break
    case 'note':
      rich.add(block.text, { type: 'italic' })
      break
    case 'code':
      rich.add(block.text, { type: 'pre' })
      break
    case 'table':
      rich.add(tableLines(block), { type: 'pre' })
      break
    case 'text':
      addSpans(rich, block.spans, isAllowedLink)
      break
    case 'steps':
      addLines(rich, block.items, (item) => rich.add(stepLine(item)))
      break
    case 'list':
      addLines(rich, block.items, (item) => addSpans(rich, ['• ', ...item.map(spanOnOneLine)], isAllowedLink))
      break
    case 'facts':
      addLines(rich, block.rows, (row) =>
        addSpans(rich, [`${oneLine(row.label)}: `, ...row.value.map(spanOnOneLine)], isAllowedLink),
      )
      break
  }
}

function addLines<T>(rich: RichText, items: readonly T[], add: (item: T) => void): void {
  for (const [i, item] of items.entries()) {
    if (i > 0) rich.add('\n')
    add(item)
  }
}

function addSpans(rich: RichText, spans: readonly Span[], isAllowedLink: (url: string) => boolean): void {
  for (const span of spans) {
    if (typeof span === 'string') rich.add(span)
    else if (span.href !== undefined && isAllowedLink(span.href))
      rich.add(span.text, { type: 'text_link', url: span.href })
    else rich.add(span.text, span.style && { type: span.style })
  }
}
