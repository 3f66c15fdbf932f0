// When a team's spend report is due: every day or week at a time of its own clock.
import { z } from 'zod'
import { instantMs } from '../codecs.ts'
import { instantOf, localTimeOf, weekdayOf } from '../zonedTime.ts'

export const reportScheduleSchema = z.strictObject({
  every: z.enum(['day', 'week']),
  /** 1 Monday to 7 Sunday; only a week has it. */
  weekday: z.int().min(1).max(7).optional(),
  /** On the zone's clock: 0 to 1439. */
  minuteOfDay: z.int().min(0).max(1439),
  /** An IANA name. */
  zone: z.string(),
  /** Set at this instant: nothing is due before. */
  sinceMs: instantMs,
})
export type ReportSchedule = z.output<typeof reportScheduleSchema>

/** A week and a day, so that a due time later on the day is passed over once. */
const LOOKED_AT_DAYS = 8

/** The latest due instant at or before `atMs`. */
export function lastDueMs(schedule: ReportSchedule, atMs: number): number {
  return due({ schedule, atMs, step: -1, isIt: (dueMs) => dueMs <= atMs })
}

/** The first due instant after `atMs`. */
export function nextDueMs(schedule: ReportSchedule, atMs: number): number {
  return due({ schedule, atMs, step: 1, isIt: (dueMs) => dueMs > atMs })
}

function due(options: { schedule: ReportSchedule; atMs: number; step: 1 | -1; isIt(dueMs: number): boolean }): number {
  const { schedule, atMs, step, isIt } = options
  const { every, weekday, minuteOfDay, zone } = schedule
  const today = localTimeOf(atMs, zone)
  // One day behind to begin with: a time that spring moved on may fall on the day after its own.
  for (let days = -1; days <= LOOKED_AT_DAYS; days++) {
    const date = { ...today, day: today.day + days * step, minuteOfDay }
    const dueMs = instantOf(date, zone)
    if ((every === 'day' || weekdayOf(date) === weekday) && isIt(dueMs)) return dueMs
  }
  throw new RangeError(`no due time of ${every} near ${atMs}`)
}
