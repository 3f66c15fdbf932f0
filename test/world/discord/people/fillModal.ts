// Fills in a form as a person would: required fields, lengths and choices are checked by the app before it is sent.
import { isObject, type Json, objects, textOf } from '../json.ts'
import { modalInputs } from '../validate/modal.ts'

/** Text, the choices of a menu or of checkboxes, or a single checkbox. */
export type ModalValue = string | readonly string[] | boolean

const type = { textInput: 4, radio: 21, checkboxes: 22, checkbox: 23 }

/** The components of the submission, in the shape of the modal. Throws a plain Error for what the app would refuse. */
export function fillModal(modal: Json, values: Readonly<Record<string, ModalValue>>): Json[] {
  const inputs = modalInputs(modal)
  for (const name of Object.keys(values))
    if (!inputs.some(({ label, input }) => label === name || input.custom_id === name))
      throw new Error(`the form has no field "${name}"; it shows ${inputs.map(({ label }) => `"${label}"`).join(', ')}`)
  const fill = (label: string, input: Json) => fillInput(label, input, values[label] ?? values[textOf(input.custom_id)])
  return objects(modal.components).map((component) => {
    const { type: kind, id } = component
    if (isObject(component.component))
      return { type: kind, id, component: fill(textOf(component.label), component.component) }
    const rows = objects(component.components).map((input) => fill(textOf(input.label), input))
    return rows.length > 0 ? { type: kind, id, components: rows } : { type: kind, id }
  })
}

function fillInput(label: string, input: Json, given: ModalValue | undefined): Json {
  const { type: kind, custom_id, id, required } = input
  const fail = (why: string): never => {
    throw new Error(`the field "${label}" ${why}`)
  }
  const isNeeded = required !== false
  if (kind === type.checkbox) return { type: kind, id, custom_id, value: given ?? input.default === true }
  if (kind === type.textInput) {
    const value = String(given ?? textOf(input.value))
    if (value === '') return isNeeded ? fail('must be filled in') : { type: kind, id, custom_id, value }
    if (value.length < Number(input.min_length ?? 0)) fail(`takes at least ${input.min_length} characters`)
    if (value.length > Number(input.max_length ?? 4000)) fail(`takes at most ${input.max_length ?? 4000} characters`)
    return { type: kind, id, custom_id, value }
  }
  const defaults = objects(input.options).filter((option) => option.default === true)
  const chosen = given === undefined ? defaults.map(({ value }) => textOf(value)) : [given].flat().map(String)
  const values = chosen.map((word) => {
    const option = objects(input.options).find(({ label: text, value }) => text === word || value === word)
    return option ? textOf(option.value) : fail(`has no choice "${word}"`)
  })
  if (values.length === 0 && isNeeded) fail('needs a choice')
  if (values.length > Number(kind === type.radio ? 1 : (input.max_values ?? (kind === type.checkboxes ? 10 : 1))))
    fail('has too many choices')
  return kind === type.radio
    ? { type: kind, id, custom_id, value: values[0] ?? null }
    : { type: kind, id, custom_id, values }
}
