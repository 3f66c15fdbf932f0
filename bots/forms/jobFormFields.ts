// The typed fields of the job form: each is read by the ask grammar, inside a line whose other words are known to be right.
import { z } from 'zod'
import { type AskProblem, parseAskText } from '../../core/market/askGrammar.ts'

export const fieldSchema = z.enum(['gpu', 'count', 'time', 'more', 'image', 'command'])
export type Field = z.output<typeof fieldSchema>

interface Filled {
  readonly mode: 'tracked' | 'untracked'
  readonly texts: Readonly<Partial<Record<Field, string>>>
  readonly picks: readonly string[]
}

/** A number alone says how many where only that is asked. */
const countWord = (text: string) => (/^\d+$/.test(text) ? `x${text}` : text)

/** The line that says the same; the command comes last, since it takes the rest of it. */
export function formLine({ mode, texts, picks }: Filled): string {
  const { gpu = '', count = '', time = '', more = '', image, command } = texts
  return [
    mode,
    gpu,
    countWord(count),
    time,
    ...picks,
    // An open list would take the next word of the line for its own.
    more.replace(/[\s,]+$/, ''),
    image ? `image ${image}` : '',
    command ? `run ${command}` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

// Words that are right, around the one field that is looked at.
const RIGHT: Filled = { mode: 'tracked', texts: { gpu: 'h100', count: 'x1', time: '4h' }, picks: [] }
const BASE = ['gpu', 'gpuCount', 'maxSeconds']

/** What an ask may say beyond the base because of one field. */
const SAYS: Readonly<Record<Field, readonly string[]>> = {
  gpu: [],
  count: [],
  time: [],
  more: [
    'maxUsdPerGpuHour',
    'minMemoryGib',
    'regions',
    'excludeModels',
    'onlyProviders',
    'excludeProviders',
    'minUptimePercent',
    'maxAgeSeconds',
    'bookableOnly',
    'sort',
    'withinBps',
    'runtime',
  ],
  image: ['runtime', 'image', 'command'],
  command: ['runtime', 'command'],
}

const ALONE: Readonly<Record<Field, string>> = {
  gpu: 'This step asks for the GPU alone. A whole line goes with /job in front.',
  count: 'This step asks how many alone.',
  time: 'This step asks how long alone.',
  more: 'GPU, number, time, image and command have steps of their own.',
  image: 'One image alone, without spaces; the command has a field of its own.',
  command: 'This is no command line.',
}

/** What is wrong with one field, nothing when it is empty: of `more` together with the chosen limits. */
export function fieldProblems(form: Filled, field: Field, known: { knownProviders: readonly string[] }): AskProblem[] {
  const text = form.texts[field] ?? ''
  const picks = field === 'more' ? form.picks : []
  if (!text && picks.length === 0) return []
  if (field === 'time' && /^\d+(?:\.\d+)?$/.test(text))
    return [{ text, why: 'Minutes, hours or days?', suggestion: `${Math.max(1, Math.round(Number(text)))}h` }]
  const alone: AskProblem = { text, why: ALONE[field] }
  // The words of a name with spaces would be read one by one.
  if (field === 'image' && /\s/.test(text)) return [alone]
  const around = field === 'image' ? { ...RIGHT.texts, command: 'true' } : RIGHT.texts
  const parsed = parseAskText(formLine({ ...RIGHT, texts: { ...around, [field]: text }, picks }), known)
  if (!parsed.ok) {
    const said = parsed.problems.filter((problem) => problem.text && !isAround(problem, text))
    const unsaid = parsed.problems.filter((problem) => !problem.text)
    return said.length > 0 ? said : unsaid.length > 0 ? unsaid : [alone]
  }
  const { ask, workload } = parsed
  const says = [...Object.keys(ask), ...Object.keys(workload ?? {})]
  const isAlone = says.every((key) => BASE.includes(key) || SAYS[field].includes(key))
  const isWhole = field !== 'image' || (workload?.image === text && workload.command.join(' ') === 'true')
  return isAlone && isWhole ? [] : [alone]
}

/** What is said twice may be named by the word around the field, which the person never typed. */
const isAround = (problem: AskProblem, typed: string) =>
  [RIGHT.mode, ...Object.values(RIGHT.texts)].includes(problem.text) && !typed.includes(problem.text)
