// The limits of embeds: of each part, and 6000 characters in all of a message's embeds together.
import type { Form } from '../form.ts'
import { isObject, type Json, objects, textOf } from '../json.ts'
import { checkList, checkOptionalText, checkText, checkUrl } from './fields.ts'

const MAX_EMBEDS = 10
const MAX_CHARACTERS = 6000

/** The embeds of a message; faults go into the form. */
export function checkEmbeds(form: Form, value: unknown): Json[] {
  const embeds = checkList(form, value, { max: MAX_EMBEDS })
  const read = embeds.map((embed, index) => checkEmbed(form.at(index), embed))
  if (read.reduce((sum, embed) => sum + characters(embed), 0) > MAX_CHARACTERS)
    form.fail('MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${MAX_CHARACTERS}`)
  return read
}

function checkEmbed(form: Form, embed: unknown): Json {
  if (!isObject(embed)) {
    form.fail('MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType')
    return {}
  }
  const { title, description, fields, footer, author, url, image, thumbnail } = embed
  checkOptionalText(form.at('title'), title, { max: 256 })
  checkOptionalText(form.at('description'), description, { max: 4096 })
  checkList(form.at('fields'), fields, { max: 25 })
  for (const [index, field] of objects(fields).entries()) {
    checkText(form.at('fields', index, 'name'), field.name, { max: 256 })
    checkText(form.at('fields', index, 'value'), field.value, { max: 1024 })
  }
  if (isObject(footer)) checkText(form.at('footer', 'text'), footer.text, { max: 2048 })
  if (isObject(author)) checkText(form.at('author', 'name'), author.name, { max: 256 })
  if (url !== undefined && url !== null) checkUrl(form.at('url'), url)
  for (const [key, media] of Object.entries({ image, thumbnail }))
    if (isObject(media) && !/^attachment:\/\/[\w.-]+$/.test(textOf(media.url))) checkUrl(form.at(key, 'url'), media.url)
  if (characters(embed) === 0 && !isObject(image) && !isObject(thumbnail))
    form.at('description').fail('BASE_TYPE_REQUIRED', 'This field is required')
  return embed
}

/** What counts against the total: titles, texts, names and values, not links. */
function characters({ title, description, fields, footer, author }: Json): number {
  const texts = [
    title,
    description,
    isObject(footer) ? footer.text : '',
    isObject(author) ? author.name : '',
    ...objects(fields).flatMap(({ name, value }) => [name, value]),
  ]
  return texts.reduce<number>((sum, text) => sum + textOf(text).length, 0)
}
