// Which GPU a job in a Nosana market can count on, and how many of them one of its hosts has.
import type { Gpu } from '../../gpu/gpu.ts'
import { parseGpu } from '../../gpu/parseGpu.ts'
import { MARKET_GPUS } from './knownMarkets.ts'

export interface MarketNames {
  readonly address: string
  /** "nvidia-4090", "nvidia-8x-h100", "nvidia-a100-80gb-community". */
  readonly slug: string
  /** Names as nvidia-smi gives them, of every model that may be in the market. */
  readonly gpuTypes: readonly string[]
  /** Memory of the market's smallest card. */
  readonly lowestVramGib?: number | undefined
}

/** GPUs of one host: the count stands in the slug alone. */
export function gpusOfHost(slug: string): number {
  return Number(/^nvidia-([1-9]\d?)x-/.exec(slug)?.[1] ?? 1)
}

/**
 * The market's GPU: by its GPU types, else by its slug, else by its address. Whoever asks cannot choose among several
 * models, so a mixed market is its weakest one; undefined when a model is not known or the weakest cannot be told.
 */
export function marketGpu({ address, slug, gpuTypes, lowestVramGib }: MarketNames): Gpu | undefined {
  if (gpuTypes.length > 0) return weakest(gpuTypes, lowestVramGib)
  const ofSlug = slug.replace(/^nvidia-(\d+x-)?/, '').replace(/-community$/, '')
  return weakest([ofSlug], lowestVramGib) ?? weakest([MARKET_GPUS[address] ?? ''], lowestVramGib)
}

function weakest(names: readonly string[], lowestVramGib: number | undefined): Gpu | undefined {
  const members = names.flatMap((name) => parseGpu({ name, memoryGib: lowestVramGib }) ?? parseGpu({ name }) ?? [])
  if (members.length < names.length) return undefined
  // Models with more memory than the smallest card are better, and those with less are not in the market.
  const least = lowestVramGib === undefined ? members : members.filter((member) => hasMemory(member, lowestVramGib))
  const [found, ...others] = least.filter((member) => least.every((other) => isAtLeast(other, member)))
  if (!found || others.every((other) => other.interface === found.interface)) return found
  return parseGpu({ name: found.family, memoryGib: found.memoryGib })
}

const hasMemory = (gpu: Gpu, gib: number) => parseGpu({ name: gpu.family, memoryGib: gib })?.memoryGib === gpu.memoryGib

/** With as much memory, `gpu` is the same product or a better version of it: an RTX 3060 Ti is at least an RTX 3060. */
const isAtLeast = (gpu: Gpu, base: Gpu) =>
  gpu.memoryGib === base.memoryGib &&
  gpu.family.startsWith(base.family) &&
  /^(ti)?(super)?$/.test(gpu.family.slice(base.family.length))
