// What travels between the sellers' interface and a runner, as both sides parse it.
import { z } from 'zod'
import { instantMs } from '../../core/codecs.ts'
import { runnerJobSchema } from '../../core/jobs/runnerDesk.ts'

/** The most bytes of one log chunk and of one output archive. */
export const MAX_LOG_CHUNK_BYTES = 256 * 1024
export const MAX_OUTPUT_BYTES = 8 * 1024 * 1024
/** The longest that `next` may be held open. */
export const MAX_WAIT_SECONDS = 20

export const nextSchema = z.object({ job: runnerJobSchema.nullable() })
export const acceptSchema = z.object({ job: runnerJobSchema })
export const heartbeatSchema = z.object({ stop: z.boolean() })
export const logSchema = z.object({ nextOffset: z.int().nonnegative() })
export const doneSchema = z.object({})
/** `chainId` tells a runner which chain its signatures are for, `nowMs` how far its clock is off. */
export const healthSchema = z.object({ ok: z.literal(true), chainId: z.int().positive(), nowMs: instantMs })

/** Every refusal and failure. `retry`: never = the same call fails again; later = it may pass; unknown = ask first. */
export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), retry: z.enum(['never', 'later', 'unknown']) }),
})
export type ErrorEnvelope = z.output<typeof errorSchema>

/** Of a log chunk, in the query: bytes sent before it. */
export const offsetSchema = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
