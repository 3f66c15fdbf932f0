// What can go wrong at a storage node, switched while it runs.

/** Every switch may be changed at any time; the next request sees it. */
export interface Faults {
  /** The socket is closed without an answer. */
  down: boolean
  /** HTTP 500: for every request, or only for these JSON-RPC methods (`GET /file` for the gateway). */
  http500: boolean | string[]
  /** Every answer waits this long. */
  responseDelayMs: number
  /** Flips one bit of every download, over RPC and gateway alike. */
  corruptDownload: boolean
  /** Added to the size that the node claims for every file: cuts the end, or adds trailing zeros. */
  sizeOffsetBytes: number
  /** Segments are taken, but no file becomes final. */
  neverFinalize: boolean
  /** A submission becomes known only this long after the node first saw its block; Infinity for never. */
  syncDelayMs: number
  /** So many of the next segment uploads are refused as "too many data writing". */
  rejectSegments: number
  /** What the node reports instead of its own flow contract. */
  reportedFlowAddress: string | undefined
}

/** A node in good health. */
export const noFaults: Faults = {
  down: false,
  http500: false,
  responseDelayMs: 0,
  corruptDownload: false,
  sizeOffsetBytes: 0,
  neverFinalize: false,
  syncDelayMs: 0,
  rejectSegments: 0,
  reportedFlowAddress: undefined,
}

/** Whether this request is to fail with HTTP 500. */
export function failsWith500(faults: Faults, method: string): boolean {
  return Array.isArray(faults.http500) ? faults.http500.includes(method) : faults.http500
}
