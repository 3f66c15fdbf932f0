// Help as text: the overview of all verbs, and one verb with its options, from the table of verbs.
import { ASK_EXAMPLE, ASK_WORDS } from '../../core/market/askWords.ts'
import { nearestWord } from '../../core/market/nearestWord.ts'
import { VERBS, type Verb, type VerbOption } from './verbs.ts'

const WIDTH = 100

/** Every verb with one line. */
export function overview(): string {
  const rows = VERBS.map(({ name, summary }) => [name, summary] as const)
  return [
    'necto <verb>',
    columns(rows),
    `An ask: ${ASK_EXAMPLE} run python train.py\n\`necto help <verb>\` or \`necto <verb> --help\` says more.`,
  ].join('\n\n')
}

/** Usage, options and examples of one verb; undefined when there is none of that name. */
export function verbHelp(name: string): string | undefined {
  const verb = VERBS.find((one) => one.name === name)
  if (!verb) return undefined
  return [
    usageOf(verb),
    wrap(verb.about, WIDTH).join('\n'),
    ...(verb.options.length > 0 ? [`Options:\n${columns(verb.options.map((one) => [flag(one), one.meaning]))}`] : []),
    ...(verb.name === 'quote' ? [`Words of an ask:\n${columns(ASK_WORDS.map((one) => [one.word, one.meaning]))}`] : []),
    `${verb.examples.length > 1 ? 'Examples' : 'Example'}:\n${verb.examples.map((line) => `  ${line}`).join('\n')}`,
  ].join('\n\n')
}

/** "There is no "ofers". Did you mean offers?", then the overview. */
export function noSuchVerb(name: string): string {
  const near = nearestWord(
    name,
    VERBS.map((verb) => verb.name),
  )
  return `There is no "${name}".${near === undefined ? '' : ` Did you mean ${near}?`}\n\n${overview()}`
}

/** "necto offers <provider> --replay FILE... […]" */
export const usageOf = ({ name, synopsis }: Verb): string => `necto ${name} ${synopsis}`.trimEnd()

const flag = ({ name, value }: VerbOption) => `--${name}${value === undefined ? '' : ` ${value}`}`

/** Two columns, the second wrapped below itself. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const left = Math.max(...rows.map(([word]) => word.length)) + 2
  return rows
    .map(([word, meaning]) => `  ${word.padEnd(left)}${wrap(meaning, WIDTH - left).join(`\n${' '.repeat(left + 2)}`)}`)
    .join('\n')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
