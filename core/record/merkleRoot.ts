// The address of bytes in 0G Storage, computed without a network.
import type { Hex } from 'viem'
import { rootOfHashes, segmentRoots } from './merkleTree.ts'

/**
 * The 0G Merkle root of `bytes`. It does not commit to their length: zeros up to the chunk's end share one root, so
 * keep the length (and a plain hash) beside it. Throws `record.empty` for no bytes.
 */
export function merkleRoot(bytes: Uint8Array): Hex {
  return rootOfHashes(segmentRoots(bytes))
}
