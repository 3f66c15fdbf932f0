// When the backstop first saw a job due and how long it leaves it to the keeper; kept, so that a restart begins no wait anew.
import { z } from 'zod'
import { integerText } from '../../core/codecs.ts'
import type { CollectionDefinition } from '../../core/store/store.ts'

const dueSchema = z.strictObject({
  /** By the chain's clock. */
  sinceSeconds: integerText,
  /** Grace and jitter together. */
  waitSeconds: z.int().nonnegative(),
})
export type Due = z.output<typeof dueSchema>

/** By the job's id on chain; removed when the router names it no more. */
export const dues: CollectionDefinition<Due> = { name: 'dues', schema: dueSchema, indexes: {} }
