// Turns what a person typed into a command's options, refusing what the app would not let them send.
import { type Json, objects, textOf } from '../json.ts'
import type { Channel, Role, User } from '../model.ts'

/** What an option takes: text, a number, a switch, a person, a channel, a role. */
export type OptionValue = string | number | boolean | User | Channel | Role

interface Typed {
  /** The options as the interaction carries them, within their subcommand. */
  readonly options: readonly Json[]
  /** Ids in the options and whom they mean. */
  readonly entities: readonly (User | Channel | Role)[]
  /** As the app shows it: `gpu:h100 count:2`. */
  readonly text: string
}

const type = { subcommand: 1, group: 2, string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, number: 10 }

/** The definition of a command or subcommand, by its words: `job`, `job status`, `team role add`. */
export function findDefinition(command: Json, words: readonly string[]): { definition: Json; path: readonly Json[] } {
  let definition = command
  const path: Json[] = []
  for (const word of words) {
    const next = objects(definition.options).find(({ name, type: kind }) => name === word && Number(kind) <= type.group)
    if (!next) throw new Error(`/${textOf(command.name)} has no subcommand "${word}"`)
    definition = next
    path.push(next)
  }
  if (objects(definition.options).some((option) => Number(option.type) <= type.group))
    throw new Error(`/${[textOf(command.name), ...words].join(' ')} needs one of its subcommands`)
  return { definition, path }
}

/** Checks the values against the definition. `focused` is the option being typed: it may be anything, others may be missing. */
export function readTyped(
  { definition, path }: ReturnType<typeof findDefinition>,
  values: Readonly<Record<string, OptionValue>>,
  focused?: string,
): Typed {
  const known = objects(definition.options)
  for (const name of Object.keys(values))
    if (!known.some((option) => option.name === name))
      throw new Error(`/${textOf(definition.name)} has no option "${name}"`)
  const missing = known.find(({ name, required }) => required === true && values[textOf(name)] === undefined)
  if (missing && focused === undefined)
    throw new Error(`/${textOf(definition.name)} needs the option "${textOf(missing.name)}"`)
  const given = known.flatMap((option) => {
    const value = values[textOf(option.name)]
    return value === undefined ? [] : [{ option, value }]
  })
  const leaf = given.map(({ option, value }) => {
    const isFocused = option.name === focused
    if (!isFocused) checkValue(option, value)
    const sent = typeof value === 'object' ? value.id : isFocused ? String(value) : value
    return { name: option.name, type: option.type, value: sent, ...(isFocused ? { focused: true } : {}) }
  })
  return {
    options: path.reduceRight<readonly Json[]>(
      (inner, step) => [{ name: step.name, type: step.type, options: inner }],
      leaf,
    ),
    entities: given.flatMap(({ value }) => (typeof value === 'object' ? [value] : [])),
    text: given.map(({ option, value }) => `${textOf(option.name)}:${show(value)}`).join(' '),
  }
}

function checkValue(option: Json, value: OptionValue) {
  const fail = (why: string): never => {
    throw new Error(`the option "${textOf(option.name)}" ${why}`)
  }
  const { choices, min_value, max_value, min_length, max_length } = option
  if (option.type === type.string) {
    if (typeof value !== 'string') return fail('takes text')
    if (value.length < Number(min_length ?? 0)) fail(`takes at least ${min_length} characters`)
    if (value.length > Number(max_length ?? 6000)) fail(`takes at most ${max_length ?? 6000} characters`)
  } else if (option.type === type.integer || option.type === type.number) {
    if (typeof value !== 'number') return fail('takes a number')
    if (option.type === type.integer && !Number.isInteger(value)) fail('takes a whole number')
    if (value < Number(min_value ?? -(2 ** 53))) fail(`takes at least ${min_value}`)
    if (value > Number(max_value ?? 2 ** 53)) fail(`takes at most ${max_value}`)
  } else if (option.type === type.boolean) {
    if (typeof value !== 'boolean') fail('takes true or false')
  } else if (!isEntityOf(Number(option.type), value)) fail('takes somebody or something else')
  if (objects(choices).length > 0 && !objects(choices).some((choice) => choice.value === value))
    fail(
      `takes one of ${objects(choices)
        .map((choice) => choice.value)
        .join(', ')}`,
    )
}

function isEntityOf(kind: number, value: OptionValue): boolean {
  if (typeof value !== 'object') return false
  if (kind === type.user) return 'isBot' in value
  if (kind === type.channel) return 'messages' in value
  return kind === type.role && 'permissions' in value
}

const show = (value: OptionValue) => (typeof value === 'object' ? `@${value.name}` : String(value))
