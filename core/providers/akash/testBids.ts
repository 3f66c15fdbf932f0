// For tests: rows of the chain's bid list, written from their shape.

interface TestBid {
  /** The attribute keys that name the GPU. */
  readonly gpus?: readonly string[]
  readonly units?: number
  readonly count?: number
  readonly amount?: string
  readonly denom?: string
  readonly provider?: string
  readonly createdAt?: number | string
  readonly state?: string
  /** As market v1beta4 has it: `bid_id`. */
  readonly old?: boolean
}

/** The height of the chain in tests. */
export const HEIGHT = 25_930_100
export const H100_SXM = 'vendor/nvidia/model/h100/ram/80Gi/interface/sxm'
export const AXL_USDC = 'ibc/170C677610AC31DF0904FFE09CD3B5C657492170E7E52372E48756B71E56F2F1'

const resource = (units: number, keys: readonly string[], count = 1) => ({
  resources: {
    id: 1,
    cpu: { units: { val: '8000' }, attributes: [] },
    memory: { quantity: { val: '34359738368' }, attributes: [] },
    storage: [{ name: 'default', quantity: { val: '107374182400' }, attributes: [] }],
    gpu: { units: { val: String(units) }, attributes: keys.map((key) => ({ key, value: 'true' })) },
    endpoints: [],
  },
  count,
  prices: null,
})

/** A bid of 1694 uact for one H100, which is 1.0164 USD an hour, unless told otherwise. */
export function bidRow(bid: TestBid = {}) {
  const id = { owner: 'akash1owner', dseq: '1785245500842', gseq: 1, oseq: 1, provider: bid.provider ?? 'akash1one' }
  return {
    bid: {
      ...(bid.old ? { bid_id: id } : { id: { ...id, bseq: 0 } }),
      state: bid.state ?? 'open',
      price: { denom: bid.denom ?? 'uact', amount: bid.amount ?? '1694.000000000000000000' },
      created_at: String(bid.createdAt ?? HEIGHT - 10),
      resources_offer: [resource(bid.units ?? 1, bid.gpus ?? [H100_SXM], bid.count)],
      reclamation_window: null,
    },
    escrow_account: {},
  }
}

/** A bid whose order wants several services, each with its own units and GPU. */
export function bidForServices(...services: readonly (readonly [units: number, key: string, count?: number])[]) {
  const row = bidRow()
  const offered = services.map(([units, key, count]) => resource(units, units > 0 ? [key] : [], count))
  return { ...row, bid: { ...row.bid, resources_offer: offered } }
}

/** Two bidders on H100s, one in AKT, one for a GPU that Necto does not know, and what a chain has besides. */
export const healthyBids = [
  bidRow(),
  bidRow({ provider: 'akash1two', amount: '2000' }),
  bidRow({ provider: 'akash1three', denom: 'uakt', amount: '1432.735519000000000000' }),
  bidRow({ provider: 'akash1two', gpus: ['vendor/nvidia/model/h20/ram/96Gi'], amount: '2500' }),
  bidRow({ provider: 'akash1four', amount: '1', createdAt: '22804440' }),
  bidForServices([0, '']),
]

/** Broken one way each, among a good one. */
export const brokenBids = [
  bidRow(),
  bidRow({ denom: 'ibc/unknown' }),
  bidRow({ amount: '-3' }),
  bidRow({ amount: '0.000000000000000000' }),
  bidRow({ createdAt: '...' }),
  bidRow({ gpus: [] }),
  { bid: { state: 'open' } },
  null,
]
