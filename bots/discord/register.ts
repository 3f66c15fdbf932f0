// The table of commands as Discord registers it: typed options, and who may use what where.
import { isDeepStrictEqual } from 'node:util'
import { ApplicationCommandOptionType, type REST, Routes } from 'discord.js'
import { z } from 'zod'
import { NectoError } from '../../core/errors.ts'
import type { CommandOption, CommandSpec } from '../chat/commandSpec.ts'
import { clampText } from '../chat/safeText.ts'
import { mapError } from './mapError.ts'

const NAME = /^[-_'\p{L}\p{N}]{1,32}$/u
const MAX_DESCRIPTION = 100
const MAX_OPTIONS = 25
const MAX_CHOICES = 25
const MAX_CHARACTERS = 8000

const IN_SERVER = 0
const IN_PRIVATE = 1

// Of what Discord answers only this is ours; it adds ids, versions and defaults.
const optionSchema = z.object({
  type: z.number(),
  name: z.string(),
  description: z.string(),
  required: z.boolean().default(false),
  min_value: z.number().optional(),
  max_value: z.number().optional(),
  choices: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  autocomplete: z.boolean().default(false),
})
const commandSchema = z.object({
  name: z.string(),
  description: z.string(),
  contexts: z.array(z.number()).nullish(),
  integration_types: z.array(z.number()).optional(),
  options: z.array(optionSchema).default([]),
})
export type Registration = z.output<typeof commandSchema>

const TYPES: Readonly<Record<CommandOption['kind'], number>> = {
  text: ApplicationCommandOptionType.String,
  whole: ApplicationCommandOptionType.Integer,
  number: ApplicationCommandOptionType.Number,
  person: ApplicationCommandOptionType.User,
}

/** Throws NectoError `chat.bad-command` for what Discord would not take. */
export function registrationOf(spec: CommandSpec): Registration {
  const options = (spec.options ?? []).map(registeredOption)
  const registration: Registration = {
    name: spec.name,
    description: clampText(spec.summary, MAX_DESCRIPTION),
    contexts: spec.where === 'private' ? [IN_PRIVATE] : [IN_SERVER, IN_PRIVATE],
    integration_types: [0],
    // Discord wants what is required before what is not.
    options: [...options.filter(({ required }) => required), ...options.filter(({ required }) => !required)],
  }
  const fault = faultOf(registration)
  if (fault) throw new NectoError('chat.bad-command', `"${spec.name}" cannot be a Discord command: ${fault}.`)
  return registration
}

function registeredOption({ name, description, kind, isRequired, min, max, choices, suggest }: CommandOption) {
  return {
    type: TYPES[kind],
    name,
    description: clampText(description, MAX_DESCRIPTION),
    required: isRequired ?? false,
    ...(min !== undefined && { min_value: min }),
    ...(max !== undefined && { max_value: max }),
    ...(choices && { choices: choices.map((choice) => ({ ...choice })) }),
    autocomplete: suggest !== undefined && choices === undefined,
  }
}

function faultOf({ name, description, options }: Registration): string | undefined {
  const bad = [name, ...options.map((option) => option.name)].find(
    (one) => !NAME.test(one) || one !== one.toLowerCase(),
  )
  if (bad !== undefined) return `the name "${bad}"`
  if (!description || options.some((option) => !option.description)) return 'a description is missing'
  if (new Set(options.map((option) => option.name)).size < options.length) return 'two options of one name'
  if (options.length > MAX_OPTIONS) return `more than ${MAX_OPTIONS} options`
  if (options.some(({ choices }) => (choices?.length ?? 0) > MAX_CHOICES)) return `more than ${MAX_CHOICES} choices`
  const texts = [name, description, ...options.flatMap(textsOf)]
  if (texts.join('').length > MAX_CHARACTERS) return `more than ${MAX_CHARACTERS} characters`
  return undefined
}

const textsOf = ({ name, description, choices = [] }: Registration['options'][number]): string[] => [
  name,
  description,
  ...choices.flatMap((choice) => [choice.name, choice.value]),
]

/** Registers the table unless it is registered already: Discord counts what is created anew. */
export async function register(
  { rest, applicationId }: { rest: REST; applicationId: string },
  table: readonly CommandSpec[],
): Promise<void> {
  const wanted = table.map(registrationOf)
  const route = Routes.applicationCommands(applicationId)
  try {
    if (isSame(await rest.get(route), wanted)) return
    await rest.put(route, { body: wanted })
  } catch (thrown) {
    throw mapError(thrown, { method: 'registering commands', isRepeatable: true })
  }
}

function isSame(answer: unknown, wanted: readonly Registration[]): boolean {
  const known = z.array(commandSchema).safeParse(answer)
  const byName = (commands: readonly Registration[]) => new Map(commands.map((command) => [command.name, command]))
  return known.success && isDeepStrictEqual(byName(known.data), byName(wanted))
}
