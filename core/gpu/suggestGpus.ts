// GPU families near to what somebody typed: for typos, and for completion while typing.
import { editDistance } from '../editDistance.ts'
import { gpuKeys } from './gpuTable.ts'
import { splitGpuText } from './splitGpuText.ts'

/**
 * Up to `limit` family names, nearest first: what begins with the text, then what is a slip of the hand away (one
 * edit in short names, two in longer ones; an o is read as a zero and an l as a one). Ties in the table's order.
 */
export function suggestGpus(text: string, limit = 3): string[] {
  const typed = splitGpuText(text)?.key ?? ''
  if (typed === '') return []
  const digits = typed.replaceAll('o', '0').replace(/(?<=.)[li]/g, '1')
  const best = new Map<string, number>()
  for (const [key, row] of gpuKeys) {
    const distance = key.startsWith(typed) ? 0 : Math.min(editDistance(typed, key), editDistance(digits, key))
    if (distance > (Math.min(typed.length, key.length) < 5 ? 1 : 2)) continue
    best.set(row.family, Math.min(distance, best.get(row.family) ?? distance))
  }
  return [...best]
    .sort((a, b) => a[1] - b[1])
    .slice(0, limit)
    .map(([family]) => family)
}
