// The port every provider of offers implements.
import { z } from 'zod'
import { instantMs } from '../codecs.ts'
import type { Ask } from './ask.ts'
import type { Offer } from './offer.ts'

/** Where a batch came from: what a stranger needs to judge it, without secrets. */
export const evidenceSchema = z.strictObject({
  /** Without query secrets or credentials. */
  url: z.string(),
  status: z.int(),
  fetchedAtMs: instantMs,
  byteLength: z.int().nonnegative(),
  /** SHA-256 of the raw reply, hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type Evidence = z.output<typeof evidenceSchema>

/** One answer of a provider. `partial` names what could not be read when the walk was cut short. */
export interface Batch {
  readonly offers: readonly Offer[]
  readonly evidence: readonly Evidence[]
  /** For people: "2 rows without a price left out". */
  readonly warnings: readonly string[]
  readonly partial?: string
}

/** A market of GPUs. One folder of core/providers implements one. */
export interface SynapseProvider {
  /** Lower case, as people type it after `only`: akash, aws-spot, necto. */
  readonly id: string
  /** As people see it. */
  readonly name: string
  /** Set when a credential is missing: the provider is skipped and says what is missing. */
  readonly missing?: string
  /**
   * What of an ask the answer depends on: asks with one key share a cached answer; undefined = never cached, for what
   * costs nothing to ask and must be right to the second. Without this member only equal asks share.
   */
  readonly cacheKey?: (ask: Ask) => string | undefined
  /**
   * Offers that could serve the ask, and the same families' others; the router does the judging.
   * Throws NectoError (retry 'later') when the provider cannot be read; honours the signal.
   */
  offers(ask: Ask, signal: AbortSignal): Promise<Batch>
}
