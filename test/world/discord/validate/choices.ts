// The suggestions of an autocomplete answer: at most 25, of the option's type.
import { createForm } from '../form.ts'
import type { Choice } from '../interactions.ts'
import { isObject, objects } from '../json.ts'
import { checkList, checkText } from './fields.ts'

/** The choices, for an option of this type (3 text, 4 whole, 10 any number). Throws 50035. */
export function readChoices(data: unknown, optionType: unknown): readonly Choice[] {
  const form = createForm().at('data', 'choices')
  const choices = isObject(data) ? data.choices : undefined
  checkList(form, choices, { max: 25 })
  for (const [index, { name, value }] of objects(choices).entries()) {
    checkText(form.at(index, 'name'), name, { max: 100 })
    const at = form.at(index, 'value')
    if (optionType === 3) checkText(at, value, { max: 100 })
    else if (typeof value !== 'number' || (optionType === 4 && !Number.isInteger(value)))
      at.fail('NUMBER_TYPE_COERCE', `Value "${String(value)}" is not ${optionType === 4 ? 'int' : 'float'}.`)
  }
  form.end()
  return objects(choices) as unknown as readonly Choice[]
}
