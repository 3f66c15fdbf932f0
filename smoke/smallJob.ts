// The one job that is played: what it asks for, what its seller takes, and the most that it may cost.
import { depositOf } from '../core/escrow/metering.ts'
import { perGpuHour, perJobHour } from '../core/money.ts'

const USD_PER_HOUR = 1_800_000n
const MAX_SECONDS = 300

export const PRINTED = 'Necto smoke test'
// Some seconds long, since what runs for none costs nothing and would prove no payout.
export const ASK = `h100-80gb-sxm x1 ${MAX_SECONDS / 60}m max 2 only necto untracked run sh -c 'sleep 3 && echo "${PRINTED}"'`
export const GPU = { id: 'h100-80gb-sxm', family: 'h100', memoryGib: 80, interface: 'sxm' } as const
export const USD_PER_GPU_HOUR = perGpuHour(USD_PER_HOUR)
export const DEPOSIT_MICRO_USD = depositOf({ pricePerHour: perJobHour(USD_PER_HOUR), maxSeconds: MAX_SECONDS })
/** Terms that ask for more are not signed. */
export const MOST_MICRO_USD = 200_000n
/** What the payer's wallet has to hold before anything begins. */
export const PAYER_NEEDS_MICRO_USD = 250_000n
