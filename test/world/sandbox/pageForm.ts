// A modal of Discord as the page shows it: a dialog with labelled fields.
import { isObject, type Json, objects, textOf } from '../discord/json.ts'
import type { PageField, PageForm } from './protocol.ts'

const KINDS: Readonly<Record<number, PageField['kind']>> = { 3: 'choice', 21: 'choice', 22: 'choices', 23: 'switch' }

/** The dialog of a modal in Discord's own shape. */
export function pageForm(modal: Json): PageForm {
  const fields = objects(modal.components).flatMap((component) =>
    isObject(component.component)
      ? [fieldOf(component.component, component)]
      : objects(component.components).map((input) => fieldOf(input, input)),
  )
  return { title: textOf(modal.title), fields }
}

function fieldOf(input: Json, around: Json): PageField {
  const isMany = Number(input.max_values ?? 1) > 1
  const kind = KINDS[Number(input.type)] ?? (input.style === 2 ? 'text' : 'line')
  return {
    id: textOf(input.custom_id),
    label: textOf(around.label),
    help: textOf(around.description),
    kind: kind === 'choice' && isMany ? 'choices' : kind,
    value: input.type === 23 ? (input.default === true ? 'on' : '') : textOf(input.value),
    placeholder: textOf(input.placeholder),
    isRequired: input.required !== false,
    maxLength: typeof input.max_length === 'number' ? input.max_length : undefined,
    options: objects(input.options).map((option) => ({
      label: textOf(option.label),
      value: textOf(option.value),
      isChosen: option.default === true,
    })),
  }
}
