// Discord's ids: the milliseconds since 2015 in the upper bits, so that later things have larger ids.
import type { Clock } from '../../../core/clock.ts'

const DISCORD_EPOCH_MS = 1_420_070_400_000n

/** Makes a new id with every call, each larger than the one before. */
export function createSnowflakes(clock: Clock): () => string {
  let last = 0n
  return () => {
    const now = (BigInt(clock.now()) - DISCORD_EPOCH_MS) << 22n
    last = now > last ? now : last + 1n
    return last.toString()
  }
}
