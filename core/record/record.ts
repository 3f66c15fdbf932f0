// The decision record: everything a stranger needs to recompute a decision, and nothing about what runs or for whom.
import { z } from 'zod'
import { bytes32, instantMs, integerText, microUsd, microUsdPerJobHour } from '../codecs.ts'
import { askSchema } from '../market/ask.ts'
import { offerSchema } from '../market/offer.ts'
import { evidenceSchema } from '../market/provider.ts'
import { policySchema } from '../pricing/policy.ts'
import { pricedSchema } from '../pricing/quote.ts'
import { tokenPriceSchema } from '../pricing/tokenPrice.ts'
import { verdictSchema } from '../router/rejection.ts'

/** Names the shape of the record; the rules it was decided by are named by `engine`. */
export const RECORD_SCHEMA = 'necto.decision/1'

/** What became of one provider in the scan. */
const providerReport = z.strictObject({
  id: z.string(),
  outcome: z.enum(['answered', 'failed', 'late', 'skipped']),
  /** Why it failed or was skipped. */
  reason: z.string().optional(),
  /** Digests of the raw replies. */
  evidence: z.array(evidenceSchema),
  /** How old its answer was. */
  ageMs: z.int().nonnegative().optional(),
  /** What its answer lacks. */
  partial: z.string().optional(),
  /** Its offers in this record: of the asked family, or of GPUs that Necto does not know. */
  offers: z.int().nonnegative(),
  /** Its offers of other families, which are counted only. */
  otherFamilies: z.int().nonnegative(),
})

/** What the escrow's terms must equal. */
export const selectionSchema = z.strictObject({
  offerId: z.string(),
  provider: z.string(),
  /** The registry id of who is paid. */
  payee: bytes32,
  usdPerHour: microUsdPerJobHour,
  gpuCount: z.int().positive(),
  maxSeconds: z.int().positive(),
  minSeconds: z.int().nonnegative(),
  totalUsd: microUsd,
  feeBps: z.int().nonnegative(),
  /** The symbol of the token that the offer is priced in; absent for USD. */
  priceAsset: z.string().optional(),
  /** USD of one such token × 10^8, as the quote used it. */
  tokenPrice: integerText.optional(),
  /** Until when the quote may be funded. */
  expiresAtMs: instantMs,
})
export type Selection = z.output<typeof selectionSchema>

const identity = z.strictObject({ pseudonym: z.string(), tag: bytes32 })

/** Who asked: only in a tracked record (ZERO-05); an untracked one has no such key (ZERO-06). */
export const recordUser = z.strictObject({ member: identity, team: identity.optional() })
export type RecordUser = z.output<typeof recordUser>

/** What a decision was made from. */
const inputs = {
  createdAtMs: instantMs,
  ask: askSchema,
  tokens: z.array(tokenPriceSchema),
  offers: z.array(offerSchema),
  policy: policySchema,
  /** The offer that a person chose instead of the best. */
  pick: z.string().optional(),
}
/** What was made of it; a replay must come to the same. */
const outputs = {
  quotes: z.array(pricedSchema),
  verdicts: z.array(verdictSchema),
  ranking: z.array(z.string()),
  /** Absent when nothing fits, or the pick does not. */
  selection: selectionSchema.optional(),
}

export const inputsSchema = z.strictObject(inputs)
/** `createdAtMs` is what pricing and routing took for now. */
export type DecisionInputs = z.output<typeof inputsSchema>

export const outputsSchema = z.strictObject(outputs)
export type DecisionOutputs = z.output<typeof outputsSchema>

export const recordSchema = z
  .strictObject({
    schema: z.literal(RECORD_SCHEMA),
    engine: z.int().positive(),
    ref: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/),
    /** Counts the decisions of one ref: a pick or a new scan seals again. */
    sequence: z.int().positive(),
    providers: z.array(providerReport),
    /** keccak256 of the salted workload; absent when none was given. */
    workload: bytes32.optional(),
    user: recordUser.optional(),
    ...inputs,
    ...outputs,
  })
  .refine(({ offers }) => new Set(offers.map(({ id }) => id)).size === offers.length, 'two offers have one id')
export type DecisionRecord = z.output<typeof recordSchema>
