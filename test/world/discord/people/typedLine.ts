// Fills a slash command's typed options from the line that says the same, as a person reading that line would.
import { type Json, objects, textOf } from '../json.ts'

type Values = Record<string, string | number>

/** `h100 x2 4h max 3 run ./train.sh` for a command with these options; words that no option is for go to `more`. */
export function optionsFromLine(command: Json, line: string): Values {
  const options = objects(command.options)
  const isAsk = options.some(({ name }) => name === 'gpu')
  const values = isAsk ? fromAsk(line) : fromWords(options, line)
  for (const name of Object.keys(values))
    if (!options.some((option) => option.name === name))
      throw new Error(`/${textOf(command.name)} has no option "${name}" for "${line}"`)
  return values
}

/** An ask names its parts, so they may stand anywhere; everything after `run` is the command. */
function fromAsk(line: string): Values {
  const [, asked = '', run] = /^(.*?)(?:(?:^|\s)run\s+([\s\S]*))?$/s.exec(line.trim()) ?? []
  const words = asked.split(/\s+/).filter((word) => word !== '')
  const values: Values = run === undefined ? {} : { run }
  const more: string[] = []
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const count = /^x(\d+)$/.exec(word)?.[1]
    if (count) values.count = Number(count)
    else if (/^\d+(\.\d+)?[mhd]$/.test(word)) values.time = word
    else if (/^(un)?tracked$/.test(word)) values.mode = word
    else if (word === 'max' && Number(words[0]) > 0) values.max = Number(words.shift())
    else if ((word === 'only' || word === 'image') && words[0] !== undefined) values[word] = words.shift() ?? ''
    else if (values.gpu === undefined) values.gpu = word
    else more.push(word)
  }
  return more.length > 0 ? { ...values, more: more.join(' ') } : values
}

/** One word for each option in turn, the rest for the last; an option of choices is passed over by other words. */
function fromWords(options: readonly Json[], line: string): Values {
  const values: Values = {}
  let rest = line.trim()
  for (const [index, option] of options.entries()) {
    if (rest === '') break
    const [word = ''] = rest.split(/\s+/)
    const choices = objects(option.choices).map(({ value }) => value)
    if (choices.length > 0 && !choices.includes(word)) continue
    const taken = index === options.length - 1 ? rest : word
    values[textOf(option.name)] = option.type === 4 || option.type === 10 ? Number(taken) : taken
    rest = rest.slice(taken.length).trim()
  }
  if (rest !== '') throw new Error(`no option takes "${rest}"`)
  return values
}
