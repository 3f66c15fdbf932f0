// Where Necto rents machines itself, out of the settings.
import type { Clock } from '../core/clock.ts'
import type { Config } from '../core/config.ts'
import { withStandings } from '../core/launch/withStandings.ts'
import type { Log } from '../core/log.ts'
import { createLaunchers } from '../core/providers/registry.ts'
import type { Env } from '../core/settings.ts'
import type { RentingOptions } from './tasks/renting.ts'

/** Where Necto rents machines itself; undefined while a setting of it is missing. */
export function rentingOf(options: { config: Config; clock: Clock; env: Env; log: Log }): RentingOptions | undefined {
  const { BROKER_PAYOUT_ADDRESS: payout, MACHINES_URL: machinesUrl } = options.config
  if (payout === undefined || machinesUrl === undefined) return undefined
  const made = createLaunchers(options)
  if (made.length === 0) return undefined
  const { launchers, run } = withStandings({ ...options, launchers: made })
  return { launchers, payout, machinesUrl, watchStandings: run }
}
