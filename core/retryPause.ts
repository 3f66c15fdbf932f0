// How long to leave an outside service alone after it failed: as long as it asked for, else twice as long each time.
import { BusyError } from './http.ts'

const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 60_000
const LONGEST_ASKED_FOR_MS = 3_600_000

/** After the `failures`-th failure in a row: what it asked for, an hour at most, else two seconds doubling up to a minute. */
export function retryPauseMs(error: unknown, failures: number): number {
  if (error instanceof BusyError && error.retryAfterMs !== undefined) {
    return Math.min(error.retryAfterMs, LONGEST_ASKED_FOR_MS)
  }
  return Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
}
