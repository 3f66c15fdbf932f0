// EC2 instance types with GPUs: which GPU, and how many on one instance.
import { z } from 'zod'
import type { Gpu } from '../../gpu/gpu.ts'
import { parseGpu, type RawGpu } from '../../gpu/parseGpu.ts'
import type { DroppedRow } from '../dropped.ts'

export interface GpuType {
  /** "p5.48xlarge" */
  readonly type: string
  readonly gpu?: Gpu
  /** In AWS's words, with the type: "8x H100 (p5.48xlarge)". */
  readonly rawGpu: string
  readonly gpus: number
}

const device = z.object({
  Name: z.string(),
  Manufacturer: z.string(),
  /** 0 or absent where an instance has a part of one. */
  Count: z.int().nonnegative().optional(),
  /** The share of a whole GPU that each is, up to 1. */
  GpuPartitionSize: z.number().positive().optional(),
  MemoryInfo: z.object({ SizeInMiB: z.int().positive() }),
})
const typeRow = z.object({
  InstanceType: z.string(),
  SupportedUsageClasses: z.array(z.string()).optional(),
  ProcessorInfo: z.object({ SupportedArchitectures: z.array(z.string()).optional() }).optional(),
  GpuInfo: z.object({ Gpus: z.array(z.unknown()).min(1) }).optional(),
})

// What AWS has been seen to report wrongly, and what the type really holds (AWS's own product pages).
const CORRECTIONS: Record<string, { name?: string; memoryGib?: number; gpus?: number }> = {
  'p5.4xlarge': { gpus: 1 },
  'p5en.48xlarge': { name: 'H200', memoryGib: 141 },
  'p4de.24xlarge': { name: 'A100', memoryGib: 80, gpus: 8 },
}
// The families built on SXM boards, which AWS does not say.
const SXM_FAMILY = /^(p3|p3dn|p4d|p4de|p5|p5e|p5en|p6-b200|p6-b300)\./
const FRACTION_FAMILY = /^gr?6f\./
// Told by name too, because recorded replies may have been shortened to less than the architecture.
const ARM_FAMILY = /^(g5g|p6e-gb200)\./

/** Left out by design, so nobody is warned of them. */
export const EXPECTED = { arm: 'an Arm host', fraction: 'a fraction of a GPU', notSpot: 'not rented as spot' } as const

/**
 * Rows of DescribeInstanceTypes to types with GPUs. Types without NVIDIA or AMD GPUs are passed over; Arm hosts (most
 * images are x86), fractions of a GPU and types without spot are dropped with their reason, as are unreadable rows.
 */
export function gpuTypes(rows: readonly unknown[]): { types: GpuType[]; dropped: DroppedRow[] } {
  const types: GpuType[] = []
  const dropped: DroppedRow[] = []
  for (const [index, raw] of rows.entries()) {
    const parsed = typeRow.safeParse(raw)
    if (!parsed.success) {
      dropped.push({ row: `types[${index}]`, reason: 'not readable' })
      continue
    }
    const found = gpuType(parsed.data)
    if (found && 'reason' in found) dropped.push({ row: parsed.data.InstanceType, reason: found.reason })
    else if (found) types.push(found)
  }
  return { types, dropped }
}

function gpuType(row: z.output<typeof typeRow>): GpuType | { reason: string } | undefined {
  const [first, ...others] = row.GpuInfo?.Gpus ?? []
  if (first === undefined) return undefined
  const parsed = device.safeParse(first)
  if (!parsed.success) return { reason: 'not readable' }
  const { Name, Manufacturer, Count, GpuPartitionSize = 1, MemoryInfo } = parsed.data
  if (!/^(NVIDIA|AMD)$/i.test(Manufacturer)) return undefined
  const type = row.InstanceType
  const isArm = row.ProcessorInfo?.SupportedArchitectures?.includes('arm64') || ARM_FAMILY.test(type)
  if (isArm) return { reason: EXPECTED.arm }
  if (!row.SupportedUsageClasses?.includes('spot')) return { reason: EXPECTED.notSpot }
  if (FRACTION_FAMILY.test(type) || GpuPartitionSize < 1) return { reason: EXPECTED.fraction }
  if (others.length > 0) return { reason: 'several kinds of GPU' }
  const correction = CORRECTIONS[type]
  const gpus = correction?.gpus ?? Count ?? 0
  if (gpus === 0) return { reason: 'no number of GPUs' }
  const described: RawGpu = {
    name: correction?.name ?? Name,
    ...(correction?.memoryGib ? { memoryGib: correction.memoryGib } : { memoryMib: MemoryInfo.SizeInMiB }),
    ...(SXM_FAMILY.test(type) ? { interface: 'sxm' } : {}),
  }
  const gpu = parseGpu(described)
  return { type, ...(gpu ? { gpu } : {}), rawGpu: `${gpus}x ${Name} (${type})`, gpus }
}
