// Renting out of the settings: keys that may only read prices are no account to rent with.
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { readConfig } from '../core/config.ts'
import { silentLog } from '../core/log.ts'
import type { Offer } from '../core/market/offer.ts'
import { startProviders } from '../test/world/providers/startProviders.ts'
import { rentingOf } from './rentingOf.ts'

const BROKER = { BROKER_PAYOUT_ADDRESS: `0x${'1'.repeat(40)}`, MACHINES_URL: 'https://machines.example' }

test('read-only AWS keys: nothing of AWS can be booked once that is known; others stay', async () => {
  const market = await startProviders({ seed: 'rights', delayMs: [0, 1] })
  const stop = new AbortController()
  onTestFinished(async () => {
    stop.abort()
    await market.stop()
  })
  market.machines.deny('RunInstances')
  const env = { ...market.env, ...BROKER }
  const renting = rentingOf({ config: readConfig(env), clock: systemClock, env, log: silentLog })
  const refuses = (provider: string, id: string) =>
    renting?.launchers
      .find((one) => one.provider === provider)
      ?.refuses({ id, region: ['us-east-1'] } as unknown as Offer)
  expect(refuses('aws-spot', 'aws-spot:us-east-1/p5.4xlarge')).toBeUndefined()
  void renting?.watchStandings?.(stop.signal)
  await expect
    .poll(() => refuses('aws-spot', 'aws-spot:us-east-1/p5.4xlarge'), { timeout: 20_000 })
    .toBe('Necto’s account at AWS lacks the right to ec2:RunInstances')
  expect(refuses('aws-spot', 'nonsense')).toContain('lacks the right')
})

test('without a wallet to be paid or an address for machines nothing is rented', () => {
  const open = (env: Record<string, string>) =>
    rentingOf({ config: readConfig(env), clock: systemClock, env: { ...env, NOSANA_API_KEY: 'x' }, log: silentLog })
  expect(open({ MACHINES_URL: BROKER.MACHINES_URL })).toBeUndefined()
  expect(open({ BROKER_PAYOUT_ADDRESS: BROKER.BROKER_PAYOUT_ADDRESS })).toBeUndefined()
  expect(open(BROKER)?.launchers.map(({ provider }) => provider)).toEqual(['nosana'])
})
