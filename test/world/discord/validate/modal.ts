// The form of a modal: title, and one to five inputs, each in a label or, the older way, in a row of its own.
import { createForm, type Form } from '../form.ts'
import { isObject, type Json, objects } from '../json.ts'
import { checkOptions, checkSelect } from './controls.ts'
import { checkChoice, checkInteger, checkLength, checkOptionalText, checkText } from './fields.ts'

const type = { row: 1, textInput: 4, text: 10, label: 18, radio: 21, checkboxes: 22, checkbox: 23 }
const MAX_INPUT = 4000

/** The modal as it will be shown. Throws 50035. */
export function readModal(data: unknown): Json {
  const form = createForm().at('data')
  const modal = isObject(data) ? data : {}
  checkText(form.at('title'), modal.title, { max: 45 })
  checkText(form.at('custom_id'), modal.custom_id, { max: 100 })
  const components = objects(modal.components)
  checkLength(form.at('components'), components.length, { min: 1, max: 5 })
  for (const [index, component] of components.entries()) checkField(form.at('components', index), component)
  const ids = modalInputs(modal).map(({ input }) => input.custom_id)
  if (new Set(ids).size < ids.length)
    form.at('components').fail('COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated')
  form.end()
  return modal
}

/** The inputs of a modal with the words beside each. */
export function modalInputs(modal: Json): { readonly label: string; readonly input: Json }[] {
  return objects(modal.components).flatMap((component) => {
    if (isObject(component.component)) return [{ label: String(component.label), input: component.component }]
    return objects(component.components).map((input) => ({ label: String(input.label), input }))
  })
}

function checkField(form: Form, component: Json) {
  if (component.type === type.text) return
  if (component.type === type.row) {
    const inputs = objects(component.components)
    checkLength(form.at('components'), inputs.length, { min: 1, max: 1 })
    for (const [index, input] of inputs.entries()) {
      const at = form.at('components', index)
      checkChoice(at.at('type'), input.type, [type.textInput])
      checkText(at.at('label'), input.label, { max: 45 })
      checkInput(at, input)
    }
    return
  }
  checkChoice(form.at('type'), component.type, [type.row, type.text, type.label])
  if (component.type !== type.label) return
  checkText(form.at('label'), component.label, { max: 45 })
  checkOptionalText(form.at('description'), component.description, { max: 100 })
  if (isObject(component.component)) checkInput(form.at('component'), component.component)
  else form.at('component').fail('BASE_TYPE_REQUIRED', 'This field is required')
}

function checkInput(form: Form, input: Json) {
  checkText(form.at('custom_id'), input.custom_id, { max: 100 })
  if (input.type === type.textInput) return checkTextInput(form, input)
  if (input.type === 3) return checkSelect(form, input)
  if (input.type === type.radio) return checkOptions(form.at('options'), input.options, { min: 2, max: 10 })
  if (input.type === type.checkboxes) return checkOptions(form.at('options'), input.options, { min: 1, max: 10 })
  // The selects of users, roles and channels and uploads exist too; nobody here fills them in.
  checkChoice(form.at('type'), input.type, [3, type.textInput, type.radio, type.checkboxes, type.checkbox])
}

function checkTextInput(form: Form, { style, min_length, max_length, value, placeholder }: Json) {
  checkChoice(form.at('style'), style, [1, 2])
  const min = checkInteger(form.at('min_length'), min_length, { min: 0, max: MAX_INPUT }) ?? 0
  const max = checkInteger(form.at('max_length'), max_length, { min: 1, max: MAX_INPUT }) ?? MAX_INPUT
  if (min > max) form.at('min_length').fail('TEXT_INPUT_MIN_GREATER_THAN_MAX', 'min_length exceeds max_length')
  checkOptionalText(form.at('value'), value, { max: MAX_INPUT })
  checkOptionalText(form.at('placeholder'), placeholder, { max: 100 })
}
