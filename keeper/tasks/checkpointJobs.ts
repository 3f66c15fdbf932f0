// Pays long jobs on the way: what a seller has to trust Necto for is never more than one interval.
import { encodeRouterCall } from '../../core/escrow/routerCall.ts'
import type { Job } from '../../core/jobs/job.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import { type KeeperContext, outcomeOf } from './keeper.ts'
import { hasMovedOn } from './movedOn.ts'
import { submitAgain } from './submitAgain.ts'

// Shorter ones would cost more gas than they are worth.
const SHORTEST_INTERVAL_SECONDS = 3600
const INTERVALS = 10

/** Every hour, or every tenth of the time paid for where that is longer, in seconds. */
export const checkpointInterval = (maxSeconds: number): number =>
  Math.max(SHORTEST_INTERVAL_SECONDS, Math.ceil(maxSeconds / INTERVALS))

// Until a stored release is looked at again; a failure costs nobody anything but a wait.
const LOOK_AGAIN_MS = 10_000

/** One running job: the latest whole interval that the keeper saw it run is released; each only once. */
export async function checkpointJob(
  keeper: Pick<KeeperContext, 'context' | 'intents' | 'agent' | 'router' | 'chainStatus'>,
  doc: Stored<Job>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { jobId, run, terms } = doc.value
  if (!jobId || !run || !terms) return undefined
  const everySeconds = checkpointInterval(terms.maxSeconds)
  const seenSeconds = Math.floor((run.lastSeenAtMs - run.acceptedAtMs) / 1000)
  const dueSeconds = Math.floor(seenSeconds / everySeconds) * everySeconds
  // The last one is the settlement's.
  if (dueSeconds <= 0 || dueSeconds >= terms.maxSeconds) return undefined
  const id = `${jobId}:checkpoint:${dueSeconds}`
  const isStored = (run.checkpointSeconds ?? 0) >= dueSeconds
  // What a rebuild found paid on chain was sent by the store that is lost.
  if (isStored && doc.value.restored && !(await outcomeOf(keeper, id))) return undefined
  if (!isStored) {
    // Written down before it is sent: the settlement must not claim less than what may have been paid.
    const stored = await updateDocument({
      collection: keeper.context.jobs,
      id: doc.id,
      change: (now) =>
        now.state === 'running' && now.run ? { ...now, run: { ...now.run, checkpointSeconds: dueSeconds } } : undefined,
    })
    if (!stored) return undefined
  }
  if (await hasMovedOn(keeper, { callId: id, jobId, needs: 'active' }, signal)) return LOOK_AGAIN_MS
  const attempt = await submitAgain({
    keeper,
    sender: keeper.agent,
    call: {
      id,
      to: keeper.router,
      data: encodeRouterCall({ verb: 'checkpoint', id: jobId, usedSeconds: dueSeconds }),
    },
  })
  if (attempt?.intent.state === 'final') return undefined
  if (attempt?.againInMs === undefined) return LOOK_AGAIN_MS
  const { intent, number, againInMs } = attempt
  const failure = intent.failure?.code
  // Not told to people: the settlement pays the same seconds.
  keeper.context.log.error({ msg: 'checkpoint refused', ref: doc.id, jobId, failure, attempt: number, againInMs })
  return againInMs
}
