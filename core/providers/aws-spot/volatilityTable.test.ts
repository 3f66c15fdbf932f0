// The table of how spot prices moved, against figures worked out by hand.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { volatilityTable } from './volatilityTable.ts'

const atMs = Date.parse('2026-11-22T12:00:00Z')
const DAY = 86_400_000

const row = (usd: string, daysAgo: number, more = {}) => ({
  AvailabilityZone: 'us-east-1a',
  AvailabilityZoneId: 'use1-az6',
  InstanceType: 'p5.48xlarge',
  ProductDescription: 'Linux/UNIX',
  SpotPrice: usd,
  Timestamp: new Date(atMs - daysAgo * DAY).toISOString(),
  ...more,
})
const table = (...rows: unknown[]) =>
  volatilityTable([{ name: 'history.json', json: { SpotPriceHistory: rows } }], atMs)

describe('PRICE-02 volatility of a recorded history', () => {
  test('10 days at 1, 4 days at 2: mean 9/7, deviation √(10/49), range over mean 7/9', () => {
    expect(table(row('1.000000', 14), row('2.000000', 4))).toEqual([
      {
        type: 'p5.48xlarge',
        zone: 'use1-az6',
        currentUsdPerHour: '2.000000',
        // 1.2857142…
        meanUsdPerHour: '1.285714',
        // √((10·(1 − 9/7)² + 4·(2 − 9/7)²) / 14) = √(10/49) = 0.4517539…, over the mean 0.3513642…
        cv: '0.351364',
        // 1 / (9/7) = 0.7777…
        rangeOverMean: '0.777777',
        changes: 1,
        label: 'volatile',
      },
    ])
  })

  test('the last row before the window gives its first price, rows before that and after its end count for nothing', () => {
    const seeded = table(row('1', 20), row('2', 4))
    expect(seeded).toEqual(table(row('1', 14), row('2', 4)))
    expect(table(row('9', 40), row('1', 20), row('2', 4), row('50', -0.001))).toEqual(seeded)
  })

  test('without a row before it the window begins with its first row, which is a change', () => {
    // Three days at 4, one at 8: mean 5, deviation √3, range 4.
    expect(table(row('4', 4), row('8', 1))).toMatchObject([
      {
        meanUsdPerHour: '5.000000',
        cv: '0.346410',
        rangeOverMean: '0.800000',
        changes: 2,
        currentUsdPerHour: '8.000000',
      },
    ])
  })

  test('a price that is set again is a row, and spreads nothing', () => {
    expect(table(row('3', 20), row('3', 5), row('3', 1))).toMatchObject([
      { meanUsdPerHour: '3.000000', cv: '0.000000', rangeOverMean: '0.000000', changes: 2, label: 'calm' },
    ])
  })

  test('with one point the present price is known and nothing else', () => {
    const only = [
      { type: 'p5.48xlarge', zone: 'use1-az6', currentUsdPerHour: '3.250000', changes: 0, label: 'unknown' },
    ]
    expect(table(row('3.25', 30))).toEqual(only)
    expect(table(row('3.25', 30), row('3.25', 30), row('1', -1))).toEqual(only)
    expect(table(row('3.25', 3))).toEqual([{ ...only[0], changes: 1 }])
    expect(table(row('3.25', -1))).toEqual([])
  })

  test('zones and types apart and in order, other systems and types of instances left out, several files as one', () => {
    const inFile = (name: string, ...rows: unknown[]) => ({ name, json: { SpotPriceHistory: rows } })
    const nameless = { AvailabilityZoneId: undefined, InstanceType: 'g6.xlarge' }
    const replies = [
      inFile('a.json', row('2', 1), row('1', 14, { AvailabilityZoneId: 'use1-az1' }), row('0.3', 2, nameless)),
      { name: 'types.json', json: { InstanceTypes: [{ InstanceType: 'p5.48xlarge' }] } },
      inFile('b.json', row('1', 15), row('99', 2, { ProductDescription: 'Windows' }), { InstanceType: 'x' }),
    ]
    expect(
      volatilityTable(replies, atMs).map(({ type, zone, changes, label }) => [type, zone, changes, label]),
    ).toEqual([
      ['g6.xlarge', 'us-east-1a', 1, 'unknown'],
      ['p5.48xlarge', 'use1-az1', 0, 'unknown'],
      ['p5.48xlarge', 'use1-az6', 1, 'volatile'],
    ])
  })

  test('twice the rows in any order are the same table', () => {
    const rows = [row('1', 20), row('2', 12), row('1.5', 12.0001), row('3', 3), row('2.999999', 2.5), row('7', -1)]
    const expected = table(...rows)
    fc.assert(
      fc.property(fc.shuffledSubarray([...rows, ...rows], { minLength: 2 * rows.length }), (shuffled) => {
        expect(table(...shuffled)).toEqual(expected)
      }),
    )
  })

  test('micro-dollars and long times are exact', () => {
    const [found] = table(row('0.000001', 14), row('999999.999999', 7))
    // (0.000001 + 999999.999999) / 2
    expect(found).toMatchObject({ meanUsdPerHour: '500000.000000', cv: '0.999999', rangeOverMean: '1.999999' })
  })

  test('a file that is no reply of EC2 is named', () => {
    const failure = { code: 'aws-spot.reply', message: expect.stringContaining('akash.json') }
    expect(() => volatilityTable([{ name: 'akash.json', json: { models: [] } }], atMs)).toThrow(
      expect.objectContaining(failure),
    )
  })
})
