// A report that is due: made by the keeper once, posted by the bots once.
import { z } from 'zod'
import { instantMs } from '../codecs.ts'
import type { CollectionDefinition } from '../store/store.ts'

const reportSchema = z.strictObject({
  teamId: z.string(),
  /** The period is [fromMs, toMs); it is compared with [beforeMs, fromMs). */
  beforeMs: instantMs,
  fromMs: instantMs,
  toMs: instantMs,
})
export type Report = z.output<typeof reportSchema>

export const reports: CollectionDefinition<Report> = {
  name: 'reports',
  schema: reportSchema,
  indexes: { team: ({ teamId }) => [teamId] },
}

/** Its id, which makes it unique. */
export const reportId = ({ teamId, toMs }: Pick<Report, 'teamId' | 'toMs'>): string => `${teamId}:${toMs}`
