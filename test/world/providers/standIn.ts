// What every stand-in of an outside service is to the world: a server, the settings that point at it, its prices now.
import type { Clock } from '../../../core/clock.ts'
import type { StandInServer } from './standInServer.ts'

/** From `atMs` on something costs this. */
export interface PricePoint {
  readonly usd: number
  readonly atMs: number
}

export interface StandIn {
  /** As tests name it for faults and requests: "akash". */
  readonly name: string
  readonly server: StandInServer
  /** The settings that make Necto read this instead of the real service. */
  readonly env: Readonly<Record<string, string>>
  /** What everything costs now, by series ("akash/h100/80Gi/SXM5"). */
  prices(): Record<string, number>
}

export interface StandInContext {
  readonly seed: string
  readonly clock: Clock
  /** When the walk of prices begins, in epoch milliseconds. */
  readonly originMs: number
  /** What a test holds a series at, if it does. */
  readonly pinned: (series: string) => PricePoint | undefined
  /** How long the n-th request takes; `usual` is the range when nobody said otherwise. */
  readonly delay: (name: string, usual: DelayRange) => (request: number) => number
}

export type DelayRange = readonly [fromMs: number, toMs: number]
