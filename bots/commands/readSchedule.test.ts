// What people type for a schedule, and what they are told when it is none.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostileText } from '../chat/testHostileText.ts'
import { readSchedule } from './readSchedule.ts'

describe('a schedule', () => {
  test.each([
    ['', {}],
    ['mon 9:00 Europe/Berlin', { weekday: 1, minuteOfDay: 540, zone: 'Europe/Berlin' }],
    ['europe/berlin, 18:30 on Sunday', { weekday: 7, minuteOfDay: 1110, zone: 'Europe/Berlin' }],
    ['Thu at 7 pm New York', { weekday: 4, minuteOfDay: 1140, zone: 'America/New_York' }],
    ['12am', { minuteOfDay: 0 }],
    ['12:05pm UTC', { minuteOfDay: 725, zone: 'UTC' }],
    ['9 tokyo', { minuteOfDay: 540, zone: 'Asia/Tokyo' }],
    ['0:00', { minuteOfDay: 0 }],
  ])('"%s"', (text, expected) => {
    expect(readSchedule(text, 'week')).toEqual(expected)
  })

  test.each([
    ['25:00', '"25:00" is no time of day'],
    ['9:75', '"9:75" is no time of day'],
    ['13pm', '"13pm" is no time of day'],
    ['0am', '"0am" is no time of day'],
    ['Europe/Berln', 'Did you mean Europe/Berlin?'],
    ['mnday', 'Did you mean monday?'],
    ['mon tue', 'says it a second time'],
    ['9:00 10:00', 'says it a second time'],
    ['whenever', 'A zone is written like Europe/Berlin'],
  ])('"%s" is none', (text, why) => {
    expect(readSchedule(text, 'week')).toContain(why)
    expect(readSchedule(text, 'week')).toContain('Nothing was changed.')
  })

  test('of every day has no weekday', () => {
    expect(readSchedule('fri 9:00', 'day')).toContain('no weekday')
  })

  test('of any text is read or refused in short, clean words', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const read = readSchedule(text, 'week')
        if (typeof read === 'string') {
          expect(read.length).toBeLessThan(250)
          expect(read).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
        }
      }),
      { numRuns: 50 },
    )
  })
})
