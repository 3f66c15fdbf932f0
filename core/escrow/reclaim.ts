// From when anybody may send a deposit back, as the router counts it.

/** 72 hours, the contract's RECLAIM_GRACE. */
const GRACE_MS = 72 * 3_600_000

/** The router takes `reclaim` in a block later than this: after startBy, or 72 hours after the last second that was paid for. */
export const reclaimableAfterMs = (job: {
  readonly startByMs: number
  readonly startedAtMs: number | undefined
  readonly maxSeconds: number
}): number => (job.startedAtMs === undefined ? job.startByMs : job.startedAtMs + job.maxSeconds * 1000 + GRACE_MS)
