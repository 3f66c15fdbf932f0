// Akash's blocks: leases are paid per block, and a bid's age is counted in them.

/** The Console's own figure; blocks really come every six seconds and a little more. */
export const BLOCK_SECONDS = 6
export const BLOCKS_PER_HOUR = 3600n / BigInt(BLOCK_SECONDS)
