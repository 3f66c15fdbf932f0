// Recorded replies of EC2 to offers, and the region that a zone says.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { provider as awsSpot } from './index.ts'
import { zoneRegion } from './zoneRegion.ts'

const atMs = Date.parse('2026-11-22T12:00:00Z')
const type = (InstanceType: string, Name: string, Count: number, SizeInMiB: number) => ({
  InstanceType,
  SupportedUsageClasses: ['on-demand', 'spot'],
  GpuInfo: { Gpus: [{ Name, Manufacturer: 'NVIDIA', Count, MemoryInfo: { SizeInMiB } }] },
})
const price = (InstanceType: string, AvailabilityZone: string, SpotPrice: string, Timestamp: string, more = {}) => ({
  AvailabilityZone,
  InstanceType,
  ProductDescription: 'Linux/UNIX',
  SpotPrice,
  Timestamp,
  ...more,
})
const p5 = type('p5.48xlarge', 'H100', 8, 81_920)
const types = { InstanceTypes: [p5, type('g6.xlarge', 'L4', 1, 22_888), { InstanceType: 'm5.large' }] }
const prices = {
  SpotPriceHistory: [
    price('p5.48xlarge', 'us-east-1a', '19.200000', '2026-11-22T09:00:00.000Z'),
    price('p5.48xlarge', 'us-east-1a', '24.000000', '2026-11-15T12:00:00+00:00'),
    price('p5.48xlarge', 'us-east-1b', '20.000000', '2026-11-01T00:00:00Z'),
    price('m5.large', 'us-east-1b', '0.040000', '2026-11-01T00:00:00Z'),
  ],
  NextToken: '',
}
const elsewhere = {
  SpotPriceHistory: [
    price('p5.48xlarge', 'apne1-az4', '30', '2026-11-20T00:00:00Z', {
      AvailabilityZone: undefined,
      AvailabilityZoneId: 'apne1-az4',
    }),
  ],
}

function replay(...jsons: unknown[]) {
  const replies = jsons.map((json, index) => ({ name: `file${index + 1}.json`, json }))
  const read = awsSpot.replay?.(replies, atMs)
  if (!read) throw new Error('AWS Spot cannot be replayed')
  return read
}

describe('PROV-03 replay', () => {
  test('types from one file, prices from others, each in its region', () => {
    const { offers, dropped, warnings } = replay(prices, types, elsewhere)
    expect(offers).toMatchObject([
      {
        id: 'aws-spot:us-east-1/p5.48xlarge',
        gpu: { id: 'h100-80gb-sxm' },
        price: { model: 'spot', unit: { per: 'node', usdPerHour: 19_200_000n, gpus: 8 } },
        region: ['na', 'us', 'us-east-1', 'us-east-1a'],
        observedAtMs: atMs,
      },
      {
        id: 'aws-spot:ap-northeast-1/p5.48xlarge',
        price: { unit: { per: 'node', usdPerHour: 30_000_000n, gpus: 8 } },
        region: ['asia', 'jp', 'ap-northeast-1', 'apne1-az4'],
      },
    ])
    // 24 for 6 days and 21 hours, 19.2 for 3 hours: mean 23.914…, deviation 0.6356…
    expect(offers[0]?.price).toMatchObject({ volatility: { bps: 265 } })
    expect(offers[1]?.price).not.toHaveProperty('volatility')
    expect(dropped).toEqual([{ row: 'g6.xlarge', reason: 'no spot price in the files' }])
    expect(warnings).toEqual(['1 row left out: no spot price in the files'])
  })

  test('the order of the files and rows does not matter, nor that two regions describe the same types', () => {
    const back = { ...prices, SpotPriceHistory: [...prices.SpotPriceHistory, ...elsewhere.SpotPriceHistory].reverse() }
    const byId = (read: ReturnType<typeof replay>) =>
      [...read.offers].sort((a, b) => a.id.localeCompare(b.id)).map((offer) => offer)
    const again = replay(types, back, types)
    expect(byId(again)).toEqual(byId(replay(prices, types, elsewhere)))
    expect(again.dropped).toEqual([{ row: 'g6.xlarge', reason: 'no spot price in the files' }])
  })

  test('types alone make no offer, prices alone neither: what an instance holds is not guessed', () => {
    expect(replay(types)).toMatchObject({
      offers: [],
      dropped: [
        { row: 'p5.48xlarge', reason: 'no spot price in the files' },
        { row: 'g6.xlarge', reason: 'no spot price in the files' },
      ],
    })
    const { offers, warnings } = replay(prices)
    expect(offers).toEqual([])
    expect(warnings).toEqual(['4 rows left out: instance type not described in the files'])
    expect(replay({ SpotPriceHistory: [] }, { InstanceTypes: [] })).toEqual({ offers: [], warnings: [], dropped: [] })
  })

  test('rows without a region, of another system, later than the reading or unreadable are left out', () => {
    const rows = [
      price('p5.48xlarge', 'somewhere', '1', '2026-11-20T00:00:00Z'),
      price('p5.48xlarge', 'us-east-1a', '2', '2026-11-20T00:00:00Z', { ProductDescription: 'Windows' }),
      price('p5.48xlarge', 'us-east-1a', '3', '2026-11-22T12:00:01Z'),
      price('p5.48xlarge', 'us-east-1a', '4', 'yesterday'),
      price('p5.48xlarge', 'us-east-1a', '5', '2026-11-20'),
    ]
    const { offers, dropped } = replay({ InstanceTypes: [p5], SpotPriceHistory: rows })
    expect(offers).toEqual([])
    expect(dropped).toEqual([
      { row: 'p5.48xlarge', reason: 'not the price of a Linux instance' },
      { row: 'prices[3]', reason: 'not readable' },
      { row: 'prices[4]', reason: 'not readable' },
      { row: 'p5.48xlarge in somewhere', reason: 'a zone of no known region' },
      { row: 'p5.48xlarge', reason: 'no spot price in the files' },
    ])
  })

  test.each([[null], [[]], ['<html>'], [{}], [{ models: [] }], [{ InstanceTypes: {} }], [{ SpotPriceHistory: null }]])(
    '%j is no reply of EC2, and the file is named',
    (json) => {
      const failure = { code: 'aws-spot.reply', retry: 'never', message: expect.stringContaining('file2.json') }
      expect(() => replay(types, json)).toThrow(expect.objectContaining(failure))
    },
  )
})

test.each([
  ['us-east-1a', undefined, 'us-east-1'],
  ['ap-southeast-2c', undefined, 'ap-southeast-2'],
  ['us-gov-west-1a', undefined, 'us-gov-west-1'],
  ['us-west-2-lax-1a', undefined, 'us-west-2'],
  ['us-east-1a', 'euw1-az1', 'us-east-1'],
  [undefined, 'use1-az1', 'us-east-1'],
  [undefined, 'usw2-lax1-az1', 'us-west-2'],
  [undefined, 'euc1-az3', 'eu-central-1'],
  [undefined, 'apne1-az4', 'ap-northeast-1'],
  [undefined, 'apse2-az1', 'ap-southeast-2'],
  [undefined, 'aps1-az1', 'ap-south-1'],
  [undefined, 'usgw1-az1', 'us-gov-west-1'],
  [undefined, 'sae1-az1', 'sa-east-1'],
  [undefined, 'xx', undefined],
  ['somewhere', undefined, undefined],
])('PROV-03 the zone %s (%s) is in %s', (name, id, region) => {
  expect(zoneRegion({ name, id })).toBe(region)
})

// Recordings of the live service are kept outside the project; where they are not at hand this says "skipped".
const samples = ['describe_instance_types_recorded', 'spot_price_history_recorded', 'spot_price_history_empty_recorded']
const files = samples.map((name) => resolve(`../shared/samples/aws_${name}.json`))
test.skipIf(!files.every((file) => existsSync(file)))('PROV-03 the recorded replies replay together', () => {
  const { offers, dropped } = replay(...files.map((file) => JSON.parse(readFileSync(file, 'utf8'))))
  expect(offers).toEqual([])
  expect(dropped).toEqual([
    { row: 't2.small in us-east-1b', reason: 'instance type not described in the files' },
    ...['g4dn.8xlarge', 'p3.8xlarge', 'g4ad.16xlarge'].map((row) => ({ row, reason: 'no spot price in the files' })),
  ])
})
