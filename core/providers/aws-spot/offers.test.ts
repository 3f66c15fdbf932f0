// EC2's rows to offers: what each type costs, in its cheapest zone.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { awsSpotOffers } from './offers.ts'
import { cheapestZones, spotPoints } from './spotPrices.ts'

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
        bookable: { no: 'Necto cannot start jobs on AWS Spot yet: BROKER_PAYOUT_ADDRESS or MACHINES_URL is not set' },
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
      // Of one instant the dearer stands: a quote must not fall short.
      price('a', 'z1', '1.5', day),
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
