// The one grammar of asks, for every surface: "h100 x2 4h max 2.50 eu no-spot only akash run python train.py".
import { parseGpuWanted } from '../gpu/parseGpuWanted.ts'
import { suggestGpus } from '../gpu/suggestGpus.ts'
import { placeOf } from '../region/placeTable.ts'
import { regionCode } from '../region/region.ts'
import { isSmallWord } from '../region/regionWord.ts'
import { suggestPlace } from '../region/suggestPlaces.ts'
import { type Ask, priceModel, type Workload } from './ask.ts'
import { type AskDraft, bareClause, type Clause, keyedClauses } from './askClauses.ts'
import { parseDuration } from './duration.ts'
import { nearestWord } from './nearestWord.ts'
import { printAsk } from './printAsk.ts'
import { findSecret, secretWarning } from './secretInText.ts'
import { splitCommand } from './workloadText.ts'

/** What is wrong with an ask's text: the words, why, and what was perhaps meant. `text` is empty for what is missing. */
export interface AskProblem {
  text: string
  why: string
  suggestion?: string
}

export type AskText =
  | { ok: true; ask: Ask; workload?: Workload; mode?: 'tracked' | 'untracked' }
  /** `example` is a whole line that works: what was understood, with what is missing filled in. */
  | { ok: false; understood: string[]; problems: AskProblem[]; example: string }

interface Reading {
  words: readonly string[]
  knownProviders: readonly string[]
  draft: AskDraft
  understood: string[]
  problems: AskProblem[]
}

// The longest names of GPUs and places that people write apart: "rtx 6000 ada", "united arab emirates".
const MAX_NAME_WORDS = 3
const MODELS: readonly string[] = priceModel.options
const WORDS = [
  ...Object.keys(keyedClauses),
  'run',
  'tracked',
  'untracked',
  'container',
  'process',
  'bookable',
  ...MODELS.map((model) => `no-${model}`),
]

/**
 * Reads an ask. Everything after `run` is the command, cut like a shell would; without it there is no workload.
 * A text that holds something like a secret is refused as a whole, and none of it is repeated.
 */
export function parseAskText(text: string, options: { knownProviders: readonly string[] }): AskText {
  const secret = findSecret(text)
  if (secret) return refuse({}, [], [{ text: '', why: secretWarning(secret.kind) }])
  const run = /(?<=^|\s)run(?=\s|$)/i.exec(text)
  const head = run ? text.slice(0, run.index) : text
  const reading: Reading = {
    words: head.split(/\s+/).filter(Boolean),
    ...options,
    draft: {},
    understood: [],
    problems: [],
  }
  for (let at = 0; at < reading.words.length; ) at += readClause(reading, at)
  const { draft, understood, problems } = reading
  const command = run && splitCommand(text.slice(run.index + run[0].length))
  if (command && !command.ok) problems.push({ text: 'run', why: command.why, suggestion: 'run python train.py' })
  problems.push(...missing(draft, { hasCommand: command !== null, meantSeconds: meantSeconds(problems) }))
  if (problems.length > 0 || !draft.gpu || draft.maxSeconds === undefined) return refuse(draft, understood, problems)
  return {
    ok: true,
    ask: askOf({ ...draft, gpu: draft.gpu, maxSeconds: draft.maxSeconds }, command !== null),
    ...(command?.ok && {
      workload: { ...(draft.image !== undefined && { image: draft.image }), command: command.argv },
    }),
    ...(draft.mode && { mode: draft.mode }),
  }
}

/** Reads the clause that starts at a word and says how many words it took. */
function readClause(reading: Reading, at: number): number {
  const word = reading.words[at] ?? ''
  const keyed = Object.hasOwn(keyedClauses, word.toLowerCase()) ? keyedClauses[word.toLowerCase()] : undefined
  if (keyed) {
    const { value, taken } = readValue(reading, at + 1, /^(?:only|not)$/i.test(word))
    if (taken === 0) note(reading, word, { why: `What follows "${word}" is missing.` })
    else note(reading, `${word} ${value}`.trimEnd(), keyed(value, reading))
    return 1 + taken
  }
  const name = readName(reading, at)
  if (name) {
    note(reading, reading.words.slice(at, at + name.taken).join(' '), name.clause)
    return name.taken
  }
  // "eu,us" and "h100, x2, 4h"
  const parts = word.split(',').filter(Boolean)
  if (parts.length > 1 || word.endsWith(',')) {
    const inner: Reading = { ...reading, words: parts }
    for (let i = 0; i < parts.length; ) i += readClause(inner, i)
    return 1
  }
  const next = reading.words[at + 1] ?? ''
  const spoken = /^\d/.test(word) && /^[a-z]+$/i.test(next) ? bareClause(word + next) : undefined
  if (spoken) {
    note(reading, `${word} ${next}`, spoken)
    return 2
  }
  note(reading, word, unknownWord(word, reading.knownProviders))
  return 1
}

/** The words after a keyword: one, a list with its commas, or a number with its percent sign. */
function readValue(reading: Reading, from: number, isList: boolean): { value: string; taken: number } {
  const { words } = reading
  let value = words[from] ?? ''
  let taken = words[from] === undefined ? 0 : 1
  while (isList && taken > 0 && (value.endsWith(',') || words[from + taken]?.startsWith(','))) {
    value += words[from + taken] ?? ''
    if (words[from + taken] === undefined) break
    taken++
  }
  if (words[from + taken] === '%') return { value: `${value}%`, taken: taken + 1 }
  return { value: value.replace(/,+$/, ''), taken }
}

/** The longest run of words that says something by itself: "x2", "rtx 4090", "south korea". */
function readName(reading: Reading, at: number): { clause: Clause; taken: number } | undefined {
  const bare = bareClause(reading.words[at] ?? '')
  if (bare) return { clause: bare, taken: 1 }
  const small = smallWord(reading, at)
  if (small) return small
  const length = reading.words.slice(at, at + MAX_NAME_WORDS).findIndex((word, i) => i > 0 && startsClause(word))
  const most = Math.min(length === -1 ? MAX_NAME_WORDS : length, reading.words.length - at)
  for (let taken = most; taken > 0; taken--) {
    const text = reading.words.slice(at, at + taken).join(' ')
    if (text.includes(',')) continue
    const gpu = parseGpuWanted(text)
    if (gpu.ok) return { clause: { gpu: gpu.gpu }, taken }
    const region = regionCode(text)
    if (region !== undefined) return { clause: { regions: [region] }, taken }
  }
  return undefined
}

/** "in germany", "no spot": said as in a sentence, where the first word would be read as a country. */
function smallWord({ words }: Reading, at: number): { clause: Clause; taken: number } | undefined {
  const [word = '', next = ''] = words.slice(at, at + 2)
  if (!isSmallWord(word)) return undefined
  if (word === 'no' && MODELS.includes(next))
    return { clause: { why: 'Written as one word.', suggestion: `no-${next}` }, taken: 2 }
  const why = `Leave it out, or write it in capitals if ${placeOf(word)?.name} is meant.`
  return { clause: { why, suggestion: word.toUpperCase() }, taken: 1 }
}

const startsClause = (word: string): boolean =>
  Object.hasOwn(keyedClauses, word.toLowerCase()) || bareClause(word) !== undefined

/** Takes a clause into the draft, or its problem into the list. */
function note(reading: Reading, text: string, clause: Clause): void {
  if ('why' in clause) {
    reading.problems.push({ text, ...clause })
    return
  }
  const { draft } = reading
  for (const [key, value] of Object.entries(clause) as [keyof AskDraft, unknown][]) {
    const said = draft[key]
    if (said !== undefined && !Array.isArray(said)) {
      reading.problems.push({ text, why: `${SAID_TWICE[key] ?? `"${key}"`} was said twice.` })
      return
    }
    const merged = Array.isArray(said) && Array.isArray(value) ? [...new Set([...said, ...value])] : value
    Object.assign(draft, { [key]: merged })
  }
  reading.understood.push(text)
}

const SAID_TWICE: Partial<Record<keyof AskDraft, string>> = {
  gpu: 'The GPU type',
  gpuCount: 'The number of GPUs',
  maxSeconds: 'The duration',
  maxUsdPerGpuHour: 'The price limit',
  minMemoryGib: 'The memory',
  minUptimePercent: 'The uptime',
  maxAgeSeconds: 'The age',
  withinBps: '"within"',
  mode: 'The mode',
}

/** The duration that a badly said one was perhaps meant to be. */
function meantSeconds(problems: readonly AskProblem[]): number | undefined {
  return (
    problems.map(({ suggestion }) => suggestion && parseDuration(suggestion)).find((seconds) => seconds) || undefined
  )
}

function missing(draft: AskDraft, said: { hasCommand: boolean; meantSeconds: number | undefined }): AskProblem[] {
  const { hasCommand } = said
  const hasDuration = draft.maxSeconds !== undefined || said.meantSeconds !== undefined
  const both = draft.onlyProviders?.find((id) => draft.excludeProviders?.includes(id))
  return [
    ...(draft.gpu ? [] : [{ text: '', why: 'Which GPU?', suggestion: 'h100' }]),
    ...(hasDuration ? [] : [{ text: '', why: 'How long may it run at most?', suggestion: '4h' }]),
    ...(both === undefined ? [] : [{ text: both, why: `${both} is both wanted and left out.` }]),
    ...(draft.withinBps !== undefined && !draft.sort
      ? [{ text: 'within', why: '"within" needs a sort to go with it.', suggestion: 'sort uptime' }]
      : []),
    ...(draft.image !== undefined && draft.runtime === 'process'
      ? [{ text: 'process', why: 'An image does not run as a plain process.', suggestion: 'container' }]
      : []),
    ...(draft.image !== undefined && !hasCommand
      ? [{ text: 'image', why: 'What should run in the image?', suggestion: 'run python train.py' }]
      : []),
  ]
}

function unknownWord(word: string, knownProviders: readonly string[]): { why: string; suggestion?: string } {
  if (/^\d+(?:\.\d+)?$/.test(word)) {
    return { why: 'A number alone could be GPUs, hours or dollars.', suggestion: `x${word}, ${word}h or max ${word}` }
  }
  if (MODELS.includes(word.toLowerCase()))
    return { why: 'Price models can be left out, not chosen.', suggestion: `no-${word.toLowerCase()}` }
  const provider = nearestWord(word, knownProviders)
  const suggestion =
    suggestGpus(word, 1)[0] ??
    (provider === undefined ? undefined : `only ${provider}`) ??
    nearestWord(word, WORDS) ??
    suggestPlace(word)
  return { why: 'Not understood.', ...(suggestion !== undefined && { suggestion }) }
}

function askOf(draft: AskDraft & Pick<Ask, 'gpu' | 'maxSeconds'>, hasCommand: boolean): Ask {
  const { image, runtime: named, mode: _, ...constraints } = draft
  const runtime = image !== undefined ? 'container' : (named ?? (hasCommand ? 'process' : undefined))
  return { gpuCount: 1, ...constraints, ...(runtime && { runtime }) }
}

function refuse(draft: AskDraft, understood: string[], problems: AskProblem[]): AskText {
  const { withinBps, sort, ...rest } = draft
  const sorted = sort ? { sort, ...(withinBps !== undefined && { withinBps }) } : {}
  const filled = {
    ...rest,
    ...sorted,
    gpu: draft.gpu ?? { family: 'h100' },
    maxSeconds: draft.maxSeconds ?? meantSeconds(problems) ?? 4 * 3600,
  }
  return { ok: false, understood, problems, example: printAsk(askOf(filled, false)) }
}
