// What the stand-in of Dispersed has to rent: whole nodes at usual prices, at levels as of late 2026.

export interface DispersedNode {
  readonly offerId: string
  readonly models: readonly { readonly name: string; readonly count: number; readonly vramGib: number }[]
  readonly cpuCores: number
  readonly ramGib: number
  readonly storageGib: number
  readonly region: string
  /** The usual price of the whole node, USD per hour. */
  readonly usd: number
}

const node = (
  [count, name, vramGib]: [number, string, number],
  region: string,
  usd: number,
  others: DispersedNode['models'] = [],
): DispersedNode => ({
  offerId: `${name} ${count}x ${region}`.toLowerCase().replaceAll(' ', '-'),
  models: [{ name, count, vramGib }, ...others],
  cpuCores: 8 * count,
  ramGib: 64 * count,
  storageGib: 500,
  region,
  usd,
})

/** One GPU and many, one node of two kinds, one GPU that Necto does not know, and one node without any. */
export const DISPERSED_NODES: readonly DispersedNode[] = [
  node([1, 'RTX 4090', 24], 'us-west-2', 0.35),
  node([1, 'RTX 4090', 24], 'eu-central-1', 0.38),
  node([4, 'RTX 4090', 24], 'us-east-1', 1.52),
  node([1, 'RTX 3090', 24], 'us-east-1', 0.22),
  node([1, 'RTX 5090', 32], 'us-west-2', 0.72),
  node([6, 'RTX 5090', 32], 'us-west-2', 4.14),
  node([8, 'H100', 80], 'us-east-1', 17.6),
  node([4, 'A100', 80], 'eu-west-1', 5.2),
  node([1, 'RTX 3080', 10], 'eu-central-1', 0.3, [{ name: 'RTX 3070', count: 1, vramGib: 8 }]),
  node([1, 'TITAN RTX', 24], 'us-west-2', 0.19),
  { ...node([1, 'CPU', 0], 'us-west-2', 0.06), models: [] },
]
