// How the reading of the escrow chain goes: how far the head is, since when, and how far behind it the final events are.
import type { Clock } from '../../core/clock.ts'
import type { Metrics } from '../../core/health/metrics.ts'
import type { Check } from '../../core/health/readiness.ts'
import type { ChainPlace } from '../tasks/followChain.ts'

// Every chain that the escrow stands on has a block every few seconds.
const HEAD_OLD_MS = 60_000
const BEHIND_BLOCKS = 64n

export interface ChainWatch {
  /** After each reading that came to its end. */
  read(place: ChainPlace): void
  /** Whether all events are read but for those that are not final yet, or only just. */
  isNear(): boolean
  readonly checks: readonly Check[]
}

export function createChainWatch(options: {
  clock: Pick<Clock, 'now'>
  metrics: Metrics
  confirmations: number
}): ChainWatch {
  const { clock, metrics, confirmations } = options
  const startedAtMs = clock.now()
  let last: { readonly place: ChainPlace; readonly roseAtMs: number } | undefined
  const ageSeconds = () => Math.floor((clock.now() - (last?.roseAtMs ?? startedAtMs)) / 1000)
  const behind = () => (last ? last.place.head - last.place.nextBlock + 1n - BigInt(confirmations) : undefined)
  metrics.onRead(() => metrics.set('headAgeSeconds', ageSeconds()))
  return {
    read(place) {
      const rose = last === undefined || place.head > last.place.head
      last = { place, roseAtMs: rose || !last ? clock.now() : last.roseAtMs }
      metrics.set('headLagBlocks', place.head - place.nextBlock + 1n)
    },
    isNear: () => (behind() ?? BEHIND_BLOCKS + 1n) <= BEHIND_BLOCKS,
    checks: [
      {
        name: 'chain head',
        async fault() {
          if (!last) return 'the escrow chain was not read yet'
          return ageSeconds() * 1000 >= HEAD_OLD_MS ? `no new block for ${ageSeconds()} s` : undefined
        },
      },
      {
        name: 'chain events',
        async fault() {
          const blocks = behind()
          if (blocks === undefined) return 'none were read yet'
          return blocks > BEHIND_BLOCKS ? `${blocks} blocks are still to be read` : undefined
        },
      },
    ],
  }
}
