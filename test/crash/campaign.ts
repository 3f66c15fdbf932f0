// Whether this is the long campaign (`npm run crash`), and what that tries beyond every single death.
import { noise } from '../world/providers/priceWalk.ts'

export const isLongCampaign = process.env.CRASH_CAMPAIGN === 'long'

const PAIRS = 300

/** Two deaths in one run, always the same ones: the first anywhere between two steps, the second anywhere after it. */
export function pairsOf(from: number, to: number): { crashAt: number; againAt: number; side: 'before' | 'after' }[] {
  return Array.from({ length: PAIRS }, (_, n) => {
    const crashAt = from + Math.floor(noise('crash', 'first', n) * (to - from))
    const againAt = crashAt + 1 + Math.floor(noise('crash', 'second', n) * (to - crashAt))
    return { crashAt, againAt, side: n % 2 === 0 ? ('before' as const) : ('after' as const) }
  })
}
