// A market of any size that follows from a seed, its offers shaped as the providers' own parsers shape them.
import type { Ask } from '../../core/market/ask.ts'
import type { Offer } from '../../core/market/offer.ts'
import { perGpuHour, perNodeHour } from '../../core/money.ts'
import { defaultPolicy } from '../../core/pricing/policy.ts'
import { priceOffer } from '../../core/pricing/priceOffer.ts'
import type { Priced } from '../../core/pricing/quote.ts'
import type { TokenPrice } from '../../core/pricing/tokenPrice.ts'

export const nowMs = Date.UTC(2026, 10, 20, 12)
export const policy = defaultPolicy

/** Two H100s in Europe for four hours, at most 3 USD, no spot: most reasons take part. */
export const typicalAsk: Ask = {
  gpu: { family: 'h100' },
  gpuCount: 2,
  maxSeconds: 4 * 3600,
  maxUsdPerGpuHour: perGpuHour(3_000_000n),
  regions: ['eu'],
  excludeModels: ['spot'],
  minUptimePercent: 95,
  sort: 'uptime',
  runtime: 'container',
}
/** Takes whatever is a known H100. */
export const anythingAsk: Ask = { gpu: { family: 'h100' }, gpuCount: 1, maxSeconds: 3600 }

export const tokens: readonly TokenPrice[] = [
  { token: 'NOS', usdPerToken: '0.412345', source: 'coingecko', atMs: nowMs - 15_000 },
  { token: 'NOS', usdPerToken: '0.413', source: 'nosana', atMs: nowMs - 20_000 },
  { token: 'RENDER', usdPerToken: '2.31', source: 'coingecko', atMs: nowMs - 15_000 },
]

export interface LargeMarket {
  readonly offers: readonly Offer[]
  readonly quotes: readonly Priced[]
}

/** `family` makes every offer one of that GPU; else a quarter are H100s and the rest others. */
export function largeMarket(options: { size: number; ask: Ask; family?: 'h100'; seed?: number }): LargeMarket {
  const { size, ask, family, seed = 20_261_120 } = options
  const random = createRandom(seed)
  const offers = Array.from({ length: size }, (_, i) => makeOffer({ i, random, onlyH100: family === 'h100' }))
  const quotes = offers.map((offer) => priceOffer({ offer, ask, tokens, policy, nowMs }))
  return { offers, quotes }
}

type Random = (below: number) => number

/** Marsaglia's xorshift32. */
function createRandom(seed: number): Random {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const GPUS = [
  { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm', cents: 210 },
  { id: 'h100-80gb', family: 'h100', memoryGib: 80, cents: 200 },
  { id: 'a100-80gb-sxm', family: 'a100', memoryGib: 80, interface: 'sxm', cents: 120 },
  { id: 'h200-141gb-sxm', family: 'h200', memoryGib: 141, interface: 'sxm', cents: 260 },
  { id: 'l40s-48gb-pcie', family: 'l40s', memoryGib: 48, interface: 'pcie', cents: 70 },
  { id: 'rtx4090-24gb-pcie', family: 'rtx4090', memoryGib: 24, interface: 'pcie', cents: 35 },
  { id: 'rtx5090-32gb-pcie', family: 'rtx5090', memoryGib: 32, interface: 'pcie', cents: 50 },
  { id: 't4-16gb-pcie', family: 't4', memoryGib: 16, interface: 'pcie', cents: 15 },
] as const
const REGIONS = [
  [],
  ['eu', 'de'],
  ['eu', 'de', 'berlin'],
  ['eu', 'fr'],
  ['na', 'us'],
  ['na', 'us', 'us-east-1'],
] as const
const PAYEE = `0x${'11'.repeat(32)}` as const

const pick = <T>(list: readonly T[], random: Random): T => list[random(list.length)] as T

function makeOffer(options: { i: number; random: Random; onlyH100: boolean }): Offer {
  const { i, random, onlyH100 } = options
  const { cents, ...gpu } = pick(onlyH100 ? GPUS.slice(0, 2) : GPUS, random)
  const unmapped = !onlyH100 && random(40) === 0
  const micros = BigInt(cents) * BigInt(6_000 + random(8_000))
  const make = pick(PROVIDERS, random)
  const common = {
    ...(unmapped ? {} : { gpu: { ...gpu } }),
    rawGpu: gpu.id,
    observedAtMs: nowMs - random(random(50) === 0 ? 3_600_000 : 90_000),
  }
  return make({ key: `${(i * 7919) % 1_000_003}`, common, micros, random })
}

interface Making {
  readonly key: string
  readonly common: Pick<Offer, 'gpu' | 'rawGpu' | 'observedAtMs'>
  readonly micros: bigint
  readonly random: Random
}

/** One of each kind of provider: auction, seller, spot node, fixed node, token per node, rate card. */
const PROVIDERS: readonly ((making: Making) => Offer)[] = [
  ({ key, common, micros, random }) => ({
    id: `akash:${key}`,
    provider: 'akash',
    ...common,
    gpusPerNode: 8,
    price: {
      model: 'auction',
      unit: { per: 'gpu', usdPerHour: perGpuHour(micros) },
      ...(random(2) === 0 && { volatility: { bps: random(2_000), basis: 'spread of bids' } }),
    },
    region: [],
    freeGpus: random(24),
    bookable: { no: 'Necto cannot start jobs on Akash yet' },
    runtimes: ['container'],
    minSeconds: 6,
  }),
  ({ key, common, micros, random }) => ({
    id: `necto:${key}`,
    provider: 'necto',
    payee: PAYEE,
    ...common,
    gpusPerNode: 1 + random(8),
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(micros) } },
    region: [...pick(REGIONS, random)],
    freeGpus: 1 + random(8),
    ...(random(4) > 0 && { uptimePercent: { value: 90 + random(1_000) / 100, how: '30 days' } }),
    bookable: true,
    runtimes: ['container', 'process'],
    minSeconds: 0,
  }),
  ({ key, common, micros, random }) => ({
    id: `aws-spot:${key}`,
    provider: 'aws-spot',
    ...common,
    gpusPerNode: 8,
    price: { model: 'spot', unit: { per: 'node', usdPerHour: perNodeHour(micros * 8n), gpus: 8 } },
    region: [...pick(REGIONS, random), 'use1-az4'],
    bookable: { no: 'Necto cannot start jobs on AWS Spot yet' },
    runtimes: ['container'],
    minSeconds: 60,
  }),
  ({ key, common, micros, random }) => ({
    id: `ionet:${key}`,
    provider: 'ionet',
    ...common,
    gpusPerNode: 8,
    price: { model: 'fixed', unit: { per: 'node', usdPerHour: perNodeHour(micros * 8n), gpus: 8 } },
    region: [...pick(REGIONS, random)],
    freeGpus: 8 * random(3),
    uptimePercent: { value: 90 + random(1_000) / 100, how: '7 days' },
    latencyMs: { value: 20 + random(180), how: 'ping' },
    bookable: { no: 'no key' },
    runtimes: ['container'],
    minSeconds: 3_600,
  }),
  ({ key, common, micros, random }) => ({
    id: `nosana:${key}`,
    provider: 'nosana',
    ...common,
    gpusPerNode: 1 + random(8),
    price: {
      model: 'token',
      token: 'NOS',
      tokensPerHour: `${micros / 412_345n}.${String(random(1_000_000)).padStart(6, '0')}`,
      per: 'gpu',
      gpus: 1,
    },
    region: [...pick(REGIONS, random)],
    fees: [{ label: 'network fee', bps: 1_000 }],
    bookable: { no: 'no key' },
    runtimes: ['container'],
    minSeconds: 60,
  }),
  ({ key, common, micros, random }) => ({
    id: `render:${key}`,
    provider: 'render',
    ...common,
    gpusPerNode: 1,
    price: {
      model: 'token',
      token: 'RENDER',
      tokensPerHour: `${micros / 2_310_000n}.${String(random(1_000_000)).padStart(6, '0')}`,
      per: 'gpu',
      gpus: 1,
    },
    region: [],
    bookable: { no: 'Render sells frames, not machines' },
    runtimes: [],
    estimated: 'the rate card of 2026-11-02',
    minSeconds: 0,
  }),
]
