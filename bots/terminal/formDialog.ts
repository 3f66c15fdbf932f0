// A form answered line by line: which field is asked for, and what a line does to it. Pure.
import type { Form, FormField } from '../chat/form.ts'
import { safeName } from '../chat/safeText.ts'

/** What a line led to: the next question, the same one with what was wrong, or the end. */
export type FormStep =
  | { readonly kind: 'ask'; readonly says: readonly string[]; readonly prompt: string }
  | { readonly kind: 'done'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'cancelled' }

export interface FormDialog {
  readonly first: FormStep
  answer(line: string): FormStep
}

const CLEAR = '-'
// Room must be left to type.
const MAX_PROMPT = 24

/** Asks the fields in order. Enter keeps what stands, `-` empties it, `/cancel` ends the form unsent. */
export function createFormDialog(form: Form): FormDialog {
  const values: Record<string, string> = {}
  let at = 0
  let lines: string[] = []

  function ask(problem: readonly string[] = []): FormStep {
    const field = form.fields[at]
    if (!field) return { kind: 'done', values }
    return {
      kind: 'ask',
      says: [...problem, ...introOf(field)],
      prompt: `${safeName(field.label, { maxLength: MAX_PROMPT })}> `,
    }
  }

  /** Keeps the field's text when it may be so. */
  function take(field: FormField, text: string): FormStep {
    lines = []
    const value = text === '' ? (field.value ?? '') : text === CLEAR ? '' : text
    if (field.isRequired && value.trim() === '') return ask(['This one is needed. /cancel closes the form.'])
    if (value.length > field.maxLength)
      return ask([`That has ${value.length} characters, ${field.maxLength} are the most. Write it again, shorter.`])
    values[field.name] = value
    at++
    return ask()
  }

  return {
    first: ask([form.title]),
    answer(line) {
      const field = form.fields[at]
      if (/^\/cancel$/i.test(line.trim())) return { kind: 'cancelled' }
      if (!field) return { kind: 'done', values }
      if (field.lines === 'one') return take(field, line.trim())
      if (line.trim() === '') return take(field, lines.join('\n'))
      lines.push(line)
      return { kind: 'ask', says: [], prompt: '… ' }
    },
  }
}

function introOf({ label, help, placeholder, value, isRequired, lines }: FormField): string[] {
  const how = [
    ...(value ? [`Enter keeps “${value.replaceAll('\n', ' ')}”, ${CLEAR} empties it`] : []),
    ...(value || isRequired || lines === 'many' ? [] : ['Enter leaves it empty']),
    ...(lines === 'many'
      ? [`several lines are fine, an empty one ends it${isRequired ? '' : ' or leaves it empty'}`]
      : []),
  ]
  const hints = [help, placeholder && `For example: ${placeholder}`].filter((text) => text !== undefined && text !== '')
  return [`${label}${how.length > 0 ? ` (${how.join('; ')})` : ''}`, ...(hints as string[])]
}
