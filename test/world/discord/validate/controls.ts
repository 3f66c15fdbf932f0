// Buttons and select menus: what each must and must not carry.
import type { Form } from '../form.ts'
import { isObject, type Json, objects } from '../json.ts'
import { checkChoice, checkInteger, checkLength, checkList, checkOptionalText, checkText, checkUrl } from './fields.ts'

const LINK_STYLE = 5

/** A button: a label or emoji, and either a custom_id or, for link buttons, a URL. Premium buttons are not sold here. */
export function checkButton(form: Form, { label, emoji, style, custom_id, url }: Json) {
  checkChoice(form.at('style'), style, [1, 2, 3, 4, LINK_STYLE])
  checkOptionalText(form.at('label'), label, { max: 80 })
  if (!label && !isObject(emoji))
    form.fail('BUTTON_COMPONENT_MISSING_LABEL_AND_EMOJI', 'A button must have either a label or an emoji')
  if (style === LINK_STYLE) {
    checkUrl(form.at('url'), url, { max: 512 })
    if (custom_id) exclusive(form)
    return
  }
  checkText(form.at('custom_id'), custom_id, { max: 100 })
  if (url) exclusive(form)
}

/** A select menu of any kind; only the string select brings its own options. */
export function checkSelect(form: Form, select: Json) {
  const { type, custom_id, placeholder, options, min_values, max_values } = select
  checkText(form.at('custom_id'), custom_id, { max: 100 })
  checkOptionalText(form.at('placeholder'), placeholder, { max: 150 })
  const min = checkInteger(form.at('min_values'), min_values, { min: 0, max: 25 }) ?? 1
  const max = checkInteger(form.at('max_values'), max_values, { min: 1, max: 25 }) ?? 1
  if (min > max) form.at('min_values').fail('SELECT_COMPONENT_MIN_GREATER_THAN_MAX', 'min_values exceeds max_values')
  if (type !== 3) return
  checkOptions(form.at('options'), options, { min: 1, max: 25 })
  if (max > Math.max(1, objects(options).length))
    form.at('max_values').fail('SELECT_COMPONENT_MAX_VALUES_TOO_LARGE', 'max_values exceeds the number of options')
}

/** The options of a select, radio or checkbox group: texts within bounds, values told apart. */
export function checkOptions(form: Form, value: unknown, count: { min: number; max: number }) {
  const options = checkList(form, value, count)
  const seen = new Set<unknown>()
  for (const [index, option] of options.entries()) {
    const at = form.at(index)
    if (!isObject(option)) {
      at.fail('MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType')
      continue
    }
    checkText(at.at('label'), option.label, { max: 100 })
    checkText(at.at('value'), option.value, { max: 100 })
    checkOptionalText(at.at('description'), option.description, { max: 100 })
    if (seen.has(option.value))
      at.at('value').fail('SELECT_COMPONENT_OPTION_VALUE_DUPLICATED', 'The specified option value is already used')
    seen.add(option.value)
  }
}

/** Up to five buttons, or one select menu. */
export function checkRow(form: Form, row: Json) {
  const children = objects(row.components)
  checkLength(form.at('components'), children.length, { min: 1, max: 5 })
  for (const [index, child] of children.entries()) {
    const at = form.at('components', index)
    if (child.type === 2) checkButton(at, child)
    else if (typeof child.type === 'number' && [3, 5, 6, 7, 8].includes(child.type)) checkSelect(at, child)
    else at.at('type').fail('UNION_TYPE_CHOICES', 'Value of field "type" must be one of (2, 3, 5, 6, 7, 8).')
  }
  if (children.length > 1 && children.some(({ type }) => type !== 2))
    form.fail('COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'The specified component exceeds the maximum width')
}

const exclusive = (form: Form) =>
  form.fail('BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', 'A custom id and url cannot both be specified')
