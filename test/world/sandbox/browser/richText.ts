// Styled text of both platforms as elements.
import { type MarkdownSpan, readMarkdown } from '../../discord/markdown.ts'
import type { Entity } from '../../telegram/model.ts'
import { el, link } from './dom.ts'

const TAGS = { bold: 'strong', italic: 'em', code: 'code', strike: 's', underline: 'u' } as const
const ENTITY_TAGS: Readonly<Record<string, keyof HTMLElementTagNameMap>> = {
  bold: 'strong',
  italic: 'em',
  code: 'code',
  pre: 'pre',
  strikethrough: 's',
  underline: 'u',
  blockquote: 'blockquote',
  expandable_blockquote: 'blockquote',
}
const BLOCKS = new Set(['pre', 'blockquote'])
const isWeb = (url: string) => /^https?:\/\//.test(url)

/** Telegram: plain text with ranges in UTF-16 units, which may lie in one another. `onCommand` is for /commands in it. */
export function telegramText(
  text: string,
  entities: readonly Entity[],
  onCommand: (command: string) => void,
): DocumentFragment {
  const root = document.createDocumentFragment()
  root.append(...range({ from: 0, to: text.length, inside: [...entities].sort(outerFirst) }))
  return root

  function range(part: { from: number; to: number; inside: readonly Entity[] }): (Node | string)[] {
    const nodes: (Node | string)[] = []
    let at = part.from
    for (const [index, entity] of part.inside.entries()) {
      const end = entity.offset + entity.length
      if (entity.offset < at) continue
      if (entity.offset > at) nodes.push(between(at, entity.offset))
      const inside = part.inside.slice(index + 1).filter(({ offset, length }) => offset + length <= end)
      nodes.push(wrap(entity, range({ from: entity.offset, to: end, inside })))
      at = end
    }
    if (at < part.to) nodes.push(between(at, part.to))
    return nodes
  }

  /** Beside a block, which stands on lines of its own, one line break is one too many. */
  function between(from: number, to: number): string {
    const isBlock = (entity: Entity) => BLOCKS.has(ENTITY_TAGS[entity.type] ?? '')
    const isAfter = entities.some((entity) => isBlock(entity) && entity.offset + entity.length === from)
    const isBefore = entities.some((entity) => isBlock(entity) && entity.offset === to)
    const words = text.slice(isAfter && text[from] === '\n' ? from + 1 : from, to)
    return isBefore ? words.replace(/\n$/, '') : words
  }

  function wrap(entity: Entity, children: (Node | string)[]): Node {
    const own = text.slice(entity.offset, entity.offset + entity.length)
    const url = entity.url ?? (entity.type === 'url' ? own : undefined)
    if (url !== undefined && isWeb(url)) return link(url, {}, ...children)
    if (entity.type === 'bot_command')
      return el('button', { type: 'button', class: 'command', onclick: () => onCommand(own) }, ...children)
    return el(ENTITY_TAGS[entity.type] ?? 'span', entity.type === 'pre' ? { tabindex: 0 } : {}, ...children)
  }
}

const outerFirst = (a: Entity, b: Entity) => a.offset - b.offset || b.length - a.length

/** Discord: its markdown, line by line. */
export function discordText(markdown: string): DocumentFragment {
  const root = document.createDocumentFragment()
  for (const { kind, spans } of readMarkdown(markdown)) {
    if (kind === 'code') root.append(el('pre', { tabindex: 0 }, spans.map(({ text }) => text).join('')))
    else root.append(el('p', { class: kind }, ...(kind === 'item' ? ['• '] : []), ...spans.map(spanNode)))
  }
  return root
}

function spanNode({ text, styles, href }: MarkdownSpan): Node | string {
  const inner = styles.reduce<Node | string>((child, style) => el(TAGS[style], {}, child), text)
  return href !== undefined && isWeb(href) ? link(href, {}, inner) : inner
}
