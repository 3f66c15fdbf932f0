// A message's text as the server stores it: parsed, checked, trimmed, with what Telegram finds by itself.
import { badRequest } from '../apiError.ts'
import type { Entity, FormattedText } from '../model.ts'
import { isObject, jsonParam, textParam } from '../params.ts'
import { withFoundEntities } from './findEntities.ts'
import { parseHtml } from './html.ts'
import { checkLink } from './links.ts'
import { parseMarkdownV2 } from './markdownV2.ts'

/** Beyond this many Telegram drops entities silently. */
const maxEntities = 100
const formattingTypes = new Set(
  `bold italic underline strikethrough spoiler blockquote expandable_blockquote code pre text_link text_mention
  custom_emoji date_time mention hashtag cashtag bot_command url email phone_number`.split(/\s+/),
)

/** Which parameters hold a text, its parse mode and its entities. */
export interface TextFields {
  readonly text: 'text' | 'caption'
  readonly entities: 'entities' | 'caption_entities'
}

/** Reads a text or caption of a call. Throws 400 on broken markup or entities outside the text. */
export function readFormattedText(params: Readonly<Record<string, unknown>>, fields: TextFields): FormattedText {
  const text = textParam(params, fields.text) ?? ''
  const mode = textParam(params, 'parse_mode')?.toLowerCase()
  if (mode === 'html') return finish(parseHtml(text))
  if (mode === 'markdownv2') return finish(parseMarkdownV2(text))
  if (mode !== undefined && mode !== 'none') throw badRequest('unsupported parse_mode')
  return finish({ text, entities: readEntities(jsonParam(params, fields.entities), text) })
}

/** The text of a message a person typed. */
export const typedText = (text: string): FormattedText => finish({ text, entities: [] })

function finish(formatted: FormattedText): FormattedText {
  const { text, entities } = trim(formatted)
  return { text, entities: withFoundEntities(text, entities).slice(0, maxEntities) }
}

/** White space around a message is not kept, so texts that differ only there are the same message. */
function trim({ text, entities }: FormattedText): FormattedText {
  const end = text.trimEnd().length
  const blank = text.length - text.trimStart().length
  const start = Math.min(end, blank, ...entities.map(({ offset }) => offset))
  const moved = entities.map((entity) => {
    const offset = entity.offset - start
    return { ...entity, offset, length: Math.min(entity.length, end - start - offset) }
  })
  return { text: text.slice(start, end), entities: moved.filter(({ length }) => length > 0) }
}

function readEntities(value: unknown, text: string): Entity[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw badRequest('expected an Array of MessageEntity')
  return value.map((entity) => readEntity(entity, text)).filter(({ length }) => length > 0)
}

function readEntity(value: unknown, text: string): Entity {
  if (!isObject(value)) throw badRequest("can't parse MessageEntity: expected an Object")
  const { type, offset, length } = value
  if (typeof type !== 'string' || !formattingTypes.has(type)) {
    throw badRequest("can't parse MessageEntity: Unsupported type specified")
  }
  if (typeof offset !== 'number' || !Number.isInteger(offset) || offset < 0) {
    throw badRequest(`receive an entity with incorrect offset ${offset}`)
  }
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 0) {
    throw badRequest(`receive an entity with incorrect length ${length}`)
  }
  checkBounds({ offset, length }, text)
  if (type !== 'text_link') return { ...value, type, offset, length }
  const link = checkLink(String(value.url ?? ''))
  if ('problem' in link) throw badRequest(`entity ${link.problem}`)
  return { type, offset, length, url: link.url }
}

function checkBounds({ offset, length }: { offset: number; length: number }, text: string) {
  const end = offset + length
  if (offset > text.length) {
    throw badRequest(`entity begins after the end of the text at UTF-16 offset ${text.length}`)
  }
  if (end > text.length) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${text.length}`,
    )
  }
  const splits = (at: number) => /[\uDC00-\uDFFF]/.test(text.charAt(at)) && /[\uD800-\uDBFF]/.test(text.charAt(at - 1))
  const bytes = (at: number) => Buffer.byteLength(text.slice(0, at - 1))
  if (splits(offset)) throw badRequest(`entity begins in a middle of a UTF-16 symbol at byte offset ${bytes(offset)}`)
  if (splits(end)) throw badRequest(`entity ends in a middle of a UTF-16 symbol at byte offset ${bytes(end)}`)
}
