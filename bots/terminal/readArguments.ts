// What was typed behind a verb, read by the verb's row in the table, so that what help says is what is understood.
import { parseArgs } from 'node:util'
import { nearestWord } from '../../core/market/nearestWord.ts'
import { VERBS } from './verbs.ts'

export interface Arguments {
  /** Words that belong to no option, in order. */
  readonly words: readonly string[]
  /** Values by option; an option whose value is a list (FILE...) takes the words behind it too. */
  readonly values: Readonly<Record<string, readonly string[]>>
  readonly switches: ReadonlySet<string>
}

/** The arguments, or what is wrong with them in one line. */
export function readArguments(verbName: string, args: readonly string[]): Arguments | { readonly why: string } {
  const known = VERBS.find(({ name }) => name === verbName)?.options ?? []
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      known.map(({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string', multiple: true }]),
    ),
  })
  const words: string[] = []
  const values: Record<string, string[]> = {}
  const switches = new Set<string>()
  let list: string[] | undefined
  for (const token of tokens) {
    if (token.kind === 'option-terminator') list = undefined
    if (token.kind === 'positional') (list ?? words).push(token.value)
    if (token.kind !== 'option') continue
    list = undefined
    const option = known.find(({ name }) => name === token.name)
    if (!option) return { why: unknownOption(token.rawName, known) }
    if (option.value === undefined) {
      if (token.value !== undefined) return { why: `${token.rawName} takes no value.` }
      switches.add(option.name)
      continue
    }
    // A switch or option right behind it was not meant as its value.
    if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
      return { why: `${token.rawName} needs ${option.value.replace('...', '')}.` }
    values[option.name] = [...(values[option.name] ?? []), token.value]
    if (option.value.endsWith('...')) list = values[option.name]
  }
  return { words, values, switches }
}

function unknownOption(rawName: string, known: readonly { readonly name: string }[]): string {
  const near = nearestWord(
    rawName.replace(/^-+/, ''),
    known.map(({ name }) => name),
  )
  return `There is no option ${rawName}.${near === undefined ? '' : ` Did you mean --${near}?`}`
}
