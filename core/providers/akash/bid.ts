// One bid on an order of Akash's chain: which GPUs, how many, and what one of them costs an hour.
import { z } from 'zod'
import { mulDivUp } from '../../money.ts'
import { scaleUp } from '../../pricing/decimal.ts'
import { BLOCKS_PER_HOUR } from './blocks.ts'

const AMOUNT_DECIMALS = 18
/** Decimals of `perGpuHour` in AKT: as many as a price may carry, so that sharing by 2, 4 or 8 GPUs stays exact. */
export const AKT_DECIMALS = 30

/** Vendor, model, memory and interface in lower case; '' = the bid does not say. */
export interface GpuKind {
  readonly vendor: string
  readonly model: string
  readonly ram: string
  readonly interface: string
}

export interface GpuBid {
  /** The bidder's address: two bids of one provider are one opinion. */
  readonly provider: string
  readonly kind: GpuKind
  /** The largest number of GPUs that the bid puts on one node. */
  readonly gpusPerNode: number
  /** A micro-dollar is a millionth of `usd`; `akt` floats. */
  readonly currency: 'usd' | 'akt'
  /** One GPU for one hour, rounded up: micro-dollars, or AKT × 10^30. */
  readonly perGpuHour: bigint
}

// ACT is pegged to the dollar, and so is axlUSDC, which orders of old still pay with. Both have six decimals.
const CURRENCIES = new Map<string, GpuBid['currency']>([
  ['uact', 'usd'],
  ['ibc/170C677610AC31DF0904FFE09CD3B5C657492170E7E52372E48756B71E56F2F1', 'usd'],
  ['uakt', 'akt'],
])

const whole = z.string().regex(/^\d{1,9}$/)
const idSchema = z.object({ provider: z.string().min(1) })
const gpuSchema = z.object({
  units: z.object({ val: whole }).nullish(),
  attributes: z.array(z.object({ key: z.string(), value: z.string() })).nullish(),
})
const bidRow = z.object({
  bid: z
    .object({
      id: idSchema.optional(),
      // Before market v1beta5.
      bid_id: idSchema.optional(),
      state: z.string(),
      price: z.object({ denom: z.string(), amount: z.string() }),
      created_at: whole,
      resources_offer: z
        .array(z.object({ count: z.int().positive(), resources: z.object({ gpu: gpuSchema.nullish() }) }))
        .nullish(),
    })
    .transform(({ id, bid_id, ...rest }, context) => {
      const bidId = id ?? bid_id
      if (bidId) return { ...rest, provider: bidId.provider }
      context.addIssue({ code: 'custom', message: 'no id' })
      return z.NEVER
    }),
})

/** Left out by design, so nobody is warned of them: most orders want no GPU, and forgotten bids stay open for years. */
export const EXPECTED = { noGpu: 'a bid without a GPU', notOpen: 'a bid no longer open', old: 'an old bid' } as const

/** The height at which a bid was made; undefined when the row cannot be read. */
export const bidHeight = (raw: unknown): number | undefined => {
  const parsed = bidRow.safeParse(raw)
  return parsed.success ? Number(parsed.data.bid.created_at) : undefined
}

/** The bid in a row of the chain's or the Console's list, unless it was made before `minHeight`; or why it is none. */
export function gpuBid(raw: unknown, minHeight: number): GpuBid | { reason: string } {
  const parsed = bidRow.safeParse(raw)
  if (!parsed.success) return { reason: 'not readable' }
  const { bid } = parsed.data
  if (bid.state !== 'open') return { reason: EXPECTED.notOpen }
  const resources = (bid.resources_offer ?? [])
    .map(({ count, resources: { gpu } }) => ({
      count,
      units: Number(gpu?.units?.val ?? 0),
      names: (gpu?.attributes ?? []).filter(({ value }) => value === 'true').flatMap(({ key }) => gpuKind(key) ?? []),
    }))
    .filter(({ units }) => units > 0)
  if (resources.length === 0) return { reason: EXPECTED.noGpu }
  if (Number(bid.created_at) < minHeight) return { reason: EXPECTED.old }
  const kinds = new Map(resources.flatMap(({ names }) => names).map((kind) => [kindKey(kind), kind]))
  const [kind, ...others] = kinds.values()
  if (!kind || resources.some(({ names }) => names.length === 0)) return { reason: 'a bid that names no GPU' }
  if (others.length > 0) return { reason: 'a bid for several kinds of GPU' }
  if (kind.model === '*' || kind.vendor === '*') return { reason: 'a bid for any kind of GPU' }
  const currency = CURRENCIES.get(bid.price.denom)
  if (!currency) return { reason: 'a bid in a currency Necto does not know' }
  const amount = scaleUp(bid.price.amount, AMOUNT_DECIMALS)
  if (!amount) return { reason: 'a price that is none' }
  const gpus = BigInt(resources.reduce((sum, { units, count }) => sum + units * count, 0))
  // The millionths of the denomination are micro-dollars as they are; AKT is wanted whole, in 30 decimals.
  const scale = currency === 'usd' ? 0 : AKT_DECIMALS - 6
  return {
    provider: bid.provider,
    kind,
    gpusPerNode: Math.max(...resources.map(({ units }) => units)),
    currency,
    perGpuHour: mulDivUp(amount * 10n ** BigInt(scale), BLOCKS_PER_HOUR, gpus * 10n ** BigInt(AMOUNT_DECIMALS)),
  }
}

/** The kind as one text: "nvidia/h100/80gi/sxm", with "-" for what is not said. */
export const kindKey = (kind: GpuKind): string =>
  [kind.vendor, kind.model, kind.ram, kind.interface].map((part) => part || '-').join('/')

/** "vendor/nvidia/model/h100/ram/80Gi/interface/SXM5", where memory and interface may be missing. */
function gpuKind(key: string): GpuKind | undefined {
  const words = key.toLowerCase().split('/')
  const part = (name: string) => {
    const at = words.findIndex((word, index) => index % 2 === 0 && word === name)
    return at < 0 ? '' : (words[at + 1] ?? '')
  }
  const [vendor, model] = [part('vendor'), part('model')]
  if (words[0] !== 'vendor' || !vendor || !model) return undefined
  // Some providers write the generation, most do not: it is one kind all the same.
  return { vendor, model, ram: part('ram'), interface: part('interface').replace(/^sxm\d+$/, 'sxm') }
}
