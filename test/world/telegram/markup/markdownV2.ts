// MarkdownV2: every reserved character outside a mark must be escaped; errors give the byte offset.
import { badRequest } from '../apiError.ts'
import type { Entity, FormattedText } from '../model.ts'
import { linkEntity } from './links.ts'

/** Longer marks first, so that `__` is not read as two `_`. */
const marks = [
  { mark: '```', type: 'pre', name: 'Pre' },
  { mark: '__', type: 'underline', name: 'Underline' },
  { mark: '||', type: 'spoiler', name: 'Spoiler' },
  { mark: '![', type: 'custom_emoji', name: 'CustomEmoji' },
  { mark: '`', type: 'code', name: 'Code' },
  { mark: '_', type: 'italic', name: 'Italic' },
  { mark: '*', type: 'bold', name: 'Bold' },
  { mark: '~', type: 'strikethrough', name: 'Strikethrough' },
  { mark: '[', type: 'text_link', name: 'TextUrl' },
] as const
const reserved = '_*[]()~`>#+-=|{}.!'
const quote = { mark: '>', type: 'blockquote', name: 'BlockQuote' } as const

interface OpenMark {
  readonly mark: (typeof marks)[number] | typeof quote
  readonly offset: number
  readonly from: number
  readonly language?: string | undefined
}

/** Text and entities of a MarkdownV2 message. Throws 400 "can't parse entities: …" in tdlib's words. */
export function parseMarkdownV2(source: string): FormattedText {
  const entities: Entity[] = []
  const open: OpenMark[] = []
  let text = ''
  let at = 0
  const fail = (why: string) => badRequest(`can't parse entities: ${why}`)
  const bytesTo = (index: number) => Buffer.byteLength(source.slice(0, index))
  const isReserved = (char: string) =>
    fail(`Character '${char}' is reserved and must be escaped with the preceding '\\'`)
  const unclosed = ({ mark, from, language }: OpenMark) =>
    fail(`Can't find end of ${language ? 'PreCode' : mark.name} entity at byte offset ${bytesTo(from)}`)

  function add({ mark, offset, language }: OpenMark, as?: Omit<Entity, 'offset' | 'length'>) {
    const length = text.length - offset
    if (length > 0) entities.push({ type: mark.type, language, ...as, offset, length })
  }

  function begin(mark: OpenMark['mark']) {
    const from = at
    at += mark.mark.length
    if (mark.type !== 'pre') return open.push({ mark, offset: text.length, from })
    const [, language] = /^([^\s`]+)(?=\s)/.exec(source.slice(at)) ?? []
    at += language?.length ?? 0
    // One line break after the fence belongs to the fence.
    at += /^(\r\n|\n\r|\r|\n)/.exec(source.slice(at))?.[0].length ?? 0
    return open.push({ mark, offset: text.length, from, language })
  }

  /** The address after `]`; without one the text itself is the address. */
  function readUrl(entity: OpenMark) {
    at += 1
    if (source[at] !== '(') return entity.mark.type === 'custom_emoji' ? undefined : text.slice(entity.offset)
    at += 1
    const from = at
    let url = ''
    while (at < source.length && source[at] !== ')') {
      if (isEscape(source, at)) at += 1
      url += source[at]
      at += 1
    }
    if (at >= source.length) throw fail(`Can't find end of a URL at byte offset ${bytesTo(from)}`)
    at += 1
    return url
  }

  function end(entity: OpenMark) {
    open.pop()
    if (entity.mark.type === 'text_link' || entity.mark.type === 'custom_emoji') {
      const url = readUrl(entity)
      if (entity.mark.type === 'text_link') {
        const link = linkEntity(url ?? '')
        if (link) add(entity, link)
        return
      }
      const id = /^tg:\/\/emoji\?id=(\d+)$/.exec(url ?? '')?.[1]
      if (id === undefined) throw fail('Custom emoji entity must contain a tg://emoji URL')
      return add(entity, { type: 'custom_emoji', custom_emoji_id: id })
    }
    at += entity.mark.mark.length
    add(entity)
  }

  /** A quote ends with its last line; `||` before that line's end folds it. */
  function endQuote() {
    const top = open.at(-1)
    const folded = top?.mark.type === 'spoiler' && top.offset === text.length
    if (folded) open.pop()
    const entity = open.pop()
    if (!entity) return
    if (entity.mark !== quote) throw unclosed(entity)
    add(entity, folded ? { type: 'expandable_blockquote' } : undefined)
  }

  const inQuote = () => open.some(({ mark }) => mark === quote)

  while (at < source.length) {
    const char = source.charAt(at)
    const top = open.at(-1)
    const verbatim = top?.mark.type === 'code' || top?.mark.type === 'pre'
    const lineStart = at === 0 || source[at - 1] === '\n'
    if (isEscape(source, at)) {
      text += source[at + 1]
      at += 2
    } else if (top && source.startsWith(closing(top), at) && !(closing(top) === '_' && source[at + 1] === '_')) {
      end(top)
    } else if (verbatim) {
      if (char === '`') throw isReserved(char)
      text += char
      at += 1
    } else if (char === '\n') {
      if (inQuote() && source[at + 1] !== '>') endQuote()
      text += char
      at += 1
    } else if (char === '>' && lineStart) {
      if (inQuote()) at += 1
      else begin(quote)
    } else {
      const mark = marks.find(({ mark }) => source.startsWith(mark, at))
      if (mark) begin(mark)
      else if (reserved.includes(char)) throw isReserved(char)
      else {
        text += char
        at += 1
      }
    }
  }
  if (inQuote()) endQuote()
  const left = open.at(-1)
  if (left) throw unclosed(left)
  return { text, entities }
}

const closing = ({ mark }: OpenMark) =>
  mark.mark === '[' || mark.mark === '![' ? ']' : mark === quote ? '\0' : mark.mark

const isEscape = (source: string, at: number) => {
  const code = source.charCodeAt(at + 1)
  return source[at] === '\\' && code > 0 && code <= 126
}
