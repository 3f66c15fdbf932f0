// What providers asked over time: a day of samples per GPU family in one document.
import { z } from 'zod'
import { instantMs, microUsdPerGpuHour } from '../codecs.ts'
import type { CollectionDefinition } from '../store/store.ts'

const sampleRow = z.strictObject({
  /** The provider's id. */
  provider: z.string(),
  lowest: microUsdPerGpuHour,
  median: microUsdPerGpuHour,
})
export type SampleRow = z.output<typeof sampleRow>

const sampleDaySchema = z.strictObject({
  /** As in data/gpus.json: h100, rtx4090. */
  family: z.string(),
  /** The UTC day's first instant. */
  dayMs: instantMs,
  /** In the order of time; a provider that nobody had asked lately is not in it. */
  samples: z.array(z.strictObject({ atMs: instantMs, rows: z.array(sampleRow) })),
})
export type SampleDay = z.output<typeof sampleDaySchema>

export const priceSamples: CollectionDefinition<SampleDay> = {
  name: 'priceSamples',
  schema: sampleDaySchema,
  indexes: { family: ({ family }) => [family] },
}
