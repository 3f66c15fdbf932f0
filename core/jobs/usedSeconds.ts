// What a job is paid for: never more than the runner claims, the keeper saw, or the clock allows.

/** The span the keeper saw: one that ended within the second it was first seen still ran, so it rounds up. */
export const seenSeconds = (run: { acceptedAtMs: number; lastSeenAtMs: number }): number =>
  Math.ceil((run.lastSeenAtMs - run.acceptedAtMs) / 1000)

/** Seconds to pay, whole: the least of receipt, span the keeper saw, wall clock since the start, and maxSeconds. */
export function usedSeconds(options: {
  /** From the signed receipt; absent when the runner went silent. */
  receiptSeconds?: number | undefined
  /** From taking the job to the last sign of life, by the keeper's clock. Absent = never taken. */
  acceptedAtMs?: number | undefined
  lastSeenAtMs?: number | undefined
  /** Paid for on the way; the contract takes nothing back. */
  checkpointSeconds?: number | undefined
  /** The start's block time and the latest block time, in Unix seconds: what the contract will compare with. */
  startedAtSeconds: number
  chainNowSeconds: number
  maxSeconds: number
}): number {
  const { receiptSeconds, acceptedAtMs, lastSeenAtMs, checkpointSeconds = 0 } = options
  const { startedAtSeconds, chainNowSeconds, maxSeconds } = options
  if (acceptedAtMs === undefined || lastSeenAtMs === undefined) return 0
  const spanSeconds = seenSeconds({ acceptedAtMs, lastSeenAtMs })
  const wallSeconds = Math.max(0, chainNowSeconds - startedAtSeconds)
  const claimedSeconds = Math.max(receiptSeconds ?? spanSeconds, checkpointSeconds)
  return Math.max(0, Math.min(claimedSeconds, spanSeconds, wallSeconds, maxSeconds))
}
