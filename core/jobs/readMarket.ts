// The market read once for an ask, whoever asks: every provider's progress as it comes, then all that a decision needs.
import type { Clock } from '../clock.ts'
import type { Ask } from '../market/ask.ts'
import type { OfferCache } from '../market/cache.ts'
import type { SynapseProvider } from '../market/provider.ts'
import { type Finished, notSetText, type ScanEvent, scan } from '../market/scan.ts'
import type { TokenPrice } from '../pricing/tokenPrice.ts'
import type { ProviderProgress } from './job.ts'
import { type MarketInput, toMarketInput } from './marketInput.ts'

export interface Market {
  readonly providers: readonly SynapseProvider[]
  readonly cache: OfferCache
  readonly clock: Clock
  /** What tokens are worth now, for offers priced in one. */
  tokens(signal: AbortSignal): Promise<readonly TokenPrice[]>
}

/**
 * Scans, and reads token prices meanwhile, so that they cost no time; without them offers in tokens are unpriced, no more.
 * undefined: it was cut off. An aborted signal throws its reason.
 */
export async function readMarket(options: {
  market: Market
  ask: Ask
  deadlineMs: number
  signal: AbortSignal
  /** Who was shown already as about to be asked. */
  known?: readonly ProviderProgress[]
  onProgress?(progress: readonly ProviderProgress[]): Promise<void> | void
}): Promise<{ input: MarketInput; progress: readonly ProviderProgress[]; scannedMs: number } | undefined> {
  const { market, ask, deadlineMs, signal, known = [], onProgress } = options
  let finished: Finished | undefined
  let progress = known
  const reading = market.tokens(signal).catch(() => [])
  for await (const event of scan({ ...market, ask, deadlineMs, signal })) {
    if (event.kind === 'finished') finished = event
    else {
      progress = withEvent(progress, event)
      await onProgress?.(progress)
    }
  }
  if (!finished) return undefined
  const tokens = [...(await reading)]
  const input = toMarketInput(finished, { decidedAtMs: market.clock.now(), tokens })
  return { input, progress, scannedMs: Math.round(finished.ms) }
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
