// What a backstop may be driven by: the port of the drivers, the loop that turns one, and what all of them watch.
import type { Address } from 'viem'
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import type { Endpoints } from '../tx/endpoints.ts'

// About 100,000 gas each, so that a page always fits into a block.
/** How many of the resolver's places are asked about at once. */
export const PAGE = 25n

/** Sees to it that what the router's resolver names is carried out. */
export interface AutomationDriver {
  /** One look at everything; in how many ms the next is worth it. */
  round(): Promise<number>
}

/** Rounds until the signal aborts; what fails is logged and tried again. */
export async function runDriver(
  on: { driver: AutomationDriver; pollMs: number; clock: Clock; log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { driver, pollMs, clock, log } = on
  while (!signal.aborted) {
    const waitMs = await driver.round().catch((error: unknown) => {
      log.warn({ msg: 'the backstop cannot look', error: errorText(error) })
      return pollMs
    })
    await clock.sleep(waitMs, signal).catch(() => {})
  }
}

/** Reads what the wallet holds, and warns each time it falls below the bound. */
export function createBalanceWatch(on: { endpoints: Endpoints; account: Address; lowWei: bigint; log: Log }) {
  const { endpoints, account, lowWei, log } = on
  let isLow = false
  return async (): Promise<void> => {
    const balanceWei = await endpoints.first((client) => client.getBalance({ address: account }))
    if (balanceWei < lowWei && !isLow)
      log.warn({ msg: 'the backstop’s wallet runs low', account, balanceWei: String(balanceWei) })
    isLow = balanceWei < lowWei
  }
}
