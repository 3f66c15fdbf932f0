// Round figures for the axes: amounts and UTC days or hours.

/** Values from at or below `low` to at or above `high`, about `count` of them, at steps of 1, 2 or 5 times a power of ten. */
export function ticksOf({ low, high, count }: { low: bigint; high: bigint; count: number }): bigint[] {
  const rough = (high - low) / BigInt(count) + 1n
  const power = 10n ** BigInt(rough.toString().length - 1)
  const step = [1n, 2n, 5n, 10n].map((factor) => factor * power).find((one) => one >= rough) ?? rough
  const first = (low / step) * step
  const ticks = [first]
  for (let at = first; at < high; ) {
    at += step
    ticks.push(at)
  }
  return ticks.length > 1 ? ticks : [first, first + step]
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const STEPS_MS = [5, 15, 30, 60, 180, 360, 720]
  .map((minutes) => minutes * MINUTE_MS)
  .concat([1, 2, 5, 10, 20, 50, 100, 200, 500].map((days) => days * DAY_MS))

/** Whole UTC steps within a span, at most `count`, each with its words: "14:00" within days, "23 Nov" above. */
export function timeTicksOf({ fromMs, toMs, count }: { fromMs: number; toMs: number; count: number }) {
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= count) ?? Math.ceil((toMs - fromMs) / count)
  const ticks: { atMs: number; text: string }[] = []
  // Steps of several days begin with the first whole day, smaller ones at round hours.
  const unitMs = Math.min(stepMs, DAY_MS)
  for (let atMs = Math.ceil(fromMs / unitMs) * unitMs; atMs <= toMs; atMs += stepMs) {
    ticks.push({ atMs, text: stepMs < DAY_MS && atMs % DAY_MS !== 0 ? hour(atMs) : day(atMs) })
  }
  return ticks
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const hour = (atMs: number): string => new Date(atMs).toISOString().slice(11, 16)
const day = (atMs: number): string => `${new Date(atMs).getUTCDate()} ${MONTHS[new Date(atMs).getUTCMonth()]}`
