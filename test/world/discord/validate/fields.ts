// The checks every field shares, with the codes Discord gives for them. Lengths are UTF-16 units: never laxer than Discord.
import type { Form } from '../form.ts'

interface Bounds {
  readonly min?: number
  readonly max: number
}

/** A required text within bounds; `min` is 1. Returns it, or '' when it is at fault. */
export function checkText(form: Form, value: unknown, { min = 1, max }: Bounds): string {
  if (value === undefined || value === null || (value === '' && min > 0)) {
    form.fail('BASE_TYPE_REQUIRED', 'This field is required')
    return ''
  }
  if (typeof value !== 'string') {
    form.fail('STRING_TYPE_CONVERT', 'Could not interpret "{}" as string.')
    return ''
  }
  checkLength(form, value.length, { min, max })
  return value
}

/** As checkText, for a text that may be missing or empty. */
export function checkOptionalText(form: Form, value: unknown, { max }: { max: number }): string {
  return value === undefined || value === null || value === '' ? '' : checkText(form, value, { min: 0, max })
}

/** The length of a text or list. */
export function checkLength(form: Form, length: number, { min = 0, max }: Bounds) {
  if (length >= min && length <= max) return
  if (min > 0) form.fail('BASE_TYPE_BAD_LENGTH', `Must be between ${min} and ${max} in length.`)
  else form.fail('BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`)
}

/** A list within bounds; undefined and null are an empty one. */
export function checkList(form: Form, value: unknown, bounds: Bounds): readonly unknown[] {
  if (value !== undefined && value !== null && !Array.isArray(value)) {
    form.fail('LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType')
    return []
  }
  const list: readonly unknown[] = value ?? []
  checkLength(form, list.length, bounds)
  return list
}

/** A whole number within bounds; undefined when it is missing. */
export function checkInteger(
  form: Form,
  value: unknown,
  { min, max }: { min: number; max: number },
): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    form.fail('NUMBER_TYPE_COERCE', `Value "${String(value)}" is not int.`)
    return undefined
  }
  if (value < min) form.fail('NUMBER_TYPE_MIN', `int value should be greater than or equal to ${min}.`)
  if (value > max) form.fail('NUMBER_TYPE_MAX', `int value should be less than or equal to ${max}.`)
  return value
}

/** One of a few values. */
export function checkChoice(form: Form, value: unknown, choices: readonly unknown[]) {
  if (!choices.includes(value)) form.fail('BASE_TYPE_CHOICES', `Value must be one of {${choices.join(', ')}}.`)
}

/** A link: http, https or discord, with a host that has a dot; addresses like 127.0.0.1 have. */
export function checkUrl(form: Form, value: unknown, { max = 2048 }: { max?: number } = {}) {
  const url = checkText(form, value, { max })
  if (url === '') return
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):/i.exec(url) ?? []
  if (!/^(https?|discord)$/i.test(scheme)) {
    const why = `Scheme "${scheme}" is not supported. Scheme must be one of ('http', 'https', 'discord').`
    form.fail('URL_TYPE_INVALID_SCHEME', why)
  } else if (
    /\s/.test(url) ||
    !URL.canParse(url) ||
    (/^http/i.test(scheme) && !/[^.]\.[^.]/.test(new URL(url).hostname))
  )
    form.fail('URL_TYPE_INVALID_URL', 'Not a well formed URL.')
}
