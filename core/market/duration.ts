// Durations as people type them: "90m", "4h", "1h30m", "2d".

const SECONDS = { d: 86_400, h: 3600, m: 60, s: 1 }
const UNITS = ['d', 'h', 'm', 's'] as const
const DURATION = /^(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7})s)?$/

/** Seconds of a duration without spaces, largest unit first; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text.toLowerCase())
  if (!match || text === '') return undefined
  return UNITS.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * SECONDS[unit], 0)
}

/** The shortest such text: 5400 → "1h30m". `parseDuration` reads it back. */
export function printDuration(seconds: number): string {
  let rest = seconds
  const parts = UNITS.map((unit) => {
    const count = Math.floor(rest / SECONDS[unit])
    rest -= count * SECONDS[unit]
    return count === 0 ? '' : `${count}${unit}`
  })
  return parts.join('') || '0s'
}
