// The scan: every provider asked at once under one deadline, told as events while it happens.
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import type { Ask } from './ask.ts'
import type { OfferCache } from './cache.ts'
import type { Offer } from './offer.ts'
import type { Batch, SynapseProvider } from './provider.ts'

interface Who {
  /** The provider's id, and its name for people. */
  readonly provider: string
  readonly name: string
}
export interface Answered extends Who {
  readonly kind: 'answered'
  readonly offers: readonly Offer[]
  readonly batch: Batch
  /** How long the provider took, and how old its answer is. */
  readonly ms: number
  readonly ageMs: number
  readonly warnings: readonly string[]
  /** What is missing from the answer, when the provider could be read only in part. */
  readonly partial?: string
}
export interface Failed extends Who {
  readonly kind: 'failed'
  /** For people. */
  readonly reason: string
  readonly ms: number
  /** For operators. */
  readonly error: unknown
}
/** Had not answered when the deadline came. */
export interface Late extends Who {
  readonly kind: 'late'
  readonly ms: number
}
/** Not asked, for want of the named credential. */
export interface Skipped extends Who {
  readonly kind: 'skipped'
  readonly missing: string
}
/** "IONET_API_KEY is not set", "A and B are not set". */
export const notSetText = (missing: string): string => `${missing} ${missing.includes(' and ') ? 'are' : 'is'} not set`
/** The last event: everything, in the order of the providers. */
export interface Finished {
  readonly kind: 'finished'
  readonly offers: readonly Offer[]
  readonly answered: readonly Answered[]
  readonly absent: readonly (Failed | Late | Skipped)[]
  readonly ms: number
}
export type ScanEvent = (Who & { readonly kind: 'started' }) | Answered | Failed | Late | Skipped | Finished

export interface ScanOptions {
  readonly providers: readonly SynapseProvider[]
  readonly ask: Ask
  readonly clock: Clock
  readonly deadlineMs: number
  readonly signal: AbortSignal
  readonly cache?: OfferCache
}

/**
 * One `skipped` or `started` per provider, then one `answered`, `failed` or `late` for each that was started, in the
 * order in which it happens, then `finished`. A provider's failure is an event, never a throw; an aborted signal
 * throws its reason.
 */
export async function* scan(options: ScanOptions): AsyncGenerator<ScanEvent, void, void> {
  const { providers, clock, deadlineMs, signal } = options
  signal.throwIfAborted()
  const startedAtMs = clock.now()
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  try {
    const deadline = clock.sleep(deadlineMs, stop).then(() => 'deadline' as const)
    deadline.catch(() => undefined)
    const asked = providers.filter((provider) => provider.missing === undefined)
    const pending = new Map(asked.map((provider) => [provider.id, askOne({ ...options, provider, signal: stop })]))
    const outcomes = new Map<string, Answered | Failed | Late | Skipped>()
    for (const { id, name, missing } of providers) {
      if (missing === undefined) yield { kind: 'started', provider: id, name }
      else yield remember(outcomes, { kind: 'skipped', provider: id, name, missing })
    }
    while (pending.size > 0) {
      const first = await Promise.race([...pending.values(), deadline])
      // A provider stopped by the caller's signal reports a failure, which is not news.
      signal.throwIfAborted()
      if (first === 'deadline') break
      pending.delete(first.provider)
      yield remember(outcomes, first)
    }
    for (const { id, name } of asked.filter((provider) => pending.has(provider.id))) {
      yield remember(outcomes, { kind: 'late', provider: id, name, ms: clock.now() - startedAtMs })
    }
    const all = providers.flatMap((provider) => outcomes.get(provider.id) ?? [])
    const answered = all.filter((outcome) => outcome.kind === 'answered')
    const offers = answered.flatMap((outcome) => outcome.offers)
    const absent = all.filter((outcome) => outcome.kind !== 'answered')
    yield { kind: 'finished', offers, answered, absent, ms: clock.now() - startedAtMs }
  } finally {
    over.abort()
  }
}

function remember<Outcome extends Answered | Failed | Late | Skipped>(
  outcomes: Map<string, Answered | Failed | Late | Skipped>,
  outcome: Outcome,
): Outcome {
  outcomes.set(outcome.provider, outcome)
  return outcome
}

async function askOne(options: ScanOptions & { provider: SynapseProvider }): Promise<Answered | Failed> {
  const { provider, ask, clock, signal, cache } = options
  const startedAtMs = clock.now()
  const who = { provider: provider.id, name: provider.name }
  try {
    const { batch, ageMs, stale } = cache
      ? await cache.offers(provider, ask, signal)
      : { batch: await provider.offers(ask, signal), ageMs: 0, stale: undefined }
    const warnings = [...batch.warnings, ...(stale ? [`prices are ${Math.round(ageMs / 1000)} s old, ${stale}`] : [])]
    return {
      kind: 'answered',
      ...who,
      offers: batch.offers,
      batch,
      ms: clock.now() - startedAtMs,
      ageMs,
      warnings,
      ...(batch.partial === undefined ? {} : { partial: batch.partial }),
    }
  } catch (error) {
    const reason = error instanceof NectoError ? error.message : 'It could not be read.'
    return { kind: 'failed', ...who, reason, ms: clock.now() - startedAtMs, error }
  }
}
