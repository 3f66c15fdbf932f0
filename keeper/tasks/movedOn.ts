// After a refusal: whether somebody else moved the job on meanwhile, which is no trouble but another's success.
import type { Hex } from 'viem'
import type { JobRecord } from '../../core/escrow/jobRecord.ts'
import type { KeeperContext } from './keeper.ts'
import { newestAttempt } from './submitAgain.ts'

/**
 * Whether the newest attempt of a call was refused and the job is not in the status any more that the call needs: the
 * backstop or the payer was first. What happened is told by the event, once it is final; until then there is nothing to do.
 */
export async function hasMovedOn(
  keeper: Pick<KeeperContext, 'intents' | 'chainStatus'>,
  on: { callId: string; jobId: Hex; needs: JobRecord['status'] },
  signal: AbortSignal,
): Promise<boolean> {
  if ((await newestAttempt(keeper, on.callId))?.intent.state !== 'failed') return false
  const status = await keeper.chainStatus(on.jobId, signal)
  // What this endpoint does not know yet is no reason to give up.
  return status !== undefined && status !== on.needs
}
