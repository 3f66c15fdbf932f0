// Words as Discord markdown: everything from people is escaped, so that it shows as it is and can do nothing.
import { cleanText } from '../chat/safeText.ts'
import type { Span } from '../chat/view.ts'

/** One line: as it goes out, and its words alone, from which a shorter one can be made. */
export interface Line {
  readonly marked: string
  readonly plain: string
}

// discord.js's own escapeMarkdown leaves mentions, quotes, small print and bare links as they are.
const INLINE_MARKS = /[\\`*_~|<[\]@]|:(?=\/|$)|\.(?=(?:gg|gift|new|com)\/)/g
const LINE_MARKS = /^(\s*)([#>+-])/
const NUMBERED = /^(\s*\d+)([.)])(?=\s|$)/

/** Text that shows as it is wherever it stands in a line but at its start. */
export const escapeInline = (text: string): string => text.replace(INLINE_MARKS, '\\$&')

/** What a line begins with may make it a heading, a quote or a list. */
const guardStart = (line: string): string => line.replace(LINE_MARKS, '$1\\$2').replace(NUMBERED, '$1\\$2')

/** A line of plain words. */
export function plainLine(text: string): Line {
  const plain = cleanText(text)
  return { plain, marked: guardStart(escapeInline(plain)) }
}

/** Text within a code block: nothing in it can end the block. */
export const codeText = (text: string): string => cleanText(text).replace(/`(?=`)/g, '`\u200B')

/** Spans as lines; only links that pass `isAllowedLink` become links, others stay text. */
export function spanLines(spans: readonly Span[], isAllowedLink: (url: string) => boolean): Line[] {
  const lines: Line[] = []
  let current = { marked: '', plain: '' }
  const end = () => {
    lines.push({ ...current, marked: guardStart(current.marked) })
    current = { marked: '', plain: '' }
  }
  for (const span of spans) {
    const { text, mark } = readSpan(span, isAllowedLink)
    for (const [i, part] of cleanText(text).split('\n').entries()) {
      if (i > 0) end()
      current = { marked: current.marked + mark(part), plain: current.plain + part }
    }
  }
  end()
  return lines
}

function readSpan(span: Span, isAllowedLink: (url: string) => boolean): { text: string; mark(part: string): string } {
  if (typeof span === 'string') return { text: span, mark: escapeInline }
  const { text, style, href } = span
  if (href !== undefined && isAllowedLink(href)) {
    // Discord shows no link whose words look like an address of their own; escaped, they do not.
    return { text, mark: (part) => around(part, (words) => `[${escapeInline(words)}](${linkTarget(href)})`) }
  }
  if (style === 'code') return { text, mark: (part) => around(part.replaceAll('`', 'ˋ'), (words) => `\`${words}\``) }
  const sign = style === 'bold' ? '**' : style === 'italic' ? '*' : ''
  return { text, mark: (part) => around(part, (words) => sign + escapeInline(words) + sign) }
}

/** Marks the words and leaves the blanks around them outside: "** bold**" is not bold. */
function around(part: string, mark: (words: string) => string): string {
  const words = part.trim()
  if (!words) return part
  const start = part.indexOf(words)
  return part.slice(0, start) + mark(words) + part.slice(start + words.length)
}

const linkTarget = (href: string): string =>
  new URL(href).href.replace(/[()]/g, (sign) => (sign === '(' ? '%28' : '%29'))
