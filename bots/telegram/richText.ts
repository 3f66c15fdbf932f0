// Builds a Telegram message text with its entities: styles by offset, never markup, so no text can break out of its place.
import type { MessageEntity } from 'grammy/types'
import { cleanText } from '../chat/safeText.ts'

/** A style over a run of text. */
export type Style = { readonly type: 'bold' | 'italic' | 'code' | 'pre' } | { readonly type: 'text_link'; url: string }

export interface RichText {
  readonly text: string
  readonly entities: readonly MessageEntity[]
}

// Telegram ignores the rest silently.
const MAX_ENTITIES = 100

/** A text that grows piece by piece; offsets are UTF-16 units, which is what a JS string counts. */
export function createRichText() {
  let text = ''
  const entities: MessageEntity[] = []
  return {
    add(piece: string, style?: Style): void {
      const isLiteral = style?.type === 'code' || style?.type === 'pre'
      let clean = isLiteral ? cleanText(piece) : breakAutoLinks(text, cleanText(piece))
      // Telegram trims blanks off a message, and off both ends of a styled run; doing it here keeps the offsets true.
      if (text === '') clean = clean.trimStart()
      if (style && clean.trim() && entities.length < MAX_ENTITIES) {
        const lead = style.type === 'pre' ? 0 : clean.length - clean.trimStart().length
        entities.push({ ...style, offset: text.length + lead, length: clean.trimEnd().length - lead })
      }
      text += clean
    },
    /** The message within `maxLength` UTF-16 units, cut at a line's end with a last line that says so. */
    build: (maxLength: number): RichText => cutAtLine({ text, entities }, maxLength),
  }
}

// Telegram turns @names, addresses and e-mails in plain text into pings and links by itself. A zero-width space after
// the first sign stops that without changing what is seen. Commands stay: tapping one only sends it in one's own name.
const ZERO_WIDTH_SPACE = '\u200B'
const AUTO_LINK_STARTS = /@(?=[\p{L}\p{N}_])|:(?=\/\/)|(?<=[\p{L}\p{N}_-])\.(?=\p{L})|#(?=[\p{L}\p{N}_])|\$(?=\p{L})/gu

/** `piece` as it may follow `before`; a sign that ends the one and a name that begins the other count too. */
function breakAutoLinks(before: string, piece: string): string {
  const tail = before.slice(-2)
  return (tail + piece).replace(AUTO_LINK_STARTS, (sign) => sign + ZERO_WIDTH_SPACE).slice(tail.length)
}

function cutAtLine(message: RichText, maxLength: number): RichText {
  const text = message.text.trimEnd()
  if (text.length <= maxLength) return clip(message, text.length, '')
  const lines = text.split('\n')
  let end = 0
  let kept = 0
  for (const line of lines) {
    const next = end + line.length + 1
    if (next + moreLines(lines.length - kept).length > maxLength) break
    end = next
    kept++
  }
  if (kept > 0) return clip(message, end, moreLines(lines.length - kept))
  // One line alone is too long.
  const head = text.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')
  return clip(message, head.length, '…')
}

function clip(message: RichText, end: number, tail: string): RichText {
  const entities = message.entities
    .filter((entity) => entity.offset < end)
    .map((entity) => ({ ...entity, length: trimmedLength(message.text, entity, end) }))
    .filter((entity) => entity.length > 0)
  return { text: message.text.slice(0, end) + tail, entities }
}

function trimmedLength(text: string, entity: MessageEntity, end: number): number {
  return text.slice(entity.offset, Math.min(entity.offset + entity.length, end)).trimEnd().length
}

const moreLines = (count: number) => `… and ${count} more ${count === 1 ? 'line' : 'lines'}`
