// The daily limit of scans: per person, over the day only.
import { expect, test } from 'vitest'
import { createManualClock } from '../../core/clock.ts'
import { createScanLimit } from './scanLimit.ts'

const person = (userId: string) => ({ platform: 'telegram' as const, userId })

test('each person has so many a day, and a new day gives them back', async () => {
  const clock = createManualClock(Date.parse('2026-11-22T12:00:00Z'))
  const limit = createScanLimit({ clock, perDay: 2 })
  expect([limit.take(person('1')), limit.take(person('1')), limit.take(person('1'))]).toEqual([true, true, false])
  expect(limit.take(person('2'))).toBe(true)
  await clock.tick(12 * 3_600_000)
  expect(limit.take(person('1'))).toBe(true)
})
