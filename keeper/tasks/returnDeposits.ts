// Sees a deposit that belongs to no job back to its payer: no document asks for it, so a refusal would be the last word.
import type { Hex } from 'viem'
import type { Stored } from '../../core/store/store.ts'
import type { Intent } from '../tx/intent.ts'
import type { KeeperContext } from './keeper.ts'
import { cancelDeposit } from './startJobs.ts'

const LOOK_AGAIN_MS = 10_000
// Of the first attempt alone, which stands for the later ones.
const CANCEL_ID = /^(0x[0-9a-f]{64}):cancel$/

/** Which deposit a transaction sends back, by its id. */
const cancelledBy = (intentId: string) => CANCEL_ID.exec(intentId)?.[1] as Hex | undefined

/** One refused transaction: sent again, ever later, until the escrow holds the deposit no more. */
export async function returnDeposit(
  keeper: KeeperContext,
  doc: Stored<Intent>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const jobId = cancelledBy(doc.id)
  // A job's own deposit is its task's (startJobs).
  if (!jobId || (await keeper.context.jobs.list({ index: 'jobId', key: jobId })).length > 0) return undefined
  const status = await keeper.chainStatus(jobId, signal)
  // Somebody else sent it back; what this endpoint does not know yet is no reason to give up.
  if (status !== 'funded' && status !== undefined) return undefined
  const attempt = await cancelDeposit(keeper, jobId)
  if (attempt?.intent.state === 'final') return undefined
  if (attempt?.againInMs === undefined) return LOOK_AGAIN_MS
  const { intent, number, againInMs } = attempt
  keeper.context.log.error({
    msg: 'refund of an unmatched deposit refused',
    jobId,
    failure: intent.failure?.code,
    attempt: number,
    againInMs,
  })
  return againInMs
}
