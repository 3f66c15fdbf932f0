// Akash's three words for a GPU ("h100", "80Gi", "SXM5"), in its price table and in bids, to the GPU that Necto knows.
import type { Gpu } from '../../gpu/gpu.ts'
import { parseGpu } from '../../gpu/parseGpu.ts'

/** `ram` and `interface` may be missing or empty: then any will do, and the table of known GPUs decides. */
export interface AkashGpuName {
  readonly model: string
  readonly ram?: string | undefined
  readonly interface?: string | undefined
}

/** The known GPU, if it is one, and Akash's own words for it. */
export function namedGpu(name: AkashGpuName): { gpu?: Gpu; rawGpu: string } {
  const memoryGib = /^(\d+(?:\.\d+)?)gi$/i.exec(name.ram ?? '')?.[1]
  const gpu = parseGpu({
    name: name.model,
    interface: name.interface,
    ...(memoryGib === undefined ? {} : { memoryGib: Number(memoryGib) }),
  })
  return { ...(gpu ? { gpu } : {}), rawGpu: [name.model, name.ram, name.interface].filter(Boolean).join(' ') }
}
