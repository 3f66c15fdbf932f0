// Clock times of a place and the instants they are, by the IANA zones that Intl knows, daylight saving included.

export interface LocalTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  /** From midnight on the clock's face: 0 to 1439. */
  readonly minuteOfDay: number
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** The zone under its own spelling, by any spelling of its name or of its city alone ("berlin"); undefined when there is none. */
export function parseZone(text: string): string | undefined {
  const word = text.trim().replaceAll(' ', '_')
  const city = Intl.supportedValuesOf('timeZone').find(
    (zone) => zone.slice(zone.lastIndexOf('/') + 1).toLowerCase() === word.toLowerCase(),
  )
  if (city) return city
  try {
    return new Intl.DateTimeFormat('en', { timeZone: word }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** What a clock in the zone shows at an instant. Throws RangeError for a zone that `parseZone` did not give. */
export function localTimeOf(atMs: number, zone: string): LocalTime {
  const wall = new Date(atMs + offsetMs(atMs, zone))
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    minuteOfDay: wall.getUTCHours() * 60 + wall.getUTCMinutes(),
  }
}

/**
 * The instant at which a clock in the zone shows this, in epoch milliseconds; a day beyond the month's end counts on into
 * the next. A time that spring leaves out is as much later; of one that autumn shows twice it is the first.
 */
export function instantOf({ year, month, day, minuteOfDay }: LocalTime, zone: string): number {
  const wallMs = Date.UTC(year, month - 1, day) + minuteOfDay * MINUTE_MS
  // No zone changes twice within two days, so one of these two offsets holds.
  const before = wallMs - offsetMs(wallMs - DAY_MS, zone)
  const after = wallMs - offsetMs(wallMs + DAY_MS, zone)
  const shown = [before, after].filter((atMs) => atMs + offsetMs(atMs, zone) === wallMs)
  return shown.length > 0 ? Math.min(...shown) : before
}

/** 1 Monday to 7 Sunday; a day beyond the month's end counts on. */
export function weekdayOf({ year, month, day }: Pick<LocalTime, 'year' | 'month' | 'day'>): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7
}

/** How far the zone's clock is ahead of UTC. */
function offsetMs(atMs: number, zone: string): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const numeric = 'numeric' as const
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  })
  formats.set(zone, made)
  return made
}
