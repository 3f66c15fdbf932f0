// The bid that a deployment is leased to: the cheapest open one that is what was ordered, and never above the ceiling.
import { z } from 'zod'
import { scaleUp } from '../../pricing/decimal.ts'
import { type GpuKind, gpuBid } from './bid.ts'
import type { LeaseId } from './launchConsole.ts'
import { CEILING_DECIMALS, DENOM } from './launchSdl.ts'

const DECIMALS = 18
const row = z.object({
  bid: z.object({
    id: z.object({ gseq: z.int(), oseq: z.int(), provider: z.string() }),
    state: z.string(),
    price: z.object({ denom: z.string(), amount: z.string() }),
  }),
})

/** `ceiling` is per block, with CEILING_DECIMALS. With a lease made already only its provider's bid is meant, which is no longer open. */
export function chooseBid(
  rows: readonly unknown[],
  wanted: { kind: GpuKind | undefined; gpuCount: number; ceiling: bigint; leasedTo?: string | undefined },
): Omit<LeaseId, 'dseq'> | undefined {
  const fitting = rows.flatMap((raw) => {
    const { bid } = row.safeParse(raw).data ?? {}
    if (!bid || bid.price.denom !== DENOM) return []
    if (bid.id.provider === wanted.leasedTo) return [{ id: bid.id, amount: 0n }]
    const amount = scaleUp(bid.price.amount, DECIMALS)
    if (amount === undefined || amount > wanted.ceiling * 10n ** BigInt(DECIMALS - CEILING_DECIMALS)) return []
    const gpus = gpuBid(raw, 0)
    if ('reason' in gpus || gpus.gpusPerNode !== wanted.gpuCount || !isKind(gpus.kind, wanted.kind)) return []
    return [{ id: bid.id, amount }]
  })
  const only = wanted.leasedTo === undefined ? fitting : fitting.filter(({ id }) => id.provider === wanted.leasedTo)
  // The first of equals, so that the same bids always lead to the same lease.
  return only.toSorted((a, b) => (a.amount < b.amount ? -1 : a.amount > b.amount ? 1 : 0))[0]?.id
}

/** What either does not say is not held against it. */
function isKind(bid: GpuKind, wanted: GpuKind | undefined): boolean {
  if (!wanted) return false
  const same = (a: string, b: string) => a === '' || b === '' || a.toLowerCase() === b.toLowerCase()
  return (['vendor', 'model', 'ram', 'interface'] as const).every((part) => same(bid[part], wanted[part]))
}
