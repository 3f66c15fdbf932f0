// Recorded replies of EC2 as JSON: told apart by what they hold, their rows put together.
import { z } from 'zod'
import { NectoError } from '../../errors.ts'
import type { RecordedReply } from '../module.ts'

const rows = z.array(z.unknown()).optional()
const recorded = z
  .object({ InstanceTypes: rows, SpotPriceHistory: rows })
  .refine((reply) => reply.InstanceTypes || reply.SpotPriceHistory, 'neither InstanceTypes nor SpotPriceHistory')

/**
 * The rows of all replies of DescribeInstanceTypes and of DescribeSpotPriceHistory, as the SDK or AWS's command line
 * writes them. Throws NectoError 'aws-spot.reply' that names the file which is neither.
 */
export function recordedRows(replies: readonly RecordedReply[]): { types: unknown[]; prices: unknown[] } {
  const read = replies.map(({ name, json }) => {
    const parsed = recorded.safeParse(json)
    if (parsed.success) return parsed.data
    const message = `${name} is no reply of EC2 with instance types or spot prices.`
    throw new NectoError('aws-spot.reply', message, { details: z.prettifyError(parsed.error) })
  })
  return {
    types: read.flatMap(({ InstanceTypes }) => InstanceTypes ?? []),
    prices: read.flatMap(({ SpotPriceHistory }) => SpotPriceHistory ?? []),
  }
}
