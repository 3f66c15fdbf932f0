// Reads what a bot sends or edits: content, embeds, components, files, flags, mentions; refuses what Discord refuses.
import { emptyMessage } from '../apiError.ts'
import { createForm, type Form } from '../form.ts'
import { isObject, type Json, textOf } from '../json.ts'
import { flag, type MessageBody } from '../model.ts'
import { readAttachments } from './attachments.ts'
import { checkComponents } from './components.ts'
import { checkEmbeds } from './embeds.ts'
import { checkList, checkOptionalText } from './fields.ts'

/** Uploads of a call, by the number in `files[n]`. */
export type Files = ReadonlyMap<string, { readonly name: string; readonly contentType: string; readonly bytes: Buffer }>

interface Source {
  readonly data: Json
  readonly files: Files
  readonly newId: () => string
  /** Where in the request's body the message stands; an interaction's answer has it under `data`. */
  readonly at?: string | undefined
  /** The message before the edit: what the edit leaves out stays. */
  readonly before?: MessageBody | undefined
  /** The flags that may be set here. */
  readonly settable: number
}

/** The message as it will stand. Throws 50035, 50006 when nothing would be left of it, 40005 for a large file. */
export function readMessage({ data, files, newId, at, before, settable }: Source): MessageBody {
  const root = createForm()
  const form = at === undefined ? root : root.at(at)
  const flags = readFlags(form, { data, before, settable })
  const isV2 = (flags & flag.componentsV2) !== 0
  const given = <T>(field: string, old: T, read: (form: Form, value: unknown) => T): T =>
    data[field] === undefined ? old : read(form.at(field), data[field])

  const body: MessageBody = {
    flags,
    content: given('content', before?.content ?? '', (field, value) => checkOptionalText(field, value, { max: 2000 })),
    embeds: given('embeds', before?.embeds ?? [], checkEmbeds),
    components: given('components', before?.components ?? [], (field, value) =>
      checkComponents(field, value, { isV2 }),
    ),
    attachments: readAttachments(form, { list: data.attachments, files, before: before?.attachments ?? [], newId }),
    allowedMentions: isObject(data.allowed_mentions) ? checkMentions(form, data.allowed_mentions) : undefined,
  }
  if (isV2) checkNoLegacy(form, body)
  root.end()
  const { content, embeds, components, attachments } = body
  if (content.trim() === '' && embeds.length + components.length + attachments.length === 0) throw emptyMessage()
  return body
}

/** An edit may hide link previews and change to the second components, never back, and never ephemeral or silent. */
function readFlags(form: Form, { data, before, settable }: Pick<Source, 'data' | 'before' | 'settable'>): number {
  const { flags } = data
  const kept = (before?.flags ?? 0) & ~flag.loading
  if (flags === undefined || flags === null) return kept
  if (typeof flags !== 'number' || !Number.isInteger(flags)) {
    form.at('flags').fail('NUMBER_TYPE_COERCE', `Value "${String(flags)}" is not int.`)
    return kept
  }
  if ((kept & flag.componentsV2) !== 0 && (flags & flag.componentsV2) === 0)
    form
      .at('flags')
      .fail('MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG', 'IS_COMPONENTS_V2 cannot be removed once it is set')
  const changeable = before ? settable & (flag.suppressEmbeds | flag.componentsV2) : settable
  return (kept & ~changeable) | (flags & changeable)
}

function checkNoLegacy(form: Form, { content, embeds }: MessageBody) {
  for (const [field, isUsed] of Object.entries({ content: content !== '', embeds: embeds.length > 0 }))
    if (isUsed)
      form
        .at(field)
        .fail(
          'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
          `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
        )
}

function checkMentions(form: Form, mentions: Json): Json {
  const at = form.at('allowed_mentions')
  const parse = checkList(at.at('parse'), mentions.parse, { max: 3 })
  for (const [index, kind] of parse.entries())
    if (!['users', 'roles', 'everyone'].includes(textOf(kind)))
      at.at('parse', index).fail('BASE_TYPE_CHOICES', "Value must be one of ('users', 'roles', 'everyone').")
  for (const kind of ['users', 'roles']) {
    const ids = checkList(at.at(kind), mentions[kind], { max: 100 })
    if (ids.length > 0 && parse.includes(kind))
      at.fail(
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      )
  }
  return mentions
}
