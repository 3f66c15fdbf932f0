// Whether an offered GPU is the one that was asked for.
import type { Gpu, GpuWanted } from './gpu.ts'

/** maybe: right but for an interface that was insisted on and that the provider does not say. */
export function gpuMatches(wanted: GpuWanted, gpu: Gpu): 'yes' | 'maybe' | 'no' {
  if (wanted.family !== gpu.family) return 'no'
  if (wanted.memoryGib !== undefined && wanted.memoryGib !== gpu.memoryGib) return 'no'
  if (wanted.interface === undefined || wanted.interface === gpu.interface) return 'yes'
  return gpu.interface === undefined ? 'maybe' : 'no'
}
