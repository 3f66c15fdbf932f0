// Settles ended jobs: evidence stored, seconds fixed in the document, then one completing transaction, shared where many wait.
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { storeEvidence } from '../../core/jobs/evidence.ts'
import type { Job } from '../../core/jobs/job.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { usedSeconds } from '../../core/jobs/usedSeconds.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { Intent } from '../tx/intent.ts'
import { type KeeperContext, LOOK_AGAIN_MS, outcomeOf, withTrouble } from './keeper.ts'
import { hasMovedOn } from './movedOn.ts'
import { batchOf, completeId, sendSettlements } from './sendSettlements.ts'
import { submitAgain } from './submitAgain.ts'

// Far above the time between two blocks of any chain that the escrow stands on.
const BLOCK_WAIT_SECONDS = 30
// A rented machine is given back at once and its bill mostly known then; a provider that is away must not hold up the money.
const INVOICE_WAIT_MS = 30_000

/** A finishing job: fix what is paid, keep the evidence. A settling one: send it, and say when it is refused. */
export async function settleJob(
  keeper: KeeperContext,
  doc: Stored<Job>,
  signal: AbortSignal,
): Promise<number | undefined> {
  return doc.value.state === 'finishing' ? finish(keeper, doc, signal) : complete(keeper, doc, signal)
}

async function finish(keeper: KeeperContext, doc: Stored<Job>, signal: AbortSignal): Promise<number | undefined> {
  const { context } = keeper
  const job = await fixSeconds(keeper, doc, signal)
  if (job === 'chain-behind') return LOOK_AGAIN_MS
  if (job?.usedSeconds === undefined) return undefined
  if (awaitsInvoice(job, context.clock.now())) return LOOK_AGAIN_MS
  const { usedSeconds: used } = job
  const evidence = await storeEvidence({ context, job, usedSeconds: used })
  await updateDocument({
    collection: context.jobs,
    id: doc.id,
    // A checkpoint that became known meanwhile may have changed what is paid: then this evidence is not the one.
    change: (now) => (now.usedSeconds === used ? transition(now, 'settle', { evidence }) : undefined),
  })
  return undefined
}

/** Written down before anything is made of them: after a crash the clock says something else, the evidence must not. */
async function fixSeconds(
  keeper: KeeperContext,
  doc: Stored<Job>,
  signal: AbortSignal,
): Promise<Job | 'chain-behind' | undefined> {
  const job = doc.value
  if (job.usedSeconds !== undefined) return job
  const chainNowSeconds = await keeper.chainNowSeconds(signal)
  const bounds = {
    receiptSeconds: job.run?.receipt?.receipt.usedSeconds,
    acceptedAtMs: job.run?.acceptedAtMs,
    lastSeenAtMs: job.run?.lastSeenAtMs,
    checkpointSeconds: job.run?.checkpointSeconds,
    startedAtSeconds: Math.floor((job.started?.atMs ?? 0) / 1000),
    maxSeconds: job.terms?.maxSeconds ?? 0,
  }
  const used = usedSeconds({ ...bounds, chainNowSeconds })
  // The latest block is some seconds old, and the contract pays for none after it: the next one is worth waiting for.
  const soon = usedSeconds({ ...bounds, chainNowSeconds: chainNowSeconds + BLOCK_WAIT_SECONDS })
  // Less than the contract may have paid already it never takes; its clock has yet to come there.
  if (used < (job.run?.checkpointSeconds ?? 0)) return 'chain-behind'
  if (soon > used && keeper.context.clock.now() < (job.run?.endedAtMs ?? 0) + BLOCK_WAIT_SECONDS * 1000)
    return 'chain-behind'
  const stored = await updateDocument({
    collection: keeper.context.jobs,
    id: doc.id,
    change: (now) =>
      now.state === 'finishing' && now.usedSeconds === undefined
        ? { ...now, usedSeconds: used, meteredAtSeconds: chainNowSeconds }
        : undefined,
  })
  return stored?.value
}

/** What a run elsewhere cost stands in the evidence beside what is paid for it, where it comes in time. */
const awaitsInvoice = ({ launch, run }: Job, nowMs: number): boolean =>
  launch !== undefined && launch.closedAtMs === undefined && nowMs < (run?.endedAtMs ?? 0) + INVOICE_WAIT_MS

async function complete(keeper: KeeperContext, doc: Stored<Job>, signal: AbortSignal): Promise<number | undefined> {
  const { jobId, usedSeconds: used, evidence } = doc.value
  if (!jobId || used === undefined || !evidence) return undefined
  const id = completeId(jobId)
  const isAlone = (await outcomeOf(keeper, id)) !== undefined
  const batch = isAlone ? undefined : await batchOf(keeper, jobId)
  if (!isAlone && !batch) await sendSettlements(keeper)
  // In a batch, or about to be in the next: by itself only once it is known that the batch did not settle it.
  if (!isAlone && !(batch && (await leftItOut(keeper, batch)))) return 1_000
  // The event of what somebody else did moves the job once it is final.
  if (await hasMovedOn(keeper, { callId: id, jobId, needs: 'active' }, signal)) return 1_000
  const attempt = await submitAgain({
    keeper,
    sender: keeper.agent,
    call: {
      id,
      to: keeper.router,
      data: encodeRouterCall({ verb: 'complete', id: jobId, usedSeconds: used, evidenceRoot: evidence.root }),
    },
  })
  if (attempt?.againInMs === undefined) return 1_000
  const { intent, number, againInMs } = attempt
  await updateDocument({
    collection: keeper.context.jobs,
    id: doc.id,
    change: (job) =>
      withTrouble(
        job,
        'settle-refused',
        `the escrow did not take the settlement (${intent.failure?.code ?? 'unknown'}); it is tried again, and an operator has been told. The deposit stays in escrow.`,
      ),
  })
  keeper.context.log.error({
    msg: 'settlement refused',
    ref: doc.id,
    jobId,
    failure: intent.failure?.code,
    attempt: number,
    againInMs,
  })
  return againInMs
}

/** A batch is over and its events are applied, and yet the job that it covers is not settled. */
async function leftItOut(keeper: KeeperContext, batch: Intent): Promise<boolean> {
  if (batch.state === 'failed') return true
  return batch.state === 'final' && (await keeper.chainReadBlock()) > (batch.mined?.blockNumber ?? 0n)
}
