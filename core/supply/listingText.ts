// The seller's one line: what is for rent, where, for how much, who is paid, and which runner serves it.
import { type Address, getAddress, isAddress, zeroAddress } from 'viem'
import type { Gpu, GpuWanted } from '../gpu/gpu.ts'
import { parseGpu } from '../gpu/parseGpu.ts'
import { formatGpuWanted, parseGpuWanted } from '../gpu/parseGpuWanted.ts'
import type { Runtime } from '../market/ask.ts'
import { type MicroUsdPerGpuHour, parseUsd, perGpuHour } from '../money.ts'
import { regionPath } from '../region/region.ts'

export const LISTING_EXAMPLE = '/sell h100 x2 in Berlin at 2.40 runner 0xRunnerAddress runs docker as "Berlin Rack"'

export interface ListingDraft {
  readonly gpu: Gpu
  readonly gpuCount: number
  readonly location: string
  readonly region: string[]
  readonly usdPerGpuHour: MicroUsdPerGpuHour
  /** Missing: the seller's linked wallet. */
  readonly payout?: Address
  readonly runner: Address
  readonly runtimes: Runtime[]
  readonly name: string
}

export type ListingParse =
  | { readonly ok: true; readonly draft: ListingDraft }
  | { readonly ok: false; readonly understood: readonly string[]; readonly problems: readonly string[] }

const KEYWORDS = ['in', 'at', 'wallet', 'runner', 'runs', 'as'] as const
type Keyword = (typeof KEYWORDS)[number]
const RUNTIMES: Record<string, Runtime> = {
  docker: 'container',
  podman: 'container',
  container: 'container',
  process: 'process',
}
const MAX_NAME = 40
// The quotes around a name, and what nobody sees: an admin must not be asked about a listing that seems to have no name.
const UNSEEN = /["\p{C}\p{Default_Ignorable_Code_Point}]/gu
const MAX_USD_PER_GPU_HOUR = perGpuHour(1_000_000_000n)

/** Cuts the line at its keywords; what stands before the first one is the GPU and its count. */
function cut(text: string): { head: string; parts: Map<Keyword, string> } {
  const words = text.match(/"[^"]*"|\S+/g) ?? []
  const parts = new Map<Keyword, string>()
  let head = ''
  let current: Keyword | undefined
  for (const word of words) {
    const keyword = KEYWORDS.find((known) => known === word.toLowerCase())
    if (keyword && !parts.has(keyword)) {
      current = keyword
      parts.set(keyword, '')
    } else if (current) parts.set(current, `${parts.get(current)} ${word}`.trim())
    else head = `${head} ${word}`.trim()
  }
  return { head, parts }
}

/** Reads one line; every fault is named at once, with what was understood. */
export function parseListingText(text: string): ListingParse {
  const { head, parts } = cut(text)
  const understood: string[] = []
  const problems: string[] = []
  const read = <T>(label: string, value: T | undefined, problem: string): T | undefined => {
    if (value === undefined) problems.push(problem)
    else understood.push(label)
    return value
  }
  const count = /(?:^|\s)x(\d{1,3})(?=\s|$)/i.exec(head)
  const gpuText = head.replace(count?.[0] ?? '', ' ').trim()
  const gpu = readGpu(gpuText)
  if (typeof gpu === 'string') problems.push(gpu)
  else understood.push(`GPU ${gpu.id}`)
  const gpuCount = read(`x${count?.[1] ?? 1}`, countOf(count?.[1]), 'How many GPUs? Say x1 to x64.')
  const location = parts.get('in') ?? ''
  const region = location ? regionPath(location) : []
  if (region.length > 0) understood.push(`in ${location} (${region.join(', ')})`)
  else
    problems.push(
      location ? `"${location}" is no place we know. Name a city or a country.` : 'Where is it? Say: in Berlin.',
    )
  const price = priceOf(parts.get('at'))
  read(`$${parts.get('at')} per GPU-hour`, price, 'What does one GPU cost for an hour in USD? Say: at 2.40.')
  const payout = parts.has('wallet')
    ? read(
        'wallet',
        addressOf(parts.get('wallet')),
        'Who is paid? Say: wallet 0x… (an EVM address, checksum right), or leave it out: your linked wallet is.',
      )
    : undefined
  const runner = read(
    'runner',
    addressOf(parts.get('runner')),
    'Which runner serves it? Say: runner 0x… (./necto seller key prints it).',
  )
  const runtime = RUNTIMES[(parts.get('runs') ?? 'docker').toLowerCase()]
  read(`runs ${parts.get('runs') ?? 'docker'}`, runtime, 'How does it run jobs? Say: runs docker, or runs process.')
  const name = (parts.get('as') ?? '').replace(UNSEEN, '').trim() || `${location || 'My'} ${gpuText}`.trim()
  if (name.length > MAX_NAME) problems.push(`The name is too long; at most ${MAX_NAME} letters.`)
  if (problems.length > 0 || typeof gpu === 'string' || !gpuCount || price === undefined || !runner || !runtime) {
    return { ok: false, understood, problems }
  }
  return {
    ok: true,
    draft: {
      gpu,
      gpuCount,
      location,
      region,
      usdPerGpuHour: price,
      ...(payout && { payout }),
      runner,
      runtimes: [runtime],
      name,
    },
  }
}

/** A seller sells one product, so memory must be known; the table knows it where a family has one size. */
function readGpu(text: string): Gpu | string {
  const wanted = parseGpuWanted(text)
  if (!wanted.ok) {
    const near = wanted.suggestions.length > 0 ? ` Did you mean ${wanted.suggestions.join(', ')}?` : ''
    return text ? `"${text}" is no GPU we know.${near}` : 'Which GPU? Begin with it, as in: h100 x2.'
  }
  return toGpu(wanted.gpu) ?? `Which ${text}? Name its memory, as in: ${text}-80gb.`
}

const toGpu = (wanted: GpuWanted): Gpu | undefined => parseGpu({ name: formatGpuWanted(wanted) })

const countOf = (text: string | undefined) => {
  const count = Number(text ?? '1')
  return count >= 1 && count <= 64 ? count : undefined
}

function priceOf(text: string | undefined): MicroUsdPerGpuHour | undefined {
  const price = parseUsd((text ?? '').replace(/^\$/, ''))
  return price !== undefined && price > 0n && price <= MAX_USD_PER_GPU_HOUR ? perGpuHour(price) : undefined
}

const addressOf = (text: string | undefined): Address | undefined =>
  text && isAddress(text) && getAddress(text) !== zeroAddress ? getAddress(text) : undefined
