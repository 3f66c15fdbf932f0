// Wakes a runner's long poll when a job becomes active, so that nobody waits for the next poll.
import type { Job } from '../../core/jobs/job.ts'
import type { Collection } from '../../core/store/store.ts'

/** Resolves at the first job that becomes active, after `ms`, or when the signal aborts. */
export function createWaitForWork(jobs: Collection<Job>) {
  return async function waitForWork(_runner: string, ms: number, signal: AbortSignal): Promise<void> {
    const ending = AbortSignal.any([signal, AbortSignal.timeout(ms)])
    for await (const change of jobs.watch(ending)) {
      if (!change.removed && (await jobs.get(change.id))?.value.state === 'active') return
    }
  }
}
