// What a job's document says of its decision, out of the record that lies on 0G.
import type { Address } from 'viem'
import type { Terms } from '../../core/escrow/terms.ts'
import type { Job } from '../../core/jobs/job.ts'
import { toCard } from '../../core/jobs/toCard.ts'
import type { Launch } from '../../core/launch/launch.ts'
import type { Ask } from '../../core/market/ask.ts'
import { engines } from '../../core/record/engines.ts'
import type { DecisionRecord } from '../../core/record/record.ts'
import type { Decision } from './storedFiles.ts'

/** Offers of Necto's own sellers: `necto:<listing>`. */
const OF_SELLER = /^necto:(.+)$/

export interface DecisionOptions {
  readonly decision: Decision | undefined
  readonly terms: Terms
  readonly paidAtMs: number
  /** When it was on 0G at the latest: nothing starts before. */
  readonly storedAtMs: number
  readonly payout: Address
  /** Names of providers by id. */
  readonly names: Readonly<Record<string, string>>
}

type Restored = Pick<Job, 'askedAtMs' | 'ask' | 'record'> &
  Partial<Pick<Job, 'card' | 'quoteExpiresAtMs' | 'pick' | 'selection' | 'recordStored' | 'listingId' | 'launch'>>

/** Without the record what the terms say of it; which GPU was asked for is not in them. */
export function restoreDecision(options: DecisionOptions): Restored {
  const { decision, terms, paidAtMs, storedAtMs } = options
  const { decisionRoot: root, decisionHash: hash, decisionLength: length } = terms
  const sealed = { root, hash, length }
  if (!decision)
    return {
      askedAtMs: paidAtMs,
      ask: askOf(terms),
      // The only one of its ref that was paid for, and sealed by then at the latest.
      record: { ...sealed, sequence: 1, sealedAtMs: paidAtMs },
    }
  const { record, txSeq } = decision
  const { selection, pick } = record
  return {
    askedAtMs: record.createdAtMs,
    ask: record.ask,
    record: { ...sealed, sequence: record.sequence, sealedAtMs: record.createdAtMs },
    recordStored: { txSeq: txSeq ?? 0, atMs: storedAtMs },
    ...cardOf(record, options.names),
    ...(pick !== undefined && { pick }),
    ...(selection && { selection, quoteExpiresAtMs: selection.expiresAtMs, ...placeOf(record, options.payout) }),
  }
}

const askOf = ({ gpuCount, maxSeconds }: Terms): Ask => ({ gpu: { family: 'unknown' }, gpuCount, maxSeconds })

/** Sellers' own names are lost, so each is shown by the id of its listing. */
function cardOf(record: DecisionRecord, names: Readonly<Record<string, string>>): Pick<Job, 'card'> {
  const decision = engines[record.engine]?.(record).decision
  if (!decision) return {}
  const { offers, quotes, tokens, createdAtMs: nowMs } = record
  const sellers = offers.flatMap(({ id }): [string, string][] => {
    const listing = OF_SELLER.exec(id)?.[1]
    return listing === undefined ? [] : [[id, `Seller ${listing}`]]
  })
  return {
    card: toCard({ decision, offers, quotes, tokens, nowMs, names: { ...names, ...Object.fromEntries(sellers) } }),
  }
}

/** Where it was to run: a seller's listing, or a machine that Necto rented. */
function placeOf({ selection, offers }: DecisionRecord, payout: Address): { listingId: string } | { launch?: Launch } {
  const listingId = OF_SELLER.exec(selection?.offerId ?? '')?.[1]
  if (listingId !== undefined) return { listingId }
  const offer = offers.find(({ id }) => id === selection?.offerId)
  return offer ? { launch: { provider: offer.provider, offer, payout } } : {}
}
