// Due times: the same time on the clock all year, once a day, whatever the clock does.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localTimeOf, weekdayOf } from '../zonedTime.ts'
import { lastDueMs, nextDueMs, type ReportSchedule } from './reportSchedule.ts'

const daily = (hour: number, minute = 0, zone = 'Europe/Berlin'): ReportSchedule => ({
  every: 'day',
  minuteOfDay: hour * 60 + minute,
  zone,
  sinceMs: 0,
})
const weekly = (weekday: number, hour: number): ReportSchedule => ({ ...daily(hour), every: 'week', weekday })
const ms = (iso: string) => Date.parse(`${iso}Z`)
const utc = (at: number) => new Date(at).toISOString().slice(0, 16)
/** The due times that follow, one after the other. */
function following(schedule: ReportSchedule, from: string, count: number): string[] {
  const list: string[] = []
  for (let at = ms(from); list.length < count; ) {
    at = nextDueMs(schedule, at)
    list.push(utc(at))
  }
  return list
}

describe('REPORT-01: due times', () => {
  test('stay at the clock’s time over spring and autumn', () => {
    expect(following(daily(9), '2026-03-27T12:00', 3)).toEqual([
      '2026-03-28T08:00',
      '2026-03-29T07:00',
      '2026-03-30T07:00',
    ])
    expect(following(weekly(1, 9), '2026-10-19T12:00', 2)).toEqual(['2026-10-26T08:00', '2026-11-02T08:00'])
    expect(utc(lastDueMs(weekly(1, 9), ms('2026-10-26T07:59')))).toBe('2026-10-19T07:00')
  })

  test('come once a day also where the clock skips or repeats them', () => {
    expect(following(daily(2, 30), '2026-03-28T00:00', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:30',
      '2026-03-30T00:30',
    ])
    expect(following(daily(2, 30), '2026-10-24T00:00', 3)).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ])
  })

  test('go on over the ends of months and years', () => {
    expect(following(daily(9), '2026-02-27T12:00', 2)).toEqual(['2026-02-28T08:00', '2026-03-01T08:00'])
    expect(following(daily(9), '2026-12-31T12:00', 1)).toEqual(['2027-01-01T08:00'])
    expect(following(weekly(1, 9), '2026-11-27T12:00', 2)).toEqual(['2026-11-30T08:00', '2026-12-07T08:00'])
    expect(utc(lastDueMs(weekly(1, 9), ms('2026-03-01T12:00')))).toBe('2026-02-23T08:00')
  })

  test('are the last at or before, and the next after, at the very instant too', () => {
    const at = ms('2026-11-23T08:00')
    expect(lastDueMs(weekly(1, 9), at)).toBe(at)
    expect(utc(nextDueMs(weekly(1, 9), at))).toBe('2026-11-30T08:00')
    expect(utc(lastDueMs(weekly(1, 9), at - 1))).toBe('2026-11-16T08:00')
  })

  test('in any zone: last ≤ now < next, nothing between, on the weekday', () => {
    const any = fc.record({
      every: fc.constantFrom<ReportSchedule['every']>('day', 'week'),
      weekday: fc.integer({ min: 1, max: 7 }),
      minuteOfDay: fc.integer({ min: 0, max: 1439 }),
      zone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
      sinceMs: fc.constant(0),
    })
    const minutes = fc.integer({ min: ms('2000-01-01T00:00') / 60_000, max: ms('2040-01-01T00:00') / 60_000 })
    fc.assert(
      fc.property(any, minutes, (schedule, minute) => {
        const now = minute * 60_000
        const last = lastDueMs(schedule, now)
        const next = nextDueMs(schedule, now)
        expect(last <= now && now < next).toBe(true)
        expect(nextDueMs(schedule, last)).toBe(next)
        expect(lastDueMs(schedule, next - 1)).toBe(last)
        const local = localTimeOf(next, schedule.zone)
        const isLater = local.minuteOfDay !== schedule.minuteOfDay
        if (schedule.every === 'week' && !isLater) expect(weekdayOf(local)).toBe(schedule.weekday)
      }),
      { numRuns: 300 },
    )
  })
})
