// Watches jobs on their machines: one never taken or gone silent is ended, and only what was seen is paid.
import type { Job } from '../../core/jobs/job.ts'
import { transition } from '../../core/jobs/transitions.ts'
import type { Stored } from '../../core/store/store.ts'
import { updateDocument } from '../../core/store/updateDocument.ts'
import type { KeeperContext } from './keeper.ts'

// Long enough for a runner to restart, short enough that nobody waits an hour for a dead one.
const TAKE_WITHIN_MS = 10 * 60_000
// A runner ends the job itself at maxSeconds and then sends log, output and receipt.
const OVERRUN_MS = 2 * 60_000

/** One active or running job: end it when its runner is lost. */
export async function watchJob(
  keeper: Pick<KeeperContext, 'context' | 'startedAtMs'>,
  doc: Stored<Job>,
): Promise<number | undefined> {
  const { clock, policy } = keeper.context
  const job = doc.value
  // A machine that Necto rents is seen to by launchJobs until it runs something.
  if (job.launch && job.state === 'active') return undefined
  const stopped = job.state === 'active' && job.stopRequested
  // While this process was down no runner could be heard, so the time to be heard begins anew.
  const since = (atMs: number) => Math.max(atMs, keeper.startedAtMs)
  const dueAtMs =
    job.state === 'active' || !job.run
      ? since(job.started?.atMs ?? clock.now()) + TAKE_WITHIN_MS
      : Math.min(
          since(job.run.lastSeenAtMs) + policy.heartbeatTimeoutSeconds * 1000,
          since(job.run.acceptedAtMs + job.ask.maxSeconds * 1000) + OVERRUN_MS,
        )
  const waitMs = stopped ? 0 : dueAtMs - clock.now()
  if (waitMs > 0) return Math.min(waitMs, 60_000)
  await updateDocument({
    collection: keeper.context.jobs,
    id: doc.id,
    // Only if nothing came in meanwhile: a sign of life right now counts.
    change: (now) =>
      now.state === job.state && now.run?.lastSeenAtMs === job.run?.lastSeenAtMs
        ? transition(now, 'finish', now.run ? { run: { ...now.run, endedAtMs: clock.now() } } : {})
        : undefined,
  })
  return undefined
}
