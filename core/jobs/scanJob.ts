// The scan of one job: every provider's progress into the job document, then the decision.
import { updateDocument } from '../store/updateDocument.ts'
import { firstProgress, isAllowed } from '../teams/allowedProviders.ts'
import type { JobsContext } from './context.ts'
import { decideJob, routingPolicy } from './decideJob.ts'
import type { Job } from './job.ts'
import { type MarketInput, putMarketInput, removeMarketInput } from './marketInput.ts'
import { type Market, readMarket } from './readMarket.ts'
import { sealJob } from './sealJob.ts'
import { transition } from './transitions.ts'

/** AGENT-03: scans for one job and leaves it offered, or refused with its record sealed. */
export async function scanJob(options: {
  context: JobsContext
  market: Market
  job: Job
  signal: AbortSignal
}): Promise<void> {
  const { context, market, job, signal } = options
  const team = job.teamId === undefined ? undefined : (await context.teams.get(job.teamId))?.value
  // Whom the team does not allow is not asked, so that nothing of it can come into the record.
  const providers = market.providers.filter(({ id }) => isAllowed(team, id))
  const read = await readMarket({
    market: { ...market, providers },
    ask: job.ask,
    deadlineMs: context.policy.scanDeadlineMs,
    known: providers.length === market.providers.length ? job.scan : firstProgress(team, market.providers),
    signal,
    async onProgress(progress) {
      const scan = [...progress]
      await updateDocument({
        collection: context.jobs,
        id: job.ref,
        change: (now) => (now.state === 'scanning' ? { ...now, scan } : undefined),
      })
    },
  })
  if (!read) return
  const { input, scannedMs } = read
  await putMarketInput(context.blobs, job.ref, input)
  await decideScanned({ context, job, input, scannedMs })
}

async function decideScanned(options: {
  context: JobsContext
  job: Job
  input: MarketInput
  scannedMs: number
}): Promise<void> {
  const { context, job, input, scannedMs } = options
  const policy = routingPolicy(context.policy)
  const { card } = decideJob({ ask: job.ask, input, policy, sellerNames: await sellerNames(context) })
  const quoteExpiresAtMs = input.decidedAtMs + policy.quoteValidMs
  if (!card.choice) await sealJob({ context, ref: job.ref })
  const stored = await updateDocument({
    collection: context.jobs,
    id: job.ref,
    change: (now) =>
      transition(now, card.choice ? 'offer' : 'refuse', { card, scannedMs, ...(card.choice && { quoteExpiresAtMs }) }),
  })
  // Given up during the scan: there is no decision that this could be sealed for.
  const now = stored ?? (await context.jobs.get(job.ref))
  if (!now || now.value.state === 'cancelled') await removeMarketInput(context.blobs, job.ref)
}

/** Sellers are shown by the name they chose. */
export async function sellerNames(context: Pick<JobsContext, 'listings'>): Promise<Record<string, string>> {
  const live = await context.listings.list({ index: 'state', key: 'live' })
  return Object.fromEntries(live.map(({ id, value }) => [`necto:${id}`, value.name]))
}
