// Where Necto could rent machines, as doctor says it: what is not set, and what the accounts of the stand-ins may do.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { launcherNeeds } from '../../core/providers/launcherNeeds.ts'
import { providerModules } from '../../core/providers/registry.ts'
import type { Env } from '../../core/settings.ts'
import { startProviders, type WorldProviders } from '../../test/world/providers/startProviders.ts'
import { checkRenting, rentingFindings } from './doctorRenting.ts'

const clock = systemClock
const BROKER = { BROKER_PAYOUT_ADDRESS: `0x${'1'.repeat(40)}`, MACHINES_URL: 'https://machines.example' }
const of = (id: string, env: Env) =>
  rentingFindings({ modules: providerModules, env, clock }).find(({ provider }) => provider === id)

describe('what the settings say', () => {
  test('every launcher of the registry is there once what it is said to lack is set', () => {
    const rents = providerModules.filter(({ launcher }) => launcher)
    expect(rents.map(({ id }) => id)).toEqual(expect.arrayContaining(['akash', 'aws-spot', 'nosana']))
    for (const module of rents) {
      const needs = launcherNeeds(module, { clock, env: {} })
      expect(needs.length).toBeGreaterThan(0)
      const env = Object.fromEntries(needs.map((key) => [key, 'x']))
      expect(launcherNeeds(module, { clock, env })).toEqual([])
      expect(module.launcher?.({ clock, env: { ...env, [needs[0] ?? '']: undefined } })).toBeUndefined()
    }
  })

  test('which setting is missing, Necto’s own and the provider’s, and who is priced only whatever is set', () => {
    expect(of('nosana', {})).toMatchObject({
      bookable: false,
      missing: ['BROKER_PAYOUT_ADDRESS', 'MACHINES_URL', 'NOSANA_API_KEY'],
      detail: 'BROKER_PAYOUT_ADDRESS, MACHINES_URL, NOSANA_API_KEY not set',
    })
    expect(of('aws-spot', { ...BROKER, AWS_ACCESS_KEY_ID: 'AKIA' })).toMatchObject({
      bookable: false,
      missing: ['AWS_SECRET_ACCESS_KEY'],
    })
    expect(of('akash', { ...BROKER, AKASH_CONSOLE_API_KEY: 'key' })).toMatchObject({
      name: 'Akash',
      bookable: true,
      detail: 'all is set; --check asks the account',
    })
    expect(of('necto', {})).toMatchObject({ bookable: true })
  })
})

describe('what the accounts may do', () => {
  let market: WorldProviders
  beforeAll(async () => {
    market = await startProviders({ seed: 'doctor', delayMs: [0, 1] })
    market.machines.setBooting(false)
  })
  beforeEach(() => {
    market.machines.deny()
    market.faults.clear()
  })
  afterAll(() => market.stop())

  async function ask(id: string, more: Env = {}) {
    const env = { ...market.env, ...BROKER, ...more }
    const deps = { modules: providerModules, env, clock }
    const [found] = rentingFindings(deps).filter(({ provider }) => provider === id)
    const [asked] = await checkRenting(found ? [found] : [], { ...deps, signal: new AbortController().signal })
    const { bookable, detail } = asked ?? expect.unreachable()
    return { bookable, detail }
  }

  test('AWS with all rights: bookable, and nothing was started by asking', async () => {
    expect(await ask('aws-spot')).toEqual({
      bookable: true,
      detail:
        'AWS lets Necto’s account rent and return machines; spot quota in the region asked: 64 vCPUs of G, 96 vCPUs of P2 to P4, 192 vCPUs of P5',
    })
    market.machines.setQuotas(0)
    expect((await ask('aws-spot')).detail).toContain('0 vCPUs of G, 0 vCPUs of P2 to P4, 0 vCPUs of P5')
    // Reading quotas is no need of renting; nor are AWS's own asked where EC2 is a stand-in.
    market.machines.deny('GetServiceQuota')
    expect(await ask('aws-spot')).toMatchObject({ bookable: true, detail: expect.stringContaining('not readable') })
    const elsewhere = await ask('aws-spot', { AWS_ENDPOINT_URL_SERVICE_QUOTAS: undefined })
    expect(elsewhere.detail).toContain('not readable')
    expect(market.machines.all()).toEqual([])
  })

  test('AWS keys that may only read: priced only, with the rights that lack', async () => {
    market.machines.deny('RunInstances', 'TerminateInstances')
    expect(await ask('aws-spot')).toEqual({
      bookable: false,
      detail: 'Necto’s account at AWS lacks the right to ec2:RunInstances, ec2:TerminateInstances',
    })
  })

  test('AWS that knows no such keys, does not take the image, or is busy', async () => {
    market.faults.failRegion('us-east-1')
    expect(await ask('aws-spot')).toEqual({ bookable: false, detail: 'AWS refused the credentials (AuthFailure).' })
    market.faults.failRegion('us-east-1', 'InternalError')
    expect(await ask('aws-spot')).toEqual({ bookable: true, detail: 'AWS did not answer as it should.' })
    market.faults.clear()
    expect(await ask('aws-spot', { AWS_LAUNCH_IMAGE: 'ubuntu' })).toEqual({
      bookable: false,
      detail: 'AWS does not take Necto’s order for a machine (InvalidAMIID.Malformed at ec2:RunInstances)',
    })
    // The first of the regions that offers come from is asked.
    expect(await ask('aws-spot', { AWS_REGIONS: 'mars-north-1' })).toMatchObject({ bookable: false })
  })

  test('Akash knows the key, or does not', async () => {
    expect(await ask('akash')).toEqual({ bookable: true, detail: 'Akash’s Console knows the key' })
    expect(await ask('akash', { AKASH_CONSOLE_API_KEY: 'another' })).toEqual({
      bookable: false,
      detail: 'Necto’s account at Akash may rent nothing there.',
    })
  })
})
