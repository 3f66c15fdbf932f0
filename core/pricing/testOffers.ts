// Offers, asks and token prices for the tests of pricing, router and record: plain ones and random ones.
import fc from 'fast-check'
import type { Ask } from '../market/ask.ts'
import type { Offer } from '../market/offer.ts'
import { perGpuHour, perNodeHour } from '../money.ts'
import type { TokenPrice } from './tokenPrice.ts'

export const nowMs = Date.UTC(2026, 10, 20, 12)
export const payee = `0x${'11'.repeat(32)}` as const
export const usd = (dollars: number) => perGpuHour(BigInt(Math.round(dollars * 1e6)))

export const plainAsk: Ask = { gpu: { family: 'h100' }, gpuCount: 1, maxSeconds: 4 * 3600, runtime: 'container' }

/** A bookable H100 on Akash in Germany at a fixed $2 per GPU-hour, but for what is given. */
export function plainOffer(changes: Partial<Offer> = {}): Offer {
  return {
    id: 'akash:1',
    provider: 'akash',
    payee,
    gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
    rawGpu: 'h100 80Gi SXM5',
    gpusPerNode: 8,
    price: { model: 'fixed', unit: { per: 'gpu', usdPerHour: usd(2) } },
    region: ['eu', 'de'],
    freeGpus: 8,
    bookable: true,
    runtimes: ['container', 'process'],
    minSeconds: 0,
    observedAtMs: nowMs - 60_000,
    ...changes,
  }
}

/** Two sources of AKT that agree, one of NOS. */
export const tokens: TokenPrice[] = [
  {
    token: 'AKT',
    usdPerToken: '0.512345678',
    source: 'coingecko',
    atMs: nowMs - 30_000,
    volatility: { bps: 640, basis: '24 h of AKT/USD' },
  },
  { token: 'AKT', usdPerToken: '0.515', source: 'kraken', atMs: nowMs - 20_000 },
  { token: 'NOS', usdPerToken: '0.2', source: 'coingecko', atMs: nowMs - 30_000 },
]

export const nodePrice = (dollars: number, gpus: number): Offer['price'] => ({
  model: 'spot',
  unit: { per: 'node', usdPerHour: perNodeHour(usd(dollars)), gpus },
})

const perGpu = fc.bigInt({ min: 1n, max: 20_000_000n })
const priceOf = (gpusPerNode: number): fc.Arbitrary<Offer['price']> =>
  fc.oneof(
    perGpu.map((price): Offer['price'] => ({ model: 'fixed', unit: { per: 'gpu', usdPerHour: perGpuHour(price) } })),
    perGpu.map((price): Offer['price'] => ({
      model: 'spot',
      unit: { per: 'node', usdPerHour: perNodeHour(price), gpus: gpusPerNode },
    })),
    fc
      .tuple(fc.integer({ min: 1, max: 10 ** 9 }), fc.constantFrom('gpu' as const, 'node' as const))
      .map(([nanos, per]): Offer['price'] => ({
        model: 'token',
        token: 'AKT',
        tokensPerHour: `${Math.floor(nanos / 1e8)}.${String(nanos % 1e8).padStart(8, '0')}`,
        per,
        gpus: gpusPerNode,
      })),
  )

const gpus: Offer['gpu'][] = [
  { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
  { id: 'h100-80gb', family: 'h100', memoryGib: 80 },
  { id: 'h100-94gb-nvl', family: 'h100', memoryGib: 94, interface: 'nvl' },
  { id: 'a100-80gb', family: 'a100', memoryGib: 80 },
  undefined,
]
const measured = (how: string) => fc.integer({ min: 1, max: 100 }).map((value) => ({ value, how }))

/** Any offer, with prices low enough that a whole node of them is below the absurd. */
export const anyOffer: fc.Arbitrary<Offer> = fc.integer({ min: 1, max: 8 }).chain((gpusPerNode) =>
  fc
    .record(
      {
        key: fc.integer({ min: 0, max: 999_999 }),
        provider: fc.constantFrom('akash', 'nosana', 'ionet', 'necto'),
        gpu: fc.constantFrom(...gpus),
        price: priceOf(gpusPerNode),
        region: fc.constantFrom<string[]>([], ['eu'], ['eu', 'de'], ['na', 'us']),
        freeGpus: fc.integer({ min: 0, max: 16 }),
        uptimePercent: measured('30 days'),
        latencyMs: measured('ping'),
        bookable: fc.constantFrom<Offer['bookable']>(true, true, { no: 'no launcher' }),
        runtimes: fc.constantFrom<Offer['runtimes']>(['container'], ['container', 'process']),
        fees: fc.constantFrom<Offer['fees']>(
          [{ label: 'network fee', bps: 1000 }],
          [
            { label: 'a', bps: 1 },
            { label: 'b', bps: 250 },
          ],
        ),
        estimated: fc.constant('a card'),
        minSeconds: fc.constantFrom(0, 60, 3600, 86_400),
        observedAtMs: fc.integer({ min: nowMs - 60 * 60_000, max: nowMs }),
      },
      {
        requiredKeys: [
          'key',
          'provider',
          'gpu',
          'price',
          'region',
          'bookable',
          'runtimes',
          'minSeconds',
          'observedAtMs',
        ],
      },
    )
    .map(({ key, gpu, ...rest }): Offer => {
      return {
        ...rest,
        ...(gpu && { gpu }),
        id: `${rest.provider}:${key}`,
        payee,
        rawGpu: gpu?.id ?? 'odd',
        gpusPerNode,
      }
    }),
)

/** Offers with distinct ids. */
export const anyOffers = fc.uniqueArray(anyOffer, { selector: (offer) => offer.id, maxLength: 25 })

/** Any ask for an H100. */
export const anyAsk: fc.Arbitrary<Ask> = fc.record(
  {
    gpu: fc.constantFrom<Ask['gpu']>(
      { family: 'h100' },
      { family: 'h100', interface: 'sxm' },
      { family: 'h100', memoryGib: 80 },
    ),
    gpuCount: fc.integer({ min: 1, max: 8 }),
    maxSeconds: fc.integer({ min: 60, max: 30 * 86_400 }),
    maxUsdPerGpuHour: fc.bigInt({ min: 1n, max: 20_000_000n }).map(perGpuHour),
    minMemoryGib: fc.constantFrom(40, 80, 94),
    minUptimePercent: fc.integer({ min: 1, max: 100 }),
    maxAgeSeconds: fc.constantFrom(60, 1800, 86_400),
    bookableOnly: fc.constant(true as const),
    regions: fc.constantFrom(['eu'], ['de', 'us']),
    excludeModels: fc.constantFrom<Ask['excludeModels']>(['spot'], ['token', 'auction']),
    onlyProviders: fc.constantFrom(['akash'], ['akash', 'necto', 'ionet']),
    excludeProviders: fc.constantFrom(['nosana']),
    sort: fc.constantFrom('latency' as const, 'uptime' as const),
    withinBps: fc.integer({ min: 0, max: 10_000 }),
    runtime: fc.constantFrom('container' as const, 'process' as const),
  },
  { requiredKeys: ['gpu', 'gpuCount', 'maxSeconds'] },
)
