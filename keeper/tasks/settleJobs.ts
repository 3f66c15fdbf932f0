// Settles ended jobs: evidence stored, seconds fixed in the document, then one completing transaction.
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import { removePlainResults, storeEvidence } from '../../core/jobs/evidence.ts'
import type { Job } from '../../core/jobs/job.ts'
import { transition } from '../../core/jobs/transitions.ts'
import { usedSeconds } from '../../core/jobs/usedSeconds.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type KeeperContext, outcomeOf, withTrouble } from './keeper.ts'

/** A finishing job: fix what is paid, keep the evidence. A settling one: send it, and say when it is refused. */
export async function settleJob(
  keeper: KeeperContext,
  doc: Stored<Job>,
  signal: AbortSignal,
): Promise<number | undefined> {
  return doc.value.state === 'finishing' ? finish(keeper, doc, signal) : complete(keeper, doc)
}

async function finish(keeper: KeeperContext, doc: Stored<Job>, signal: AbortSignal): Promise<undefined> {
  const { context } = keeper
  const job = doc.value
  const used = usedSeconds({
    receiptSeconds: job.run?.receipt?.receipt.usedSeconds,
    acceptedAtMs: job.run?.acceptedAtMs,
    lastSeenAtMs: job.run?.lastSeenAtMs,
    startedAtSeconds: Math.floor((job.started?.atMs ?? 0) / 1000),
    chainNowSeconds: await keeper.chainNowSeconds(signal),
    maxSeconds: job.terms?.maxSeconds ?? 0,
  })
  const evidence = await storeEvidence({ context, job, usedSeconds: used })
  await updateDocument({
    collection: context.jobs,
    id: doc.id,
    // The figures of the first round stand: a second one after a crash may see another clock.
    change: (now) => transition(now, 'settle', { usedSeconds: used, evidence }),
  })
}

async function complete(keeper: KeeperContext, doc: Stored<Job>): Promise<number | undefined> {
  const { jobId, usedSeconds: used, evidence } = doc.value
  if (!jobId || used === undefined || !evidence) return undefined
  await removePlainResults({ context: keeper.context, job: doc.value })
  const id = `${jobId}:complete`
  await keeper.agent.submit({
    id,
    to: keeper.router,
    data: encodeRouterCall({ verb: 'complete', id: jobId, usedSeconds: used, evidenceRoot: evidence.root }),
  })
  const intent = await outcomeOf(keeper, id)
  if (intent?.state !== 'failed') return 1_000
  await updateDocument({
    collection: keeper.context.jobs,
    id: doc.id,
    change: (job) =>
      withTrouble(
        job,
        'settle-refused',
        `the escrow did not take the settlement (${intent.failure?.code ?? 'unknown'}); an operator has been told. The deposit stays in escrow.`,
      ),
  })
  keeper.context.log.error({ msg: 'settlement refused', ref: doc.id, jobId, failure: intent.failure?.code })
  return 60_000
}
