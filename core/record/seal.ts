// Seals a decision: prices, decides, and writes the one canonical record of it.
import { z } from 'zod'
import { NectoError } from '../errors.ts'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import type { Evidence } from '../market/provider.ts'
import type { Policy } from '../pricing/policy.ts'
import type { TokenPrice } from '../pricing/tokenPrice.ts'
import type { Decision } from '../router/decide.ts'
import { compareText } from '../router/rank.ts'
import { canonicalBytes } from './canonicalJson.ts'
import { currentEngine, engines } from './engines.ts'
import { type PagedRecord, splitPages } from './pages.ts'
import { type DecisionRecord, inputsSchema, RECORD_SCHEMA, type RecordUser, recordSchema } from './record.ts'
import { toJson } from './recordJson.ts'

/** What the scan says of one provider. */
export interface ScannedProvider {
  id: string
  outcome: 'answered' | 'failed' | 'late' | 'skipped'
  reason?: string | undefined
  evidence: readonly Evidence[]
  ageMs?: number | undefined
  partial?: string | undefined
}

export interface SealInput {
  ref: string
  /** 1 for the first decision of a ref, one more each time it is decided again. */
  sequence: number
  /** When it was decided: what pricing and routing take for now. */
  createdAtMs: number
  ask: Ask
  providers: readonly ScannedProvider[]
  /** Every offer of the scan; other families are counted only. */
  offers: readonly Offer[]
  tokens: readonly TokenPrice[]
  policy: Policy
  pick?: string | undefined
  /** See workloadHash. */
  workload?: `0x${string}` | undefined
  /** Only when tracked; nothing else in the record depends on the mode. */
  user?: RecordUser | undefined
}

export interface Sealed extends PagedRecord {
  record: DecisionRecord
  bytes: Uint8Array
  /** Of the recorded offers, with the explanation that people are shown. */
  decision: Decision
}

/**
 * Decides and seals. The decision is made from exactly what the record holds, so that a replay cannot differ.
 * Offers and providers are put in the order of their ids. Throws `record.invalid` when the input is no valid record,
 * for instance when two offers share an id.
 */
export function seal(input: SealInput): Sealed {
  const recorded = input.offers.filter((offer) => isRecorded(input.ask, offer)).sort((a, b) => compareText(a.id, b.id))
  const { createdAtMs, ask, policy, pick } = input
  const { value: inputs } = reread(inputsSchema, {
    createdAtMs,
    ask,
    tokens: [...input.tokens],
    offers: recorded,
    policy,
    pick,
  })
  const engine = engines[currentEngine]
  if (!engine) throw new NectoError('record.no-engine', 'The current engine is missing.')
  const { outputs, decision } = engine(inputs)
  const { value: record, json } = reread(recordSchema, {
    schema: RECORD_SCHEMA,
    engine: currentEngine,
    ref: input.ref,
    sequence: input.sequence,
    providers: input.providers.map((provider) => report(provider, input)).sort((a, b) => compareText(a.id, b.id)),
    workload: input.workload,
    user: input.user,
    ...inputs,
    ...outputs,
  })
  const bytes = canonicalBytes(json)
  return { record, bytes, decision, ...splitPages(bytes) }
}

/** The canonical bytes of a record. */
export const recordBytes = (record: DecisionRecord): Uint8Array => canonicalBytes(toJson(recordSchema, record))

/** A GPU that Necto does not know may be the asked one, so it is recorded too. */
const isRecorded = (ask: Ask, offer: Offer): boolean => !offer.gpu || offer.gpu.family === ask.gpu.family

function report({ id, outcome, reason, evidence, ageMs, partial }: ScannedProvider, { ask, offers }: SealInput) {
  const own = offers.filter((offer) => offer.provider === id)
  const recorded = own.filter((offer) => isRecorded(ask, offer)).length
  const counts = { offers: recorded, otherFamilies: own.length - recorded }
  return { id, outcome, reason, evidence: [...evidence], ageMs, partial, ...counts }
}

/** The value as the record's reader will see it, through JSON and the schema, without what JSON does not keep; and that JSON. */
function reread<Schema extends z.ZodType>(
  schema: Schema,
  value: z.output<Schema>,
): { value: z.output<Schema>; json: unknown } {
  try {
    const json = toJson(schema, value)
    return { value: schema.parse(json), json }
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause
    const details = z.prettifyError(cause)
    throw new NectoError('record.invalid', 'This decision cannot be recorded.', { details, cause })
  }
}
