// What Telegram marks up by itself in any text: commands, mentions, links, hashtags, cashtags, addresses.
import type { Entity } from '../model.ts'

/** Earlier kinds win where two overlap. */
const kinds: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['url', /(?<![\w@])https?:\/\/[^\s<>"]*[^\s<>".,!?;:)\]'*_]/giu],
  ['email', /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu],
  ['bot_command', /(?<![\w/])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])/gu],
  ['mention', /(?<!\w)@[A-Za-z0-9_]{3,32}(?!\w)/gu],
  ['hashtag', /(?<![\w#])#(?=[\p{L}\d_]*\p{L})[\p{L}\d_]{1,256}/gu],
  ['cashtag', /(?<![\w$])\$[A-Z]{1,8}(?![\w$])/gu],
]

/** Inside these nothing further is found. */
const closed = new Set(['code', 'pre', 'text_link', 'text_mention', 'custom_emoji', ...kinds.map(([type]) => type)])

/** The given entities and those found in the rest of the text, in order. */
export function withFoundEntities(text: string, given: readonly Entity[]): readonly Entity[] {
  const all = [...given]
  for (const [type, pattern] of kinds) {
    for (const { index: offset, 0: found } of text.matchAll(pattern)) {
      const entity = { type, offset, length: found.length }
      if (!all.some((other) => closed.has(other.type) && overlap(entity, other))) all.push(entity)
    }
  }
  return all.sort((a, b) => a.offset - b.offset || b.length - a.length)
}

const overlap = (a: Entity, b: Entity) => a.offset < b.offset + b.length && b.offset < a.offset + a.length
