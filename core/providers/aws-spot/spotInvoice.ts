// What an ended spot instance cost: EC2 itself bills hours later, so it is worked out from its seconds and its zone's price.
import type { Clock } from '../../clock.ts'
import { NectoError } from '../../errors.ts'
import type { Invoice } from '../../launch/launcher.ts'
import { formatUsd } from '../../money.ts'
import { type AwsCredentials, openEc2 } from './ec2.ts'
import type { Instance } from './launchEc2.ts'
import { currentPrices, spotPoints } from './spotPrices.ts'

const LEAST_SECONDS = 60n

/** Undefined: EC2 no longer says when it ended. An error 'later': it has not ended yet. */
export async function spotInvoice(options: {
  instance: Instance
  region: string
  credentials: AwsCredentials
  clock: Clock
  signal: AbortSignal
  endpoint: string | undefined
}): Promise<Invoice | undefined> {
  const { instance, region, credentials, clock, signal, endpoint } = options
  const { LaunchTime, InstanceType, Placement, State } = instance
  if (State.Name !== 'terminated')
    throw new NectoError('aws-spot.running', 'The machine has not ended yet.', { retry: 'later' })
  const endMs = endOf(instance.StateTransitionReason)
  if (!LaunchTime || !InstanceType || endMs === undefined) return undefined
  const launchedMs = LaunchTime.getTime()
  const ec2 = await openEc2({ region, credentials, clock, signal, ...(endpoint ? { endpoint } : {}) })
  try {
    const rows = await ec2.spotPrices([InstanceType], launchedMs, launchedMs)
    const inZone = rows.filter((row) => isIn(row, Placement?.AvailabilityZone))
    const [price] = currentPrices(spotPoints(inZone).points, launchedMs)
    if (!price) return undefined
    const lasted = BigInt(Math.max(0, Math.ceil((endMs - launchedMs) / 1000)))
    const seconds = lasted < LEAST_SECONDS ? LEAST_SECONDS : lasted
    return {
      // Up to the micro-dollar: rather a little too much than too little.
      amountMicroUsd: (price.usdPerNodeHour * seconds + 3599n) / 3600n,
      basis: 'computed',
      how: `${seconds} s at $${formatUsd(price.usdPerNodeHour)} per hour, the spot price in ${price.zone} when it began`,
    }
  } finally {
    ec2.close()
  }
}

/** Zones are told apart by name here: an instance says no id. */
const isIn = (row: unknown, zone: string | undefined): boolean =>
  typeof row === 'object' && row !== null && 'AvailabilityZone' in row && row.AvailabilityZone === zone

/** Out of "User initiated (2026-11-28 02:13:41 GMT)". */
function endOf(reason: string | undefined): number | undefined {
  const [, day, time] = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) GMT\)/.exec(reason ?? '') ?? []
  return day && time ? Date.parse(`${day}T${time}Z`) : undefined
}
