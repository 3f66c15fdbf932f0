// What a GPU is to Necto: family, memory and (when known) interface, with one canonical id.
import { z } from 'zod'

export const gpuInterface = z.enum(['sxm', 'pcie', 'nvl'])
export type GpuInterface = z.output<typeof gpuInterface>

/** A GPU that Necto knows. `id` is `<family>-<GiB>gb[-<interface>]`, lower case; interface is absent when unknown. */
export const gpuSchema = z.strictObject({
  id: z.string(),
  family: z.string(),
  memoryGib: z.int().positive(),
  interface: gpuInterface.optional(),
})
export type Gpu = z.output<typeof gpuSchema>

/** What an ask wants: a family, and memory or interface only where the asker insisted on them. */
export const gpuWantedSchema = z.strictObject({
  family: z.string(),
  memoryGib: z.int().positive().optional(),
  interface: gpuInterface.optional(),
})
export type GpuWanted = z.output<typeof gpuWantedSchema>
