// Telegram's HTML: a few tags, four named character references, errors that give the byte offset.
import { badRequest } from '../apiError.ts'
import type { Entity, FormattedText } from '../model.ts'
import { linkEntity } from './links.ts'

const simpleTags: Readonly<Record<string, string>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
}
const otherTags = ['a', 'tg-emoji']
const references: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }

interface OpenTag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly offset: number
}

/** Text and entities of an HTML message. Throws 400 "can't parse entities: …" in tdlib's words. */
export function parseHtml(html: string): FormattedText {
  const entities: Entity[] = []
  const open: OpenTag[] = []
  let text = ''
  let at = 0
  const fail = (why: string, from?: number) =>
    badRequest(
      `can't parse entities: ${why}${from === undefined ? '' : ` at byte offset ${Buffer.byteLength(html.slice(0, from))}`}`,
    )

  function startTag(from: number) {
    const [, rawName = ''] = /^<([^\s>]*)/.exec(html.slice(from)) ?? []
    const name = rawName.toLowerCase()
    at = from + 1 + rawName.length
    if (at >= html.length) throw fail('Unclosed start tag', from)
    if (!(name in simpleTags) && !otherTags.includes(name)) throw fail(`Unsupported start tag "${name}"`, from)
    const attributes = readAttributes(name, from)
    if (name === 'span' && attributes.get('class') !== 'tg-spoiler') {
      throw fail('Tag "span" must have class "tg-spoiler"', from)
    }
    open.push({ name, attributes, offset: text.length })
  }

  function readAttributes(tag: string, from: number) {
    const attributes = new Map<string, string>()
    for (;;) {
      const [all, name = '', equals, quoted, single, bare] =
        /^\s*(?:([^\s=>]+)\s*(?:(=)\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+)))?)?/.exec(html.slice(at)) ?? ['']
      at += all.length
      if (at >= html.length) throw fail(`Unclosed start tag "${tag}"`, from)
      if (name) {
        // Only the newer flags stand without a value.
        if (!equals && name !== 'expandable') {
          throw fail(`Expected equal sign in declaration of an attribute of the tag "${tag}"`, from)
        }
        attributes.set(name.toLowerCase(), decode(quoted ?? single ?? bare?.toLowerCase() ?? ''))
      } else if (html[at] !== '>') throw fail(`Empty attribute name in the tag "${tag}"`, from)
      if (html[at] === '>') {
        at += 1
        return attributes
      }
    }
  }

  function endTag(from: number) {
    const tag = open.pop()
    if (!tag) throw fail('Unexpected end tag', from)
    const [all, found = ''] = /^<\/([^\s>]*)\s*>/.exec(html.slice(from)) ?? []
    if (all === undefined) throw fail('Unclosed end tag', from)
    at = from + all.length
    if (found && found.toLowerCase() !== tag.name) {
      throw fail(
        `Unmatched end tag at byte offset ${Buffer.byteLength(html.slice(0, from))}, expected "</${tag.name}>", found "</${found.toLowerCase()}>"`,
      )
    }
    const length = text.length - tag.offset
    if (length > 0) addEntity(tag, length)
  }

  function addEntity({ name, attributes, offset }: OpenTag, length: number) {
    const place = { offset, length }
    const link = name === 'a' ? linkEntity(attributes.get('href') ?? text.slice(offset)) : undefined
    if (link) entities.push({ ...link, ...place })
    if (name === 'tg-emoji')
      entities.push({ type: 'custom_emoji', custom_emoji_id: attributes.get('emoji-id'), ...place })
    const type = simpleTags[name]
    if (type === undefined) return
    // <pre><code class="language-x"> is one entity: a block with its language.
    const inner = entities.at(-1)
    const isBlock = name === 'pre' && inner?.type === 'code' && inner.offset === offset && inner.length === length
    if (isBlock && inner.language) entities.splice(-1, 1, { type, language: inner.language, ...place })
    else if (type === 'code') entities.push({ type, language: languageOf(attributes), ...place })
    else entities.push({ type: attributes.has('expandable') ? `expandable_${type}` : type, ...place })
  }

  while (at < html.length) {
    const [run] = /^[^<]*/.exec(html.slice(at)) ?? ['']
    text += decode(run)
    at += run.length
    if (html[at] !== '<') continue
    if (html[at + 1] === '/') endTag(at)
    else startTag(at)
  }
  const unclosed = open.at(-1)
  if (unclosed) throw fail(`Can't find end tag corresponding to start tag "${unclosed.name}"`)
  return {
    text,
    entities: entities.map((entity) => (entity.type === 'code' ? { ...entity, language: undefined } : entity)),
  }
}

function languageOf(attributes: ReadonlyMap<string, string>) {
  const value = attributes.get('class') ?? ''
  return value.startsWith('language-') ? value.slice('language-'.length) : undefined
}

function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));?/gi, (whole, hex, decimal, name) => {
    if (name) return references[name] ?? whole
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code < 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
