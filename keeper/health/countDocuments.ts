// The figures that documents hold, counted when somebody reads them.

import type { Metrics } from '../../core/health/metrics.ts'
import type { JobsContext } from '../../core/jobs/context.ts'
import { jobState } from '../../core/jobs/job.ts'
import type { Collection } from '../../core/store/store.ts'
import { type Intent, intentState } from '../tx/intent.ts'

export function countDocuments(options: {
  context: Pick<JobsContext, 'jobs' | 'uploads' | 'clock'>
  intents: Collection<Intent>
  metrics: Metrics
}): void {
  const { context, intents, metrics } = options
  metrics.onRead(async () => {
    metrics.setAll('jobs', await countStates(context.jobs, jobState.options))
    metrics.setAll('intents', await countStates(intents, intentState.options))
    const pending = await context.uploads.list({ index: 'state', key: 'pending' })
    const since = pending.map(({ value }) => value.queuedAtMs ?? context.clock.now())
    metrics.set('uploadsPending', pending.length)
    metrics.set('uploadsOldestSeconds', Math.max(0, ...since.map((atMs) => context.clock.now() - atMs)) / 1000)
  })
}

/** How many there are in each state, those with none too. */
async function countStates(
  collection: Pick<Collection<unknown>, 'list'>,
  states: readonly string[],
): Promise<Record<string, number>> {
  const counts = states.map(async (key) => [key, (await collection.list({ index: 'state', key })).length] as const)
  return Object.fromEntries(await Promise.all(counts))
}
