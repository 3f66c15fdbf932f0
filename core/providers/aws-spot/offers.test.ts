// EC2's rows to offers: what each type holds, what it costs and how much that moved.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gpuTypes } from './gpuTypes.ts'
import { awsSpotOffers } from './offers.ts'
import { cheapestZones, spotPoints } from './spotPrices.ts'
import { spotVolatility, WINDOW_MS } from './volatility.ts'

const nowMs = Date.parse('2026-11-22T12:00:00Z')
const day = 86_400_000

const type = (InstanceType: string, Name: string, Count: number, SizeInMiB: number, more = {}) => ({
  InstanceType,
  SupportedUsageClasses: ['on-demand', 'spot'],
  ProcessorInfo: { SupportedArchitectures: ['x86_64'] },
  GpuInfo: { Gpus: [{ Name, Manufacturer: 'NVIDIA', Count, MemoryInfo: { SizeInMiB } }] },
  ...more,
})
const price = (InstanceType: string, AvailabilityZoneId: string, SpotPrice: string, agoMs = day) => ({
  InstanceType,
  AvailabilityZoneId,
  AvailabilityZone: 'us-east-1a',
  SpotPrice,
  Timestamp: new Date(nowMs - agoMs),
})

describe('PROV-03 instance types', () => {
  const read = (row: unknown) => gpuTypes([row])

  test.each([
    [type('p5.48xlarge', 'H100', 8, 81_920), 'h100-80gb-sxm', 8],
    [type('p5.4xlarge', 'H100', 8, 81_920), 'h100-80gb-sxm', 1],
    [type('p5en.48xlarge', 'NVIDIA', 8, 0 + 144_384), 'h200-141gb-sxm', 8],
    [type('p4d.24xlarge', 'A100', 8, 40_960), 'a100-40gb-sxm', 8],
    [type('p4de.24xlarge', 'A100', 8, 40_960), 'a100-80gb-sxm', 8],
    [type('p3.16xlarge', 'V100', 8, 16_384), 'v100-16gb-sxm', 8],
    [type('p3dn.24xlarge', 'V100', 8, 32_768), 'v100-32gb-sxm', 8],
    [type('p6-b200.48xlarge', 'B200', 8, 183_296), 'b200-180gb-sxm', 8],
    [type('g4dn.metal', 'T4', 8, 16_384), 't4-16gb-pcie', 8],
    [type('g5.12xlarge', 'A10G', 4, 24_576), 'a10g-24gb-pcie', 4],
    [type('g6.12xlarge', 'L4', 4, 22_888), 'l4-24gb-pcie', 4],
    [type('gr6.4xlarge', 'L4', 1, 22_888), 'l4-24gb-pcie', 1],
    [type('g6e.48xlarge', 'L40S', 8, 45_776), 'l40s-48gb-pcie', 8],
  ])('%o holds %s times %i', (row, id, gpus) => {
    const [found] = read(row).types
    expect(found?.gpu?.id).toBe(id)
    expect(found?.gpus).toBe(gpus)
  })

  test('a GPU of a name not in the table stays, unmapped, with its type', () => {
    expect(read(type('p9.48xlarge', 'R100', 8, 300_000)).types).toEqual([
      { type: 'p9.48xlarge', rawGpu: '8x R100 (p9.48xlarge)', gpus: 8 },
    ])
  })

  test.each([
    ['an Arm host', type('g5g.xlarge', 'T4g', 1, 16_384, { ProcessorInfo: { SupportedArchitectures: ['arm64'] } })],
    ['a fraction of a GPU', type('g6f.xlarge', 'L4', 1, 5_722)],
    ['not rented as spot', type('p5.48xlarge', 'H100', 8, 81_920, { SupportedUsageClasses: ['on-demand'] })],
    ['no number of GPUs', type('g9.xlarge', 'L4', 0, 22_888)],
    ['not readable', { InstanceType: 'p5.48xlarge', GpuInfo: { Gpus: [{ Name: 'H100' }] } }],
    ['not readable', null],
  ])('%s is left out', (reason, row) => {
    expect(read(row)).toEqual({ types: [], dropped: [{ row: expect.any(String), reason }] })
  })

  test('accelerators that are no GPUs, and types without any, are passed over', () => {
    const gaudi = { Name: 'HL-205', Manufacturer: 'Habana', Count: 8, MemoryInfo: { SizeInMiB: 32_768 } }
    const rows = [type('pdl1.24xlarge', '', 0, 1, { GpuInfo: { Gpus: [gaudi] } }), { InstanceType: 'p5k.large' }]
    expect(gpuTypes(rows)).toEqual({ types: [], dropped: [] })
  })
})

describe('PROV-03 offers', () => {
  test('the price is of the whole instance, in its cheapest zone', () => {
    const types = [type('p5.48xlarge', 'H100', 8, 81_920)]
    const prices = [
      price('p5.48xlarge', 'use1-az4', '21.5'),
      price('p5.48xlarge', 'use1-az1', '19.123456'),
      // Older, cheaper, no longer true.
      price('p5.48xlarge', 'use1-az1', '9.0', 3 * day),
    ]
    const history = [price('p5.48xlarge', 'use1-az1', '19.123456', 7 * day), ...prices]
    const { offers } = awsSpotOffers({ region: 'us-east-1', types, prices, history }, { nowMs, observedAtMs: nowMs })
    expect(offers).toEqual([
      {
        id: 'aws-spot:us-east-1/p5.48xlarge',
        provider: 'aws-spot',
        gpu: { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' },
        rawGpu: '8x H100 (p5.48xlarge)',
        gpusPerNode: 8,
        price: {
          model: 'spot',
          unit: { per: 'node', usdPerHour: 19_123_456n, gpus: 8 },
          volatility: { bps: expect.any(Number), basis: 'time-weighted deviation over the mean, 14 days' },
        },
        region: ['na', 'us', 'us-east-1', 'use1-az1'],
        bookable: { no: 'Necto cannot start jobs on AWS yet' },
        runtimes: ['container'],
        minSeconds: 60,
        observedAtMs: nowMs,
      },
    ])
  })

  test('a type without a price is not offered, without a warning', () => {
    const rows = { region: 'us-east-1', types: [type('g6.xlarge', 'L4', 1, 22_888)], prices: [], history: [] }
    expect(awsSpotOffers(rows, { nowMs, observedAtMs: nowMs })).toEqual({ offers: [], warnings: [], dropped: [] })
  })

  test('unreadable prices and prices that are none are dropped', () => {
    const rows = [price('a', 'z1', '0.0'), price('a', 'z1', '-1'), price('a', 'z1', '1e3'), { InstanceType: 'a' }, 7]
    const { points, dropped } = spotPoints(rows)
    expect(points).toEqual([])
    expect(dropped.map(({ reason }) => reason)).toEqual([
      'a price that is none',
      'a price that is none',
      'a price that is none',
      'not readable',
      'not readable',
    ])
  })

  test('the order of rows does not matter', () => {
    const rows = [
      price('a', 'z1', '2', day),
      price('a', 'z1', '3', 2 * day),
      price('a', 'z2', '2', day),
      price('b', 'z2', '5', day),
      price('b', 'z1', '4', -day),
    ]
    const { points } = spotPoints(rows)
    const expected = new Map([
      ['a', expect.objectContaining({ zone: 'z1', usdPerNodeHour: 2_000_000n })],
      ['b', expect.objectContaining({ zone: 'z2', usdPerNodeHour: 5_000_000n })],
    ])
    fc.assert(
      fc.property(fc.shuffledSubarray(points, { minLength: points.length }), (shuffled) => {
        expect(cheapestZones(shuffled, nowMs)).toEqual(expected)
      }),
    )
  })
})

describe('PRICE-02 volatility', () => {
  const points = (...list: [usd: number, agoMs: number][]) =>
    list.map(([usd, agoMs]) => ({ usdPerNodeHour: BigInt(usd) * 1_000_000n, atMs: nowMs - agoMs }))

  test('each price counts for as long as it held', () => {
    // Half the window at 1, half at 3: mean 2, deviation 1.
    expect(spotVolatility(points([1, WINDOW_MS], [3, WINDOW_MS / 2]), nowMs)?.bps).toBe(5_000)
    // A short burst weighs little: 13 days at 1, one day at 3.
    expect(spotVolatility(points([1, 14 * day], [3, day]), nowMs)?.bps).toBe(4_506)
  })

  test('the last change before the window is where it starts, earlier ones do not count', () => {
    const within = points([1, 40 * day], [100, 30 * day], [1, 20 * day], [3, WINDOW_MS / 2])
    expect(spotVolatility(within, nowMs)?.bps).toBe(5_000)
  })

  test('fewer than two points are unknown, two equal ones calm', () => {
    expect(spotVolatility([], nowMs)).toBeUndefined()
    expect(spotVolatility(points([1, day]), nowMs)).toBeUndefined()
    expect(spotVolatility(points([1, 30 * day], [9, -day]), nowMs)).toBeUndefined()
    expect(spotVolatility(points([1, 2 * day], [1, day]), nowMs)?.bps).toBe(0)
  })

  test('it is the deviation that floating arithmetic finds, at any scale and in any order', () => {
    const change = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 13 * day }))
    const changes = fc.uniqueArray(change, { minLength: 2, maxLength: 20, selector: ([, ago]) => ago })
    fc.assert(
      fc.property(changes, (list) => {
        const sorted = [...list].sort((a, b) => b[1] - a[1])
        const held = sorted.map(([usd, ago], i) => ({ usd, ms: ago - (sorted[i + 1]?.[1] ?? 0) }))
        const total = held.reduce((sum, { ms }) => sum + ms, 0)
        const mean = held.reduce((sum, { usd, ms }) => sum + (usd * ms) / total, 0)
        const variance = held.reduce((sum, { usd, ms }) => sum + ((usd - mean) ** 2 * ms) / total, 0)
        const bps = spotVolatility(points(...list), nowMs)?.bps ?? -1
        expect(Math.abs(bps - (Math.sqrt(variance) / mean) * 10_000)).toBeLessThan(1.01)
      }),
    )
  })
})
