// The stand-in's Nosana markets: what they are, what a host is paid and who waits in them at a given time.
import { createHash } from 'node:crypto'
import { encodeBase58 } from './base58.ts'
import { walk } from './priceWalk.ts'
import type { StandInContext } from './standIn.ts'
import { tokenPoint } from './tokenWalk.ts'

export interface NosanaMarket {
  readonly slug: string
  readonly address: string
  readonly name: string
  readonly type: 'PREMIUM' | 'COMMUNITY' | 'OTHER'
  readonly gpuTypes: readonly string[]
  readonly lowestVram: number
  /** The usual pay of a host, USD per hour; null where none is set. */
  readonly usd: number | null
  /** How many hosts usually wait for a job; below zero, how many jobs wait for a host. */
  readonly waiting: number
}

const market = (
  [slug, name, type, address]: [string, string, NosanaMarket['type'], string?],
  [usd, lowestVram, waiting]: [number | null, number, number],
  gpuTypes: readonly string[],
): NosanaMarket => ({
  slug,
  // Where nobody published the real one, 32 bytes that are always the same.
  address: address ?? encodeBase58(createHash('sha256').update(slug).digest()),
  name,
  type,
  usd,
  lowestVram,
  waiting,
  gpuTypes,
})

/** With the quirks of the real ones: several models in a market, a private one, a price that is missing. */
export const NOSANA_MARKETS: readonly NosanaMarket[] = [
  market(
    ['nvidia-3060', 'NVIDIA 3060', 'PREMIUM', '7AtiXMSH6R1jjBxrcYjehCkkSF7zvYWte63gwEDBcGHq'],
    [0.0436, 8, 60],
    ['NVIDIA GeForce RTX 3060', 'NVIDIA GeForce RTX 3060 Ti'],
  ),
  market(
    ['nvidia-4090', 'NVIDIA 4090', 'PREMIUM', '97G9NnvBDQ2WpKu6fasoMsAKmfj63C9rhysJnkeWodAf'],
    [0.2909, 24, 40],
    ['NVIDIA GeForce RTX 4090'],
  ),
  market(
    ['nvidia-4090-community', 'NVIDIA 4090 Community', 'COMMUNITY', 'Dcwz62TisNbWuto6KJM2EGYGVKnHbdZGVGmgLASzsXy8'],
    [0.218175, 24, 25],
    ['NVIDIA GeForce RTX 4090 D', 'NVIDIA GeForce RTX 4090'],
  ),
  market(
    ['nvidia-5090', 'NVIDIA 5090', 'PREMIUM', '6Xt8hgVLLL2PSHC9NtJP8E8oTdA5ZJc95hZEnHcdqKqb'],
    [0.3636, 32, -4],
    ['NVIDIA GeForce RTX 5090'],
  ),
  market(
    ['nvidia-a100-80gb', 'NVIDIA A100 80GB', 'PREMIUM', 'GLJHzqRN9fKGBsvsFzmGnaQGknUtLN1dqaFR8n3YdM22'],
    [0.8182, 80, 6],
    ['NVIDIA A100 80GB PCIe', 'NVIDIA A100-SXM4-80GB'],
  ),
  market(
    ['nvidia-h100', 'NVIDIA H100', 'PREMIUM', 'Crop49jpc7prcgAcS82WbWyGHwbN5GgDym3uFbxxCTZg'],
    [1.3636, 80, 3],
    ['NVIDIA H100 80GB HBM3', 'NVIDIA H100 PCIe'],
  ),
  market(
    ['nvidia-8x-h100', '8xH100', 'OTHER', '37VPcEfrA34vLRygFQd7bWiosBwv3a5jPv4hcXdumytC'],
    [18.2, 80, 2],
    ['NVIDIA H100 80GB HBM3'],
  ),
  market(
    ['nvidia-pro-6000', 'NVIDIA PRO 6000', 'PREMIUM', 'Ekro9NTNqLbnMkN7x7y2rY9AeTkazcHj2PPaTxT1Cogz'],
    [0.9091, 96, 0],
    [],
  ),
  market(
    ['nvidia-8x-a5000', 'Enterprise 8xA5000', 'OTHER', '3XGECQon74HQwPJuZjgCwqdQ5Nt3wktZ9fcavcDN9qB2'],
    [null, 24, 0],
    ['NVIDIA RTX A5000'],
  ),
  market(
    ['nvidia-laptop', 'NVIDIA Laptop', 'OTHER', '3EWVbggirRpDY2npzPDA7k21yzwz5wgwGxVVv6zCnRpa'],
    [0.08, 8, 12],
    ['NVIDIA GeForce RTX 4060 Laptop GPU', 'NVIDIA GeForce RTX 4070 Laptop GPU'],
  ),
  market(['sogni-4090', 'Sogni 4090', 'OTHER'], [0.18, 24, 9], ['NVIDIA GeForce RTX 4090']),
]

export const nosanaSeries = ({ slug }: NosanaMarket) => `nosana/${slug}`

// Nosana follows the price of its token every few minutes, so that pay in dollars hardly moves.
const STEP_MS = 5 * 60_000

export interface NosanaState {
  /** What a host is paid now, USD per hour. */
  pay(market: NosanaMarket, nowMs: number): number | null
  /** How many hosts (or below zero jobs) wait now. */
  waiting(market: NosanaMarket, nowMs: number): number
  nosUsd(nowMs: number): number
}

/** A pinned series stands from its instant on. */
export function createNosanaState(context: StandInContext): NosanaState {
  const { seed, originMs, pinned } = context
  const walked = (series: string, nowMs: number, amplitude: number) =>
    walk({ seed, series, step: Math.floor((nowMs - originMs) / STEP_MS), amplitude })
  return {
    pay(market, nowMs) {
      const series = nosanaSeries(market)
      const usd = pinned(series)?.usd ?? (market.usd === null ? null : market.usd * walked(series, nowMs, 0.02))
      return usd === null ? null : Number(usd.toFixed(6))
    },
    waiting(market, nowMs) {
      const moved = Math.round(market.waiting * walked(`${nosanaSeries(market)}/waiting`, nowMs, 0.4))
      // Who usually waits never quite runs out.
      return moved === 0 ? Math.sign(market.waiting) : moved
    },
    nosUsd: (nowMs) => Number(tokenPoint(context, 'NOS', nowMs).usd.toFixed(6)),
  }
}
