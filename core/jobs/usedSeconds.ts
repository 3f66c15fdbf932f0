// What a job is paid for: never more than the runner claims, the keeper saw, or the clock allows.

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
  // A job that ended within the same second the keeper first saw it still ran: the span rounds up, the receipt rounds down.
  const seenSeconds = Math.ceil((lastSeenAtMs - acceptedAtMs) / 1000)
  const wallSeconds = Math.max(0, chainNowSeconds - startedAtSeconds)
  const claimedSeconds = Math.max(receiptSeconds ?? seenSeconds, checkpointSeconds)
  return Math.max(0, Math.min(claimedSeconds, seenSeconds, wallSeconds, maxSeconds))
}
