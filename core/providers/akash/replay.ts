// Recorded replies of Akash, told apart by their keys, to the offers that they held.
import { z } from 'zod'
import { NectoError } from '../../errors.ts'
import type { Offer } from '../../market/offer.ts'
import type { ParsedOffers } from '../dropped.ts'
import type { RecordedReply } from '../module.ts'
import { bidHeight } from './bid.ts'
import { bidOffers } from './bidOffers.ts'
import { type AkashOffers, joinOffers } from './joinOffers.ts'
import { publishedOffers } from './offers.ts'

const prices = z.object({ models: z.array(z.unknown()) })
const chainBids = z.object({ bids: z.array(z.unknown()), pagination: z.unknown() })
const consoleBids = z.object({ data: z.array(z.object({ bid: z.unknown() })) })

/**
 * Replies of `gpu-prices`, of the chain's bid list and of the Console's; throws NectoError 'akash.reply' with the name
 * of a file that is none of them. A price listed in several files counts as the first gives it.
 */
export function replayAkash(replies: readonly RecordedReply[], atMs: number): ParsedOffers<Offer[]> {
  return joinOffers(replies.map((reply) => replayOne(reply, atMs)))
}

function replayOne({ name, json }: RecordedReply, atMs: number): AkashOffers {
  if (prices.safeParse(json).success) return publishedOffers(json, atMs)
  const rows = chainBids.safeParse(json).data?.bids ?? consoleBids.safeParse(json).data?.data
  if (!rows) throw new NectoError('akash.reply', `${name} is no reply of Akash that holds prices.`)
  // The file does not say at which height it was read: the newest bid in it stands for that.
  const height = Math.max(0, ...rows.flatMap((row) => bidHeight(row) ?? []))
  return bidOffers(rows, { height, observedAtMs: atMs })
}
