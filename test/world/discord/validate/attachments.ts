// The files of a message: uploads matched with their entries in `attachments`, and on an edit those that stay.
import { entityTooLarge } from '../apiError.ts'
import type { Form } from '../form.ts'
import { isObject, textOf } from '../json.ts'
import { MAX_FILE_BYTES } from '../limits.ts'
import type { Attachment } from '../model.ts'
import { checkLength, checkList, checkOptionalText } from './fields.ts'
import type { Files } from './message.ts'

const MAX_FILES = 10
const MAX_DESCRIPTION = 1024

interface Source {
  /** The request's `attachments`; undefined = all that were there stay. */
  readonly list: unknown
  readonly files: Files
  readonly before: readonly Attachment[]
  readonly newId: () => string
}

/** The files as they will stand. Throws 40005 when one is larger than 10 MiB. */
export function readAttachments(form: Form, { list, files, before, newId }: Source): readonly Attachment[] {
  if ([...files.values()].some(({ bytes }) => bytes.length > MAX_FILE_BYTES)) throw entityTooLarge()
  const entries = checkList(form.at('attachments'), list, { max: MAX_FILES })
  const described = new Map<string, string>()
  const kept: Attachment[] = list === undefined ? [...before] : []
  for (const [index, entry] of entries.entries()) {
    if (!isObject(entry)) continue
    const at = form.at('attachments', index)
    const id = String(entry.id)
    const description = checkOptionalText(at.at('description'), entry.description, { max: MAX_DESCRIPTION })
    const old = before.find((attachment) => attachment.id === id)
    if (old) kept.push({ ...old, ...(description === '' ? {} : { description }) })
    else if (files.has(id)) described.set(id, description)
    else at.at('id').fail('ATTACHMENT_NOT_FOUND', `Attachment ${id} is neither uploaded nor on the message`)
  }
  const added = [...files].map(([index, { name, contentType, bytes }]) => ({
    id: newId(),
    name: textOf(name),
    contentType,
    bytes,
    description: described.get(index) || undefined,
  }))
  checkLength(form.at('attachments'), kept.length + added.length, { max: MAX_FILES })
  return [...kept, ...added]
}
