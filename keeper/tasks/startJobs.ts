// Starts funded jobs once their record is final on 0G, and sends deposits back that must not be kept.
import type { Hex } from 'viem'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import type { Job } from '../../core/jobs/job.ts'
import { transition } from '../../core/jobs/transitions.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type KeeperContext, LOOK_AGAIN_MS, outcomeOf, withTrouble } from './keeper.ts'

// A start sent in the last moments would be mined too late and cost gas for nothing.
const START_MARGIN_SECONDS = 15n

/** Sends one deposit back; the same deposit again is the same transaction. */
export const cancelDeposit = (keeper: KeeperContext, jobId: Hex): Promise<void> =>
  keeper.agent.submit({
    id: `${jobId}:cancel`,
    to: keeper.router,
    data: encodeRouterCall({ verb: 'cancel', id: jobId }),
  })

/** A funded job: cancel it, start it, or say what it waits for. */
export async function startJob(
  keeper: KeeperContext,
  doc: Stored<Job>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { jobId, terms, state } = doc.value
  if (!jobId || !terms) return undefined
  if (state === 'cancelling') {
    await cancelDeposit(keeper, jobId)
    return undefined
  }
  const nowSeconds = BigInt(await keeper.chainNowSeconds(signal))
  const late = nowSeconds + START_MARGIN_SECONDS > terms.startBy
  if (state === 'starting') return followStart(keeper, doc, late)
  if (doc.value.cancelReason || late) {
    return change(keeper, doc.id, (job) =>
      transition(job, 'cancel', { cancelReason: job.cancelReason ?? 'The job could not be started in time.' }),
    )
  }
  if (!doc.value.recordStored) {
    await change(keeper, doc.id, (job) =>
      withTrouble(
        job,
        'record-not-stored',
        'the decision is not on 0G yet; the job starts as soon as it is. Your deposit is safe: it comes back if that takes too long.',
      ),
    )
    return 5_000
  }
  await keeper.agent.submit({
    id: `${jobId}:start`,
    to: keeper.router,
    data: encodeRouterCall({ verb: 'start', id: jobId }),
  })
  return change(keeper, doc.id, (job) => transition(job, 'start', { trouble: undefined }))
}

/** A start that the contract refuses leads to a refund once it is too late to try again. */
async function followStart(keeper: KeeperContext, doc: Stored<Job>, late: boolean): Promise<number | undefined> {
  const intent = await outcomeOf(keeper, `${doc.value.jobId}:start`)
  if (intent?.state !== 'failed') return LOOK_AGAIN_MS
  if (late)
    return change(keeper, doc.id, (job) =>
      transition(job, 'cancel', { cancelReason: 'The job could not be started in time.' }),
    )
  await change(keeper, doc.id, (job) =>
    withTrouble(
      job,
      'start-refused',
      `the escrow did not start the job (${intent.failure?.code ?? 'unknown'}). The deposit comes back if it cannot be started in time.`,
    ),
  )
  return 5_000
}

async function change(keeper: KeeperContext, id: string, by: (job: Job) => Job | undefined): Promise<undefined> {
  await updateDocument({ collection: keeper.context.jobs, id, change: by })
}
