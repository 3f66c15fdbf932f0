// Takes a GPU's name apart: what is product, what is memory, what is interface.
import type { GpuInterface } from './gpu.ts'

export interface GpuText {
  /** The product with vendor words, memory, interface, spaces and case taken out: "rtx4070tisuper". */
  readonly key: string
  readonly memoryGib?: number
  readonly interface?: GpuInterface
}

const VENDOR_WORDS =
  /\b(nvidia|geforce|tesla|quadro|amd|radeon|instinct|gpu|generation|blackwell|server|workstation|edition|nvlink)\b/g
// A digit or letter before it means that the number belongs to the name: the "10g" of "a10g" is no memory.
const MEMORY = /(?<![a-z0-9.])(\d{1,3}(?:\.\d+)?)\s*g(?:i?b|i)?(?![a-z0-9])/
const INTERFACE = /sxm\d?|pci-?e(?![a-z])|nvl\d*(?![a-z])/g
const HBM = /\bhbm(\d)(e?)\b/

/** Splits "NVIDIA A100-SXM4-80GB" into a100, 80, sxm. Undefined when the text contradicts itself ("H100 PCIe SXM"). */
export function splitGpuText(text: string): GpuText | undefined {
  let rest = text.toLowerCase().replaceAll('_', ' ').replaceAll('-', ' ').replace(VENDOR_WORDS, ' ')
  const memory = MEMORY.exec(rest)
  rest = rest.replace(MEMORY, ' ')
  const words = (rest.match(INTERFACE) ?? []).map((word) => interfaceOf(word))
  rest = rest.replace(INTERFACE, ' ')
  const hbm = HBM.exec(rest)
  rest = rest.replace(HBM, ' ').replace(/\s+/g, '')
  const [found] = words
  if (words.some((word) => word !== found)) return undefined
  // H200 NVL is a product of its own, unlike H100 NVL, which memory tells apart: there the word is part of the name.
  const ownName = found === 'nvl' && rest === 'h200'
  const key = ownName ? 'h200nvl' : rest
  // H100 with HBM3, and H200, are SXM boards: the PCIe H100 carries HBM2e.
  const stacked = hbm?.[1] === '3' && (rest === 'h200' || (rest === 'h100' && hbm[2] === ''))
  const board = ownName && words.length === 1 ? undefined : (found ?? (stacked ? 'sxm' : undefined))
  return {
    key,
    ...(memory?.[1] === undefined ? {} : { memoryGib: Number(memory[1]) }),
    ...(board === undefined ? {} : { interface: board }),
  }
}

/** "SXM5" → sxm, "PCIe" → pcie, "NVL" → nvl; undefined for anything else. */
export function interfaceOf(word: string): GpuInterface | undefined {
  const text = word.toLowerCase()
  if (/^sxm\d?$/.test(text)) return 'sxm'
  if (/^pci[ -]?e/.test(text)) return 'pcie'
  return /^nvl\d*$/.test(text) ? 'nvl' : undefined
}
