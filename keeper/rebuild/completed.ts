// A document that a rebuild wrote while 0G did not give everything, with what it gives now; nothing else of it changes.
import { isDeepStrictEqual } from 'node:util'
import type { Job } from '../../core/jobs/job.ts'

/** Undefined when there is nothing to add. `again` is the same job, restored now. */
export function completed(now: Job, again: Job): Job | undefined {
  // Its runner has become known only now; one that has a run was heard since, to its receipt, or given up.
  if (now.state === 'finishing' && !now.run && !now.evidence && again.state === 'running') return again
  const decision = !now.recordStored && again.recordStored ? decisionOf(again) : undefined
  const run = !now.run && now.settled && now.evidence?.root === again.evidence?.root ? runOf(again) : undefined
  // What became of its machine since stands here alone.
  const launch = again.launch && { ...again.launch, ...now.launch }
  const next = { ...now, ...decision, ...run, ...(launch && { launch }) }
  return isDeepStrictEqual(next, now) ? undefined : next
}

const DECISION = [
  ...['askedAtMs', 'ask', 'card', 'quoteExpiresAtMs', 'pick'],
  ...['selection', 'record', 'recordStored', 'listingId'],
] as readonly (keyof Job)[]

const decisionOf = (job: Job): Partial<Job> =>
  Object.fromEntries(DECISION.flatMap((key) => (job[key] === undefined ? [] : [[key, job[key]]])))

const runOf = ({ run, evidence }: Job): Partial<Job> => ({ ...(run && { run }), ...(evidence && { evidence }) })
