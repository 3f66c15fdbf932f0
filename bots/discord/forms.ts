// Our form as a Discord modal, and what was filled in.
import {
  type APIModalInteractionResponseCallbackData,
  type APIModalSubmissionComponent,
  ComponentType,
  TextInputStyle,
} from 'discord.js'
import type { Form, FormField } from '../chat/form.ts'
import { clampText, cleanText, safeName } from '../chat/safeText.ts'

const MAX_FIELDS = 5
const MAX_TITLE = 45
const MAX_LABEL = 45
const MAX_HELP = 100
const MAX_INPUT = 4000

/** The modal; what is too long for it is cut. */
export function modalOf({ token, title, fields }: Form): APIModalInteractionResponseCallbackData {
  return {
    custom_id: token,
    title: safeName(title, { maxLength: MAX_TITLE }),
    components: fields.slice(0, MAX_FIELDS).map((field) => ({
      type: ComponentType.Label,
      label: safeName(field.label, { maxLength: MAX_LABEL }),
      ...(field.help && { description: safeName(field.help, { maxLength: MAX_HELP }) }),
      component: inputOf(field),
    })),
  }
}

function inputOf({ name, value, placeholder, isRequired, lines, maxLength }: FormField) {
  const max = Math.min(maxLength, MAX_INPUT)
  return {
    type: ComponentType.TextInput as const,
    custom_id: name,
    style: lines === 'one' ? TextInputStyle.Short : TextInputStyle.Paragraph,
    required: isRequired,
    max_length: max,
    ...(value && { value: clampText(cleanText(value), max) }),
    ...(placeholder && { placeholder: safeName(placeholder, { maxLength: MAX_HELP }) }),
  }
}

/** What stands in each text field, by the field's name. */
export function readFormValues(components: readonly APIModalSubmissionComponent[]): Record<string, string> {
  const values: Record<string, string> = {}
  for (const row of components) {
    const inputs = 'component' in row ? [row.component] : 'components' in row ? row.components : []
    for (const input of inputs) if ('value' in input) values[input.custom_id] = String(input.value ?? '')
  }
  return values
}
