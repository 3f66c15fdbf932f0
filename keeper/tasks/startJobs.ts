// Starts funded jobs once their record is final on 0G, and sends deposits back that must not be kept.
import type { Hex } from 'viem'
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import type { Job } from '../../core/jobs/job.ts'
import { transition } from '../../core/jobs/transitions.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type KeeperContext, LOOK_AGAIN_MS, outcomeOf, withTrouble } from './keeper.ts'
import { hasMovedOn } from './movedOn.ts'
import { tellJob } from './storeFiles.ts'
import { type Attempt, newestAttempt, submitAgain } from './submitAgain.ts'

// A start sent in the last moments would be mined too late and cost gas for nothing.
const START_MARGIN_SECONDS = 15n
// Until the event of what somebody else did is final.
const FOLLOW_MS = 5_000
const TOO_LATE = 'The job could not be started in time.'
const STOPPED = 'It was stopped before it started.'

const startIntentId = (jobId: Hex) => `${jobId}:start`
const cancelIntentId = (jobId: Hex) => `${jobId}:cancel`

/** Sends one deposit back; the same deposit again is the same transaction. */
export const cancelDeposit = (keeper: KeeperContext, jobId: Hex): Promise<Attempt | undefined> =>
  submitAgain({
    keeper,
    sender: keeper.agent,
    call: { id: cancelIntentId(jobId), to: keeper.router, data: encodeRouterCall({ verb: 'cancel', id: jobId }) },
  })

const sendStart = (keeper: KeeperContext, jobId: Hex): Promise<Attempt | undefined> =>
  submitAgain({
    keeper,
    sender: keeper.agent,
    call: { id: startIntentId(jobId), to: keeper.router, data: encodeRouterCall({ verb: 'start', id: jobId }) },
  })

/** A funded job: cancel it, start it, or say what it waits for. */
export async function startJob(
  keeper: KeeperContext,
  doc: Stored<Job>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { jobId, terms, state, stopRequested, cancelReason } = doc.value
  if (!jobId || !terms) return undefined
  if (state === 'cancelling') return followCancel(keeper, doc, { jobId, signal })
  const nowSeconds = BigInt(await keeper.chainNowSeconds(signal))
  const late = nowSeconds + START_MARGIN_SECONDS > terms.startBy
  if (state === 'starting') return followStart(keeper, doc, { jobId, late, signal })
  // Stored right before a crash: it may well be on chain, so this job is not to be cancelled.
  if (await outcomeOf(keeper, startIntentId(jobId))) return change(keeper, doc.id, (job) => transition(job, 'start'))
  if (cancelReason || stopRequested || late) {
    const why = cancelReason ?? (stopRequested ? STOPPED : TOO_LATE)
    return change(keeper, doc.id, (job) => transition(job, 'cancel', { cancelReason: why }))
  }
  if (!doc.value.recordStored) {
    // A crash may have come between the upload's end and the word to the job, or between the upload and the seal.
    const upload = doc.value.record && (await keeper.context.uploads.get(doc.value.record.root))
    if (upload?.value.state === 'stored') {
      await tellJob(keeper.context, upload.value)
      return undefined
    }
    await change(keeper, doc.id, (job) =>
      withTrouble(
        job,
        'record-not-stored',
        'the decision is not on 0G yet; the job starts as soon as it is. Your deposit is safe: it comes back if that takes too long.',
      ),
    )
    return 5_000
  }
  await sendStart(keeper, jobId)
  return change(keeper, doc.id, (job) => transition(job, 'start', { trouble: undefined }))
}

/** A start that the contract refuses leads to a refund once it is too late to try again. */
async function followStart(
  keeper: KeeperContext,
  doc: Stored<Job>,
  { jobId, late, signal }: { jobId: Hex; late: boolean; signal: AbortSignal },
): Promise<number | undefined> {
  const newest = await newestAttempt(keeper, startIntentId(jobId))
  if (newest?.intent.state !== 'failed') return LOOK_AGAIN_MS
  if (await hasMovedOn(keeper, { callId: startIntentId(jobId), jobId, needs: 'funded' }, signal)) return FOLLOW_MS
  if (late || doc.value.stopRequested)
    return change(keeper, doc.id, (job) =>
      transition(job, 'cancel', { cancelReason: doc.value.stopRequested ? STOPPED : TOO_LATE }),
    )
  await change(keeper, doc.id, (job) =>
    withTrouble(
      job,
      'start-refused',
      `the escrow did not start the job (${newest.intent.failure?.code ?? 'unknown'}); it is tried again. The deposit comes back if it cannot be started in time.`,
    ),
  )
  await sendStart(keeper, jobId)
  return 5_000
}

/** The deposit is on its way back; an operator hears of it when the contract will not have that. */
async function followCancel(
  keeper: KeeperContext,
  doc: Stored<Job>,
  { jobId, signal }: { jobId: Hex; signal: AbortSignal },
): Promise<number> {
  if (await hasMovedOn(keeper, { callId: cancelIntentId(jobId), jobId, needs: 'funded' }, signal)) return FOLLOW_MS
  const attempt = await cancelDeposit(keeper, jobId)
  if (attempt?.againInMs === undefined) return 5_000
  const { intent, againInMs } = attempt
  keeper.context.log.error({ msg: 'refund refused', ref: doc.id, jobId, failure: intent.failure?.code })
  await change(keeper, doc.id, (job) =>
    withTrouble(
      job,
      'refund-refused',
      `the escrow did not send the deposit back (${intent.failure?.code ?? 'unknown'}); it is tried again, and an operator has been told. It stays in escrow meanwhile; after the last moment of a start anybody can send it back to the refund address.`,
    ),
  )
  return againInMs
}

async function change(keeper: KeeperContext, id: string, by: (job: Job) => Job | undefined): Promise<undefined> {
  await updateDocument({ collection: keeper.context.jobs, id, change: by })
}
