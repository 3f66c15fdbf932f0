// After a refusal: whether somebody else moved the job on meanwhile, which is no trouble but another's success.
import type { Hex } from 'viem'
import { type JobRecord, STATUS_STEPS } from '../../core/escrow/jobRecord.ts'
import type { KeeperContext } from './keeper.ts'
import { newestAttempt } from './submitAgain.ts'

/**
 * Whether the newest attempt of a call was refused and the job is beyond the status that the call needs: the
 * backstop or the payer was first. What happened is told by the event, once it is final; until then there is nothing to do.
 */
export async function hasMovedOn(
  keeper: Pick<KeeperContext, 'intents' | 'chainStatus'>,
  on: { callId: string; jobId: Hex; needs: JobRecord['status'] },
  signal: AbortSignal,
): Promise<boolean> {
  if ((await newestAttempt(keeper, on.callId))?.intent.state !== 'failed') return false
  const status = await keeper.chainStatus(on.jobId, signal)
  // What this endpoint does not know yet, or what a reorg took back, is no reason to give up.
  return status !== undefined && STATUS_STEPS[status] > STATUS_STEPS[on.needs]
}
