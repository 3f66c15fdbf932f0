// The GPU products Necto knows, read from data/gpus.json, with every spelling pointing at its family.
import { z } from 'zod'
import gpus from '../../data/gpus.json' with { type: 'json' }
import { type GpuInterface, gpuInterface } from './gpu.ts'

const size = z.strictObject({ gib: z.int().positive(), interfaces: z.array(gpuInterface) })
const family = z.strictObject({
  family: z.string(),
  usualGib: z.int().positive().optional(),
  sizes: z.array(size).min(1),
  aliases: z.array(z.string()),
})
export type GpuFamily = z.output<typeof family>
export type GpuSize = z.output<typeof size>

const { families, snapPercent } = z.object({ families: z.array(family), snapPercent: z.int().positive() }).parse(gpus)

/** All families in the table's order: newest data-centre parts first. */
export const gpuFamilies: readonly GpuFamily[] = families

const byKey = new Map(
  families.flatMap((row) => [row.family.replaceAll('-', ''), ...row.aliases].map((key) => [key, row] as const)),
)

/** Every spelling a family is found under, in the form `splitGpuText` leaves. */
export const gpuKeys: readonly (readonly [key: string, family: GpuFamily])[] = [...byKey]

/** The family of a spelling; only an exact one, because a suffix makes another product. */
export const familyOf = (key: string): GpuFamily | undefined => byKey.get(key)

/** The family's size nearest to what was reported, if within 7 %: providers report usable memory, or GB for GiB. */
export function snapSize(family: GpuFamily, gib: number): GpuSize | undefined {
  return family.sizes
    .filter((known) => Math.abs(gib - known.gib) * 100 <= snapPercent * known.gib)
    .sort((a, b) => Math.abs(gib - a.gib) - Math.abs(gib - b.gib))[0]
}

/** Whether this size is sold with this interface. */
export const sizeHas = (known: GpuSize, wanted: GpuInterface): boolean => known.interfaces.includes(wanted)
