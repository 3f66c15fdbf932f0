// The definitions of slash commands: names, descriptions, order, nesting, choices, and the total size of each.
import { createForm, type Form } from '../form.ts'
import { isObject, type Json, objects, textOf } from '../json.ts'
import { checkChoice, checkInteger, checkList, checkText } from './fields.ts'

const MAX_OPTIONS = 25
const MAX_CHARACTERS = 8000
const subcommand = 1
const group = 2
const typed = [3, 4, 5, 6, 7, 8, 9, 10, 11]
/** Text, whole numbers, numbers: the ones that may have choices or autocomplete. */
const withChoices = [3, 4, 10]

/** The commands of a bulk overwrite, in lower-case names. Throws 50035. */
export function readCommands(body: unknown): readonly Json[] {
  const form = createForm()
  const commands = checkList(form, body, { max: Number.POSITIVE_INFINITY })
  for (const [index, command] of commands.entries()) checkCommand(form.at(index), command)
  const names = objects(commands).map(({ name }) => name)
  for (const [index, name] of names.entries())
    if (names.indexOf(name) < index)
      form.at(index).fail('APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique')
  form.end()
  return objects(commands)
}

function checkCommand(form: Form, command: unknown) {
  if (!isObject(command)) return form.fail('MODEL_TYPE_CONVERT', 'Only dictionaries may be used in a ModelType')
  if (command.type !== undefined) checkChoice(form.at('type'), command.type, [1])
  checkNames(form, command)
  checkOptions(form.at('options'), command.options, [subcommand, group, ...typed])
  if (characters(command) > MAX_CHARACTERS)
    form.fail('APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${MAX_CHARACTERS})`)
}

function checkNames(form: Form, { name, description }: Json) {
  const text = checkText(form.at('name'), name, { max: 32 })
  const isValid = /^[-_'\p{L}\p{N}]{1,32}$/u.test(text) && text === text.toLowerCase()
  if (text !== '' && text.length <= 32 && !isValid)
    form.at('name').fail('APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid')
  checkText(form.at('description'), description, { max: 100 })
}

function checkOptions(form: Form, value: unknown, allowed: readonly number[]) {
  const options = objects(checkList(form, value, { max: MAX_OPTIONS }))
  const names = options.map(({ name }) => name)
  let optionalSeen = false
  for (const [index, option] of options.entries()) {
    const at = form.at(index)
    checkChoice(at.at('type'), option.type, allowed)
    checkNames(at, option)
    if (names.indexOf(option.name) < index)
      at.at('name').fail('APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS', 'Option name already exists')
    if (option.type === group) checkOptions(at.at('options'), option.options, [subcommand])
    else if (option.type === subcommand) checkOptions(at.at('options'), option.options, typed)
    else {
      if (optionalSeen && option.required === true)
        at.fail(
          'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
          'Required options must be placed before non-required options',
        )
      optionalSeen ||= option.required !== true
      checkTyped(at, option)
    }
  }
  const nested = options.filter(({ type }) => type === subcommand || type === group)
  if (nested.length > 0 && nested.length < options.length)
    form.fail(
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'Sub-command and sub-command group option types are mutually exclusive to all other types',
    )
}

function checkTyped(form: Form, { type, choices, autocomplete, min_length, max_length, min_value, max_value }: Json) {
  const list = checkList(form.at('choices'), choices, { max: 25 })
  const mayChoose = withChoices.includes(Number(type))
  if ((list.length > 0 || autocomplete === true) && !mayChoose)
    form.fail('APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID', 'This option type takes neither choices nor autocomplete')
  if (list.length > 0 && autocomplete === true)
    form.fail('APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID', 'Choices and autocomplete are mutually exclusive')
  for (const [index, { name, value }] of objects(mayChoose ? list : []).entries()) {
    checkText(form.at('choices', index, 'name'), name, { max: 100 })
    const at = form.at('choices', index, 'value')
    if (type === 3) checkText(at, value, { max: 100 })
    else if (typeof value !== 'number' || (type === 4 && !Number.isInteger(value)))
      at.fail('NUMBER_TYPE_COERCE', `Value "${String(value)}" is not ${type === 4 ? 'int' : 'float'}.`)
  }
  checkInteger(form.at('min_length'), min_length, { min: 0, max: 6000 })
  checkInteger(form.at('max_length'), max_length, { min: 1, max: 6000 })
  for (const [key, value] of Object.entries({ min_value, max_value }))
    if (value !== undefined && value !== null && (typeof value !== 'number' || (type !== 4 && type !== 10)))
      form.at(key).fail('NUMBER_TYPE_COERCE', 'Only number options have bounds')
}

/** Names, descriptions and choice values of a command and all within it. */
function characters({ name, description, value, options, choices }: Json): number {
  const inner = [...objects(options), ...objects(choices)].reduce((sum, one) => sum + characters(one), 0)
  return textOf(name).length + textOf(description).length + textOf(value).length + inner
}
