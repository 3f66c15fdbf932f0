// Prices that walk: every value is a function of seed, series and time step, so the order of requests changes nothing.

/** A number in [0, 1) that is always the same for the same words (FNV-1a, then a finishing mix). */
export function noise(...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5
  for (const letter of words.join('\u0000')) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32
}

// How many steps each swing takes, and its share of the movement: slow drift with small steps on top.
const SWINGS = [
  { steps: 48, share: 0.6 },
  { steps: 8, share: 0.3 },
  { steps: 1, share: 0.1 },
]

/** The factor on a series' usual price at a step: within 1 ± `amplitude`, near to its neighbours. */
export function walk(options: { seed: string; series: string; step: number; amplitude: number }): number {
  const { seed, series, step, amplitude } = options
  const swing = SWINGS.reduce((sum, { steps, share }) => {
    const corner = Math.floor(step / steps)
    const along = step / steps - corner
    const from = noise(seed, series, steps, corner)
    const to = noise(seed, series, steps, corner + 1)
    return sum + share * (from + (to - from) * along)
  }, 0)
  return 1 + amplitude * (2 * swing - 1)
}
