// Reads when reports shall come: "weekly mon 9:00 Europe/Berlin", in any order, with what is missing left to the caller.
import { nearestWord } from '../../core/market/nearestWord.ts'
import { parseZone } from '../../core/zonedTime.ts'
import { safeName } from '../chat/safeText.ts'

/** What was said of it. */
export interface ScheduleWords {
  weekday?: number
  minuteOfDay?: number
  zone?: string
}

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

const TIME = /^(\d{1,2})(?:[:.](\d{2}))?(am|pm|h)?$/

/** The words, or why they are not understood. */
export function readSchedule(text: string, every: 'day' | 'week'): ScheduleWords | string {
  const said: ScheduleWords = {}
  // "9:00 pm" and "New York" are written in two words by many.
  const words = text
    .replace(/(\d)\s+(am|pm)\b/gi, '$1$2')
    .split(/[\s,]+/)
    .filter((word) => word !== '' && !/^(at|on|in|every)$/i.test(word))
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    const two = parseZone(`${word} ${words[i + 1] ?? ''}`)
    const read = two ? { zone: two } : readWord(word)
    if (two) i++
    if (typeof read === 'string') return read
    const [key] = Object.keys(read) as (keyof ScheduleWords)[]
    if (key && said[key] !== undefined) return `"${safeName(word)}" says it a second time. Nothing was changed.`
    Object.assign(said, read)
  }
  if (every === 'day' && said.weekday !== undefined)
    return 'A daily report has no weekday. Say /report weekly mon 9:00, or leave the day out. Nothing was changed.'
  return said
}

function readWord(word: string): ScheduleWords | string {
  const lower = word.toLowerCase()
  const time = TIME.exec(lower)
  if (time) {
    const minuteOfDay = minutesOf(time)
    if (minuteOfDay !== undefined) return { minuteOfDay }
    return `"${safeName(word)}" is no time of day. Say it like 9:00 or 18:30. Nothing was changed.`
  }
  const weekday = lower.length >= 2 ? WEEKDAYS.findIndex((day) => day.toLowerCase().startsWith(lower)) : -1
  if (weekday >= 0) return { weekday: weekday + 1 }
  const zone = parseZone(word)
  if (zone) return { zone }
  const known = [...WEEKDAYS, ...Intl.supportedValuesOf('timeZone')].map((name) => name.toLowerCase())
  const near = nearestWord(word, known)
  const meant = near ? `Did you mean ${parseZone(near) ?? near}? ` : ''
  return `"${safeName(word)}" is no weekday, time or time zone that I know. ${meant}A zone is written like Europe/Berlin. Nothing was changed.`
}

function minutesOf([, hourText = '', minuteText = '0', half]: RegExpExecArray): number | undefined {
  const minute = Number(minuteText)
  const hour = Number(hourText)
  if (minute > 59) return undefined
  if (half !== 'am' && half !== 'pm') return hour <= 23 ? hour * 60 + minute : undefined
  if (hour < 1 || hour > 12) return undefined
  return ((hour % 12) + (half === 'pm' ? 12 : 0)) * 60 + minute
}
