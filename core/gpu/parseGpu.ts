// A provider's name for a GPU, with the memory and interface it reports, turned into the GPU that Necto knows.
import type { Gpu, GpuInterface } from './gpu.ts'
import { familyOf, type GpuFamily, type GpuSize, sizeHas, snapSize } from './gpuTable.ts'
import { interfaceOf, splitGpuText } from './splitGpuText.ts'

export interface RawGpu {
  /** In the provider's words: "NVIDIA GeForce RTX 4090", "a100". */
  readonly name: string
  /** Memory of one GPU as reported beside the name; the text of the name goes first. */
  readonly memoryMib?: number | undefined
  readonly memoryGib?: number | undefined
  /** As reported: "SXM5", "PCIe". Words Necto does not know say nothing. */
  readonly interface?: string | undefined
}

/**
 * The GPU, or undefined when it is not in data/gpus.json, its memory fits no size of its family (or is needed and
 * missing), or what is said of it contradicts itself. Unmapped GPUs are shown and counted, never routed to.
 */
export function parseGpu(raw: RawGpu): Gpu | undefined {
  const text = splitGpuText(raw.name)
  const reported = raw.interface === undefined ? undefined : interfaceOf(raw.interface.trim())
  const board = text && agreed(text.interface, reported)
  if (!text || board === 'contradiction') return undefined
  const family = familyOf(text.key === 'h200' && board === 'nvl' ? 'h200nvl' : text.key)
  const known = family && sizeOf(family, text.memoryGib ?? raw.memoryGib ?? inGib(raw.memoryMib), board)
  if (!known) return undefined
  const implied = known.interfaces.length === 1 ? known.interfaces[0] : undefined
  const found = known.interfaces.length === 0 ? undefined : agreed(implied, board)
  if (found === 'contradiction' || (found && !sizeHas(known, found))) return undefined
  return {
    id: [family.family, `${known.gib}gb`, ...(found ? [found] : [])].join('-'),
    family: family.family,
    memoryGib: known.gib,
    ...(found ? { interface: found } : {}),
  }
}

/** What two statements of the interface come to. An NVL board is a PCIe card, so saying both is no contradiction. */
function agreed(a: GpuInterface | undefined, b: GpuInterface | undefined): GpuInterface | 'contradiction' | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b
  return a !== 'sxm' && b !== 'sxm' && (a === 'nvl' || b === 'nvl') ? 'nvl' : 'contradiction'
}

function sizeOf(family: GpuFamily, gib: number | undefined, board: GpuInterface | undefined): GpuSize | undefined {
  if (gib !== undefined) return snapSize(family, gib)
  const fitting = family.sizes.filter((size) => !board || size.interfaces.length === 0 || sizeHas(size, board))
  return fitting.length === 1 ? fitting[0] : fitting.find((size) => size.gib === family.usualGib)
}

const inGib = (mib: number | undefined) => (mib === undefined ? undefined : mib / 1024)
