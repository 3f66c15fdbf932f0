// The scan of one job: every provider's progress into the job document, then the decision.
import type { Clock } from '../clock.ts'
import type { OfferCache } from '../market/cache.ts'
import type { SynapseProvider } from '../market/provider.ts'
import { type Finished, notSetText, type ScanEvent, scan } from '../market/scan.ts'
import type { TokenPrice } from '../pricing/tokenPrice.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { firstProgress, isAllowed } from '../teams/allowedProviders.ts'
import type { JobsContext } from './context.ts'
import { decideJob, routingPolicy } from './decideJob.ts'
import type { Job, ProviderProgress } from './job.ts'
import { type MarketInput, putMarketInput, removeMarketInput, toMarketInput } from './marketInput.ts'
import { sealJob } from './sealJob.ts'
import { transition } from './transitions.ts'

export interface Market {
  readonly providers: readonly SynapseProvider[]
  readonly cache: OfferCache
  readonly clock: Clock
  /** What tokens are worth now, for offers priced in one. */
  tokens(signal: AbortSignal): Promise<readonly TokenPrice[]>
}

/** Begins to read token prices, so that it costs a scan no time; without them offers in tokens are unpriced, no more. */
export const startTokens = (market: Market, signal: AbortSignal): Promise<readonly TokenPrice[]> =>
  market.tokens(signal).catch(() => [])

/** AGENT-03: scans for one job and leaves it offered, or refused with its record sealed. */
export async function scanJob(options: {
  context: JobsContext
  market: Market
  job: Job
  signal: AbortSignal
}): Promise<void> {
  const { context, market, job, signal } = options
  let finished: Finished | undefined
  const team = job.teamId === undefined ? undefined : (await context.teams.get(job.teamId))?.value
  // Whom the team does not allow is not asked, so that nothing of it can come into the record.
  const providers = market.providers.filter(({ id }) => isAllowed(team, id))
  let progress: readonly ProviderProgress[] =
    providers.length === market.providers.length ? job.scan : firstProgress(team, market.providers)
  const reading = startTokens(market, signal)
  const events = scan({ ...market, providers, ask: job.ask, deadlineMs: context.policy.scanDeadlineMs, signal })
  for await (const event of events) {
    if (event.kind === 'finished') finished = event
    else {
      progress = withEvent(progress, event)
      const shown = [...progress]
      await updateDocument({
        collection: context.jobs,
        id: job.ref,
        change: (now) => (now.state === 'scanning' ? { ...now, scan: shown } : undefined),
      })
    }
  }
  if (!finished) return
  const tokens = [...(await reading)]
  const input = toMarketInput(finished, { decidedAtMs: context.clock.now(), tokens })
  await putMarketInput(context.blobs, job.ref, input)
  await decideScanned({ context, job, input, scannedMs: Math.round(finished.ms) })
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

/** The progress with one more event of the scan in it. */
export function withEvent(
  progress: readonly ProviderProgress[],
  event: Exclude<ScanEvent, Finished>,
): ProviderProgress[] {
  const at = progress.findIndex((one) => one.id === event.provider)
  const entry = toProgress(event)
  return at < 0 ? [...progress, entry] : progress.map((one) => (one.id === event.provider ? entry : one))
}

function toProgress(event: Exclude<ScanEvent, Finished>): ProviderProgress {
  const who = { id: event.provider, name: event.name }
  switch (event.kind) {
    case 'started':
      return { ...who, state: 'scanning' }
    case 'answered': {
      const note = event.partial ?? event.warnings[0]
      return {
        ...who,
        state: 'answered',
        offers: event.offers.length,
        ms: Math.round(event.ms),
        ageMs: Math.round(event.ageMs),
        ...(note === undefined ? {} : { note }),
      }
    }
    case 'failed':
      return { ...who, state: 'failed', note: event.reason, ms: Math.round(event.ms) }
    case 'late':
      return { ...who, state: 'late', ms: Math.round(event.ms) }
    case 'skipped':
      return { ...who, state: 'skipped', note: notSetText(event.missing) }
  }
}
