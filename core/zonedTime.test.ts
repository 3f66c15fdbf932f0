// Clock times and instants: daylight saving both ways, odd zones, the ends of months.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instantOf, localTimeOf, parseZone, weekdayOf } from './zonedTime.ts'

const BERLIN = 'Europe/Berlin'
const at = (year: number, month: number, day: number, hour: number, minute = 0) => ({
  year,
  month,
  day,
  minuteOfDay: hour * 60 + minute,
})
const utc = (ms: number) => new Date(ms).toISOString().slice(0, 16)

describe('the instant of a clock time', () => {
  test.each([
    ['winter', at(2026, 1, 15, 9), BERLIN, '2026-01-15T08:00'],
    ['summer', at(2026, 7, 15, 9), BERLIN, '2026-07-15T07:00'],
    ['the last moment before spring', at(2026, 3, 29, 1, 59), BERLIN, '2026-03-29T00:59'],
    ['left out by spring: as much later', at(2026, 3, 29, 2, 30), BERLIN, '2026-03-29T01:30'],
    ['the first moment after', at(2026, 3, 29, 3), BERLIN, '2026-03-29T01:00'],
    ['shown twice in autumn: the first', at(2026, 10, 25, 2, 30), BERLIN, '2026-10-25T00:30'],
    ['after both', at(2026, 10, 25, 3), BERLIN, '2026-10-25T02:00'],
    ['south of the equator', at(2026, 1, 15, 9), 'America/Santiago', '2026-01-15T12:00'],
    ['half an hour of daylight saving', at(2026, 10, 4, 2, 15), 'Australia/Lord_Howe', '2026-10-03T15:45'],
    ['a quarter hour off', at(2026, 1, 1, 0), 'Asia/Kathmandu', '2025-12-31T18:15'],
    ['a day that was left out', at(2011, 12, 30, 9), 'Pacific/Apia', '2011-12-30T19:00'],
    ['a day beyond the month', at(2026, 2, 29, 9), 'UTC', '2026-03-01T09:00'],
    ['a day before it', at(2026, 3, 0, 9), 'UTC', '2026-02-28T09:00'],
  ])('%s', (_, local, zone, expected) => {
    expect(utc(instantOf(local, zone))).toBe(expected)
  })

  test('is the time that the clock then shows, but where spring leaves it out', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
    const minutes = fc.integer({ min: Date.UTC(1990, 0) / 60_000, max: Date.UTC(2040, 0) / 60_000 })
    fc.assert(
      fc.property(zones, minutes, (zone, minute) => {
        const local = localTimeOf(minute * 60_000, zone)
        const first = instantOf(local, zone)
        expect(localTimeOf(first, zone)).toEqual(local)
        expect(first).toBeLessThanOrEqual(minute * 60_000)
      }),
    )
  })
})

test('zones are known by any spelling and by their city', () => {
  expect(parseZone('europe/berlin')).toBe(BERLIN)
  expect(parseZone('Berlin')).toBe(BERLIN)
  expect(parseZone('new york')).toBe('America/New_York')
  expect(parseZone('utc')).toBe('UTC')
  for (const wrong of ['Europe/Atlantis', '', 'Mars', '../etc']) expect(parseZone(wrong)).toBeUndefined()
})

test('weekdays go on over the ends of months and years', () => {
  expect(weekdayOf({ year: 2026, month: 11, day: 27 })).toBe(5)
  expect(weekdayOf({ year: 2026, month: 11, day: 29 })).toBe(7)
  expect(weekdayOf({ year: 2026, month: 12, day: 32 })).toBe(5)
})
