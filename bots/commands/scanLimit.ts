// How many scans one person may start: each asks every provider and stores a record, whether it is paid for or not.
import type { Clock } from '../../core/clock.ts'
import { memberKey } from '../../core/teams/team.ts'
import type { Principal } from '../chat/inbound.ts'

const DAY_MS = 24 * 3_600_000

/** What a person is told then. */
export const SCANS_USED_UP =
  'You have used up today’s scans. Nothing was started and no money moved. They come back at midnight UTC.'

export interface ScanLimit {
  /** Counts one more; false: today's are used up, and this one is not counted. */
  take(person: Pick<Principal, 'platform' | 'userId'>): boolean
}

/** Kept in memory alone, so that nothing of an untracked asker is written down; a restart begins anew. */
export function createScanLimit(options: { clock: Clock; perDay: number }): ScanLimit {
  const { clock, perDay } = options
  let day = 0
  let counts = new Map<string, number>()
  return {
    take(person) {
      const today = Math.floor(clock.now() / DAY_MS)
      if (today !== day) counts = new Map()
      day = today
      const key = memberKey(person)
      const used = counts.get(key) ?? 0
      if (used >= perDay) return false
      counts.set(key, used + 1)
      return true
    },
  }
}
