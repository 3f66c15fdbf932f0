// What people type for a GPU ("h100", "a100-40gb", "rtx 4090") turned into what the market is asked for.
import type { GpuWanted } from './gpu.ts'
import { familyOf, type GpuFamily, sizeHas, snapSize } from './gpuTable.ts'
import { type GpuText, splitGpuText } from './splitGpuText.ts'
import { suggestGpus } from './suggestGpus.ts'

export type GpuWantedResult =
  | { readonly ok: true; readonly gpu: GpuWanted }
  /** Not a GPU we know; `suggestions` are texts that would be understood, nearest first, perhaps none. */
  | { readonly ok: false; readonly suggestions: readonly string[] }

/** Memory and interface are set only when they were typed: "h100" wants any H100. */
export function parseGpuWanted(text: string): GpuWantedResult {
  const parts = splitGpuText(text)
  const found = parts && (withFamily(parts) ?? withTrailingMemory(text))
  if (!found) return { ok: false, suggestions: suggestGpus(text) }
  const { family, parts: asked } = found
  const sizes = asked.memoryGib === undefined ? family.sizes : [snapSize(family, asked.memoryGib)].filter((s) => !!s)
  const board = asked.interface
  if (!sizes.some((size) => !board || sizeHas(size, board))) return { ok: false, suggestions: spellings(family) }
  const gib = asked.memoryGib === undefined ? undefined : sizes[0]?.gib
  return {
    ok: true,
    gpu: {
      family: family.family,
      ...(gib === undefined ? {} : { memoryGib: gib }),
      ...(board ? { interface: board } : {}),
    },
  }
}

/** As a person would type it: "h100", "a100-40gb", "h100-80gb-sxm". `parseGpuWanted` reads it back to the same. */
export function formatGpuWanted(wanted: GpuWanted): string {
  const memory = wanted.memoryGib === undefined ? [] : [`${wanted.memoryGib}gb`]
  return [wanted.family, ...memory, ...(wanted.interface ? [wanted.interface] : [])].join('-')
}

function withFamily(parts: GpuText) {
  const family = familyOf(parts.key)
  return family && { family, parts }
}

// "a100 80": a bare number after a known name is its memory.
function withTrailingMemory(text: string) {
  const match = /^(.+?)[\s_-]+(\d{1,3})$/.exec(text.trim())
  const parts = match?.[1] === undefined ? undefined : splitGpuText(match[1])
  return parts && parts.memoryGib === undefined ? withFamily({ ...parts, memoryGib: Number(match?.[2]) }) : undefined
}

function spellings(family: GpuFamily): string[] {
  return family.sizes.flatMap((size) =>
    (size.interfaces.length > 1 ? size.interfaces : [undefined]).map((board) =>
      formatGpuWanted({ family: family.family, memoryGib: size.gib, ...(board ? { interface: board } : {}) }),
    ),
  )
}
