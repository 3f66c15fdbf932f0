// Renting at the stand-in EC2 through the product's own launcher and AWS's own SDK: what is asked for, refused and given back.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import { NectoError } from '../../../core/errors.ts'
import type { Launcher, LaunchOrder } from '../../../core/launch/launcher.ts'
import type { Offer } from '../../../core/market/offer.ts'
import { createProviders, providerModules } from '../../../core/providers/registry.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const signal = new AbortController().signal
const jobId = `0x${'a1'.repeat(32)}` as const
let market: WorldProviders
let launcher: Launcher
let offer: Offer
let usdPerHour: bigint

const module = providerModules.find(({ id }) => id === 'aws-spot') ?? expect.unreachable()
const open = (env: Record<string, string> = {}) =>
  module.launcher?.({ clock, env: { ...market.env, ...env } }) ?? expect.unreachable('there is no launcher')

beforeEach(async () => {
  market = await startProviders({ seed: 'rent', clock, originMs: clock.now(), delayMs: [0, 1] })
  market.machines.setBooting(false)
  launcher = open()
  const deps = { clock, env: market.env, listings: async () => [] }
  const provider = createProviders(deps).find(({ id }) => id === 'aws-spot')
  const batch = await provider?.offers({ gpu: { family: 'h100' }, gpuCount: 1, maxSeconds: 3600 }, signal)
  offer = batch?.offers.find(({ id }) => id.endsWith('/p5.4xlarge')) ?? expect.unreachable('no offer')
  if (offer.price.model !== 'spot') throw new Error('not spot')
  usdPerHour = offer.price.unit.usdPerHour
})
afterEach(() => market.stop())

const order = (more: Partial<LaunchOrder> = {}): LaunchOrder => ({
  jobId,
  attempt: 1,
  offer,
  gpuCount: 1,
  ceilingUsdPerHour: usdPerHour as LaunchOrder['ceilingUsdPerHour'],
  maxSeconds: 3600,
  workload: { image: 'acme/train', command: ['true'] },
  machineUrl: 'https://machines.example/machines/v1/token',
  ...more,
})
const launch = (more: Partial<LaunchOrder> = {}, by = launcher) => by.launch(order(more), signal)
const machine = (ref: string) => ({ jobId, offer, ref, askedAtMs: clock.now() })
const only = () => {
  const [first, ...others] = market.machines.all()
  expect(others).toEqual([])
  return first ?? expect.unreachable('nothing was rented')
}
const failure = async (call: Promise<unknown>): Promise<NectoError> => {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return error instanceof NectoError ? error : expect.unreachable(`no NectoError: ${error}`)
}

describe('renting', () => {
  test('one one-time spot instance in the offer’s zone, at most at the signed price, gone when it shuts down', async () => {
    const { ref } = await launch()
    const { id, spec } = only()
    expect(ref).toBe(`${spec.region}/${id}`)
    expect(offer.id).toBe(`aws-spot:${spec.region}/${spec.type}`)
    expect(spec.zone.id).toBe(offer.region.at(-1))
    expect(spec.maxUsdPerHour).toBe(Number(usdPerHour) / 1e6)
    expect(spec.shutdownBehavior).toBe('terminate')
    expect(spec.tags).toEqual({ Name: 'necto', 'necto:job': jobId })
    expect(spec.image).toContain('resolve:ssm:/aws/service/deeplearning/')
  })

  test('its user data holds where the job is, and neither program nor secrets', async () => {
    await launch()
    const { userData } = only().spec
    expect(userData).toMatch(/^#!\/bin\/bash\nNECTO_URL='https:\/\/machines\.example\/machines\/v1\/token'\n/)
    expect(userData).toContain('NECTO_LIMIT_MINUTES=105')
    expect(userData).not.toContain('acme/train')
    expect(Buffer.byteLength(userData)).toBeLessThan(8_000)
  })

  test('asked again for the same attempt: the same machine', async () => {
    const refs = [await launch(), await launch()]
    expect(refs[0]).toEqual(refs[1])
    only()
  })

  test('the next attempt is left to AWS; own subnets are tried by turns', async () => {
    await launch({ attempt: 2 })
    expect(only().spec.zone).toBeDefined()
    const { region = '' } = /^aws-spot:(?<region>[^/]+)/.exec(offer.id)?.groups ?? {}
    const by = open({ AWS_LAUNCH_SUBNETS: `${region}/subnet-1,eu-west-9/subnet-2` })
    await launch({ attempt: 3 }, by)
    expect(market.machines.all()).toHaveLength(2)
  })

  test('the same attempt with other settings is not taken for one that started nothing', async () => {
    await launch()
    expect(await failure(launch({}, open({ AWS_LAUNCH_DISK_GIB: '100' })))).toMatchObject({ retry: 'unknown' })
    only()
  })

  test('above the signed price nothing is rented', async () => {
    const ceilingUsdPerHour = (usdPerHour - 1n) as LaunchOrder['ceilingUsdPerHour']
    expect(await failure(launch({ ceilingUsdPerHour }))).toMatchObject({ code: 'aws-spot.price', retry: 'later' })
    expect(market.machines.all()).toEqual([])
  })

  test.each([
    ['InsufficientInstanceCapacity', 'later', 'no such machine free'],
    ['SpotMaxPriceTooLow', 'later', 'above what was signed'],
    ['MaxSpotInstanceCountExceeded', 'never', 'may rent no more'],
    ['VcpuLimitExceeded', 'never', 'may rent no more'],
    ['UnauthorizedOperation', 'never', 'not allowed'],
    ['AuthFailure', 'never', 'not allowed'],
    ['InvalidAMIID.NotFound', 'never', 'does not take'],
  ])('%s is %s', async (code, retry, text) => {
    market.machines.refuse(code, code)
    const error = await failure(launch())
    expect(error).toMatchObject({ retry, message: expect.stringContaining(text) })
    expect(error.details).toContain(code)
  })

  test('an answer that does not come leaves open whether anything was started', async () => {
    market.faults.set('ec2', { kind: 'truncated' })
    expect(await failure(launch())).toMatchObject({ retry: 'unknown' })
    market.faults.set('ec2', { kind: 'down' })
    expect(await failure(launch())).toMatchObject({ retry: 'unknown' })
    market.faults.clear()
    await launch()
    only()
  })

  test('refuses what the machine image cannot drive, and what it does not know', () => {
    expect(launcher.refuses(offer)).toBeUndefined()
    expect(launcher.refuses({ ...offer, id: 'aws-spot:us-east-1/p3.2xlarge' })).toContain('no driver')
    expect(launcher.refuses({ ...offer, id: 'aws-spot:us-east-1' })).toContain('does not know')
  })

  test('without credentials there is no launcher', () => {
    expect(module.launcher?.({ clock, env: {} })).toBeUndefined()
  })
})

describe('watching', () => {
  const status = (ref: string) => launcher.status(machine(ref), signal)

  test('from booting to running to taken back', async () => {
    const { ref } = await launch()
    expect(['starting', 'running']).toContain((await status(ref)).state)
    await expect.poll(async () => (await status(ref)).state).toBe('running')
    market.machines.reclaim(only(), 'now')
    expect(await status(ref)).toMatchObject({
      state: 'ended',
      cause: 'reclaimed',
      why: expect.stringContaining('back'),
    })
  })

  test('one that is not shown yet is starting; one that AWS has forgotten is gone', async () => {
    market.machines.setVisibleAfter(60_000)
    const { ref } = await launch()
    expect(await status(ref)).toEqual({ state: 'starting' })
    const old = { ...machine(ref), askedAtMs: clock.now() - 6 * 60_000 }
    expect(await launcher.status(old, signal)).toMatchObject({ state: 'ended', cause: 'failed' })
  })
})

describe('giving back', () => {
  const stop = (more: { ref?: string; askedAtMs?: number } = {}) =>
    launcher.stop({ jobId, offer, askedAtMs: clock.now(), ...more }, signal)

  test('ends the machine, and again is fine', async () => {
    const { ref } = await launch()
    await stop({ ref })
    expect(market.machines.running()).toEqual([])
    await stop({ ref })
    expect(await launcher.status(machine(ref), signal)).toMatchObject({ state: 'ended', cause: 'exited' })
  })

  test('finds by the job what nobody wrote down', async () => {
    await launch()
    await launch({ attempt: 2 })
    await launch({ jobId: `0x${'b2'.repeat(32)}` })
    await stop()
    expect(market.machines.running().map(({ spec }) => spec.tags['necto:job'])).toEqual([`0x${'b2'.repeat(32)}`])
  })

  test('is not confirmed while what was made a moment ago may not be shown yet', async () => {
    market.machines.setVisibleAfter(60_000)
    const { ref } = await launch()
    expect(await failure(stop())).toMatchObject({ retry: 'later' })
    expect(await failure(stop({ ref }))).toMatchObject({ retry: 'later' })
    market.machines.setVisibleAfter(0)
    await stop()
    expect(market.machines.running()).toEqual([])
    await stop({ askedAtMs: clock.now() - 6 * 60_000 })
  })

  test('then says what it cost: its seconds at its zone’s price, a minute at least', async () => {
    const { ref } = await launch()
    expect(await failure(launcher.invoice?.(machine(ref), signal) ?? Promise.resolve())).toMatchObject({
      retry: 'later',
    })
    await clock.tick(90_000)
    await stop({ ref })
    const invoice = await launcher.invoice?.(machine(ref), signal)
    expect(invoice).toMatchObject({ basis: 'computed', how: expect.stringMatching(/^90 s at \$\d+\.\d{6} per hour/) })
    expect(invoice?.amountMicroUsd).toBe((usdPerHour * 90n + 3599n) / 3600n)
  })
})
