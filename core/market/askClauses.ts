// The clauses of an ask's text: what each word may say, and what is wrong with it when it says it badly.
import type { GpuWanted } from '../gpu/gpu.ts'
import { type MicroUsdPerGpuHour, parseUsd, perGpuHour } from '../money.ts'
import { type PriceModel, priceModel, type Runtime } from './ask.ts'
import { parseDuration, printDuration } from './duration.ts'
import { nearestWord } from './nearestWord.ts'
import { isImageRef } from './workloadText.ts'

/** What has been understood so far. Lists grow; everything else can be said once. */
export interface AskDraft {
  gpu?: GpuWanted
  gpuCount?: number
  maxSeconds?: number
  maxUsdPerGpuHour?: MicroUsdPerGpuHour
  minMemoryGib?: number
  minUptimePercent?: number
  maxAgeSeconds?: number
  bookableOnly?: true
  regions?: string[]
  excludeModels?: PriceModel[]
  onlyProviders?: string[]
  excludeProviders?: string[]
  sort?: 'latency' | 'uptime'
  withinBps?: number
  runtime?: Runtime
  image?: string
  mode?: 'tracked' | 'untracked'
}

export interface ClauseProblem {
  why: string
  suggestion?: string
}

export type Clause = AskDraft | ClauseProblem

interface Known {
  knownProviders: readonly string[]
}

/** Words that take what follows them. */
export const keyedClauses: Record<string, (value: string, known: Known) => Clause> = {
  max: maxClause,
  vram: vramClause,
  uptime: uptimeClause,
  fresh: freshClause,
  sort: (value) => {
    const sort = value.toLowerCase()
    if (sort === 'latency' || sort === 'uptime') return { sort }
    return {
      why: 'Sorts by latency or uptime.',
      suggestion: `sort ${nearestWord(value, ['latency', 'uptime']) ?? 'uptime'}`,
    }
  },
  within: withinClause,
  only: (value, known) => providerList(value, known, (ids) => ({ onlyProviders: ids }), 'only'),
  not: (value, known) => providerList(value, known, (ids) => ({ excludeProviders: ids }), 'not'),
  image: (value) =>
    isImageRef(value)
      ? { image: value }
      : { why: 'Not an image reference.', suggestion: 'image pytorch/pytorch:latest' },
}

/** What a word says by itself: a count, a duration, a model to leave out, a mode; undefined when it is none of these. */
export function bareClause(word: string): Clause | undefined {
  const text = word.toLowerCase()
  if (text === 'tracked' || text === 'untracked') return { mode: text }
  if (text === 'bookable') return { bookableOnly: true }
  if (text === 'container' || text === 'process') return { runtime: text }
  const count = /^(?:[x×](\d{1,4})|(\d{1,4})[x×])$/.exec(text)
  if (count) return countClause(Number(count[1] ?? count[2]))
  const seconds = parseDuration(text)
  if (seconds !== undefined) return durationClause(seconds)
  const spoken = spokenDuration(text)
  if (spoken !== undefined) return { why: 'Not a duration.', suggestion: printDuration(spoken) }
  const excluded = /^no-(.+)$/.exec(text)?.[1]
  return excluded === undefined ? undefined : modelClause(excluded)
}

function countClause(gpuCount: number): Clause {
  return gpuCount >= 1 && gpuCount <= 64 ? { gpuCount } : { why: 'A job can have 1 to 64 GPUs.' }
}

function durationClause(maxSeconds: number): Clause {
  if (maxSeconds < 60) return { why: 'A job runs for a minute at least.', suggestion: '1m' }
  if (maxSeconds > 30 * 86_400) return { why: 'A job runs for 30 days at most.', suggestion: '30d' }
  return { maxSeconds }
}

function modelClause(text: string): Clause {
  const model = priceModel.options.find((option) => option === text)
  if (model) return { excludeModels: [model] }
  const nearest = nearestWord(text, priceModel.options) ?? 'spot'
  return { why: `Price models are ${priceModel.options.join(', ')}.`, suggestion: `no-${nearest}` }
}

function maxClause(value: string): Clause {
  const text = value.toLowerCase().replace(/^\$|(?:\$|usd)?(?:\/(?:gpu-?)?h(?:r|our)?)?$/g, '')
  const usd = parseUsd(text)
  if (usd !== undefined && usd > 0n) return { maxUsdPerGpuHour: perGpuHour(usd) }
  const dotted = /^\d+,\d{1,2}$/.test(text) ? text.replace(',', '.') : '2.50'
  return { why: 'The limit is in US dollars per GPU-hour, above zero.', suggestion: `max ${dotted}` }
}

function vramClause(value: string): Clause {
  const match = /^([1-9]\d{0,3})(?:gi?b?)?$/i.exec(value)
  return match ? { minMemoryGib: Number(match[1]) } : { why: 'Memory of one GPU in GB.', suggestion: 'vram 80' }
}

function uptimeClause(value: string): Clause {
  const match = /^(\d{1,3}(?:\.\d{1,3})?)%?$/.exec(value)
  const percent = Number(match?.[1])
  if (match && percent > 0 && percent <= 100) return { minUptimePercent: percent }
  return { why: 'Per cent of measured uptime, up to 100.', suggestion: 'uptime 99%' }
}

function freshClause(value: string): Clause {
  const seconds = parseDuration(value)
  if (seconds !== undefined && seconds >= 1 && seconds <= 86_400) return { maxAgeSeconds: seconds }
  return { why: 'How long ago an offer may have been seen, a day at most.', suggestion: 'fresh 5m' }
}

function withinClause(value: string): Clause {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?%?$/.exec(value)
  const bps = match && Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
  if (match && bps !== null && bps <= 10_000) return { withinBps: bps }
  return { why: 'Percent above the cheapest, 0 to 100, two decimals at most.', suggestion: 'within 5%' }
}

function providerList(value: string, known: Known, as: (ids: string[]) => Clause, keyword: string): Clause {
  const typed = value
    .toLowerCase()
    .split(',')
    .filter((id) => id !== '')
  const unknown = typed.filter((id) => !known.knownProviders.includes(id))
  if (unknown.length === 0 && typed.length > 0) return as([...new Set(typed)])
  const meant = typed.map((id) => (known.knownProviders.includes(id) ? id : nearestWord(id, known.knownProviders)))
  const suggestion =
    meant.length > 0 && meant.every((id) => id !== undefined) ? `${keyword} ${meant.join(',')}` : undefined
  return { why: `Providers are ${known.knownProviders.join(', ')}.`, ...(suggestion !== undefined && { suggestion }) }
}

// "1.5h", "4hours", "90min": clear enough to suggest, not to assume.
function spokenDuration(text: string): number | undefined {
  const match = /^(\d{1,5}(?:\.\d{1,2})?)(d|days?|h|hrs?|hours?|m|mins?|minutes?)$/.exec(text)
  const unit = match?.[2]?.startsWith('d') ? 86_400 : match?.[2]?.startsWith('h') ? 3600 : 60
  const seconds = match ? Math.round(Number(match[1]) * unit) : 0
  return seconds >= 60 ? seconds : undefined
}
