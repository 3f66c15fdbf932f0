// Discord's markdown as its app shows it: lines of styled text, for people who read it and for the sandbox's page.

export type SpanStyle = 'bold' | 'italic' | 'code' | 'strike' | 'underline'

export interface MarkdownSpan {
  readonly text: string
  readonly styles: readonly SpanStyle[]
  readonly href?: string | undefined
}

export interface MarkdownLine {
  readonly kind: 'text' | 'heading' | 'small' | 'quote' | 'item' | 'code'
  readonly spans: readonly MarkdownSpan[]
}

/** The lines of a text; a code block is one line of kind 'code' with its line breaks. */
export function readMarkdown(text: string): MarkdownLine[] {
  return text.split(/(```[\s\S]*?```)/).flatMap((part, index): MarkdownLine[] => {
    if (index % 2 === 1) {
      const inner = part.slice(3, -3)
      // A first line of one word names a language.
      const code = inner.replace(/^[\w+-]*\n/, '').replace(/\n$/, '')
      return [{ kind: 'code', spans: [{ text: code, styles: [] }] }]
    }
    const body = part.replace(index > 0 ? /^\n/ : /$^/, '')
    return body === '' ? [] : body.replace(/\n$/, '').split('\n').map(readLine)
  })
}

/** All a person reads, without markup. */
export const markdownText = (text: string): string =>
  readMarkdown(text)
    .map(({ kind, spans }) => `${kind === 'item' ? '• ' : ''}${spans.map((span) => span.text).join('')}`)
    .join('\n')

const LINES: readonly [RegExp, MarkdownLine['kind']][] = [
  [/^#{1,3} +/, 'heading'],
  [/^-# +/, 'small'],
  [/^> ?/, 'quote'],
  [/^ *[-*] +/, 'item'],
]

function readLine(line: string): MarkdownLine {
  for (const [mark, kind] of LINES)
    if (mark.test(line)) return { kind, spans: readSpans(line.replace(mark, ''), { styles: [] }) }
  return { kind: 'text', spans: readSpans(line, { styles: [] }) }
}

const PAIRS: readonly [string, SpanStyle][] = [
  ['**', 'bold'],
  ['__', 'underline'],
  ['~~', 'strike'],
  ['*', 'italic'],
  ['_', 'italic'],
]

type Around = Pick<MarkdownSpan, 'styles' | 'href'>

/** Reads from the left; what opens and is not closed stays as it is. */
function readSpans(text: string, around: Around): MarkdownSpan[] {
  const spans: MarkdownSpan[] = []
  let plain = ''
  const flush = () => {
    if (plain !== '') spans.push({ text: plain, ...around })
    plain = ''
  }
  let rest = text
  while (rest !== '') {
    const found = readMarked(rest, around)
    if (found?.spans) {
      flush()
      spans.push(...found.spans)
    }
    plain += found ? (found.plain ?? '') : (rest[0] ?? '')
    rest = rest.slice(found?.length ?? 1)
  }
  flush()
  return spans
}

/** What is marked at the very start of a text, and how long it is. */
function readMarked(
  text: string,
  around: Around,
): { length: number; plain?: string; spans?: MarkdownSpan[] } | undefined {
  const escaped = /^\\([^\w\s])/.exec(text)
  if (escaped) return { length: 2, plain: escaped[1] ?? '' }
  const code = /^(`+)([\s\S]*?[^`])\1(?!`)/.exec(text)
  if (code)
    return {
      length: code[0].length,
      spans: [{ ...around, text: (code[2] ?? '').replace(/^ (.*) $/, '$1'), styles: [...around.styles, 'code'] }],
    }
  const link = /^\[((?:\\.|[^\]\\])+)\]\(<?((?:https?:\/\/)[^\s>)]+)>?\)/.exec(text)
  if (link) return { length: link[0].length, spans: readSpans(link[1] ?? '', { ...around, href: link[2] }) }
  const bare = around.href === undefined ? /^<?(https?:\/\/[^\s<>()*]+)>?/.exec(text) : null
  if (bare) return { length: bare[0].length, spans: [{ ...around, text: bare[1] ?? '', href: bare[1] }] }
  for (const [mark, style] of PAIRS) {
    if (!text.startsWith(mark)) continue
    const end = closing(text, mark)
    if (end > mark.length)
      return {
        length: end + mark.length,
        spans: readSpans(text.slice(mark.length, end), { ...around, styles: [...around.styles, style] }),
      }
  }
  return undefined
}

/** Where the same mark stands again, not escaped; -1 = nowhere. */
function closing(text: string, mark: string): number {
  for (let at = mark.length; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text.startsWith(mark, at)) return at
  }
  return -1
}
