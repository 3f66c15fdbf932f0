// The io.net launcher against the stand-in's deployments, which are paid ahead and really run what they are given.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import type { LaunchOrder, Machine } from '../../../core/launch/launcher.ts'
import { testAsk } from '../../../core/market/testMarket.ts'
import { formatUsd, perJobHour } from '../../../core/money.ts'
import { plainOffer } from '../../../core/pricing/testOffers.ts'
import { provider as ionet } from '../../../core/providers/ionet/index.ts'
import { createIonetLauncher } from '../../../core/providers/ionet/launch.ts'
import { IONET_KEY, IONET_OTHER_KEY } from './ionetContainers.ts'
import { IONET_HARDWARE } from './ionetMarket.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const signal = new AbortController().signal
const jobId = `0x${'a1'.repeat(32)}` as const
const machineUrl = `http://127.0.0.1:9/machines/v1/${'5e'.repeat(32)}`
const offer = plainOffer({ id: 'ionet:224/2', provider: 'ionet' })
const clock = createManualClock(Date.parse('2026-11-22T12:00:00Z'))
let world: WorldProviders
beforeEach(async () => {
  world = await startProviders({ seed: 'test', clock, delayMs: [0, 0] })
  // One GPU-hour in Iceland: 1.96 and the fee of 2 %.
  world.setPrice('ionet/H100 80GB HBM3', 2)
})
afterEach(() => world.stop())

const launcherOf = (apiKey = IONET_KEY) =>
  createIonetLauncher({ baseUrl: world.env.IONET_API_URL ?? '', apiKey, clock })
const order = (more: Partial<LaunchOrder> = {}): LaunchOrder => ({
  jobId,
  attempt: 1,
  offer,
  gpuCount: 2,
  ceilingUsdPerHour: perJobHour(4_300_000n),
  // All that an order of three hours leaves for a job.
  maxSeconds: 3 * 3600 - 600,
  workload: { image: 'acme/private-train:3', command: ['private-command'] },
  machineUrl,
  ...more,
})
const machine = (more: Partial<Machine> = {}): Machine => ({ jobId, offer, askedAtMs: clock.now(), ...more })
/** Nothing runs in these tests: the script would only wait for an answer. */
const launch = (more: Partial<LaunchOrder> = {}) => {
  world.ionet.set({ isStarting: false })
  return launcherOf().launch(order(more), signal)
}
const statuses = () => world.ionet.all().map(({ status }) => status)
async function stopped(of: Machine = machine()): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    try {
      return await launcherOf().stop(of, signal)
    } catch (error) {
      expect(error).toMatchObject({ retry: expect.stringMatching(/later|unknown/) })
      await clock.tick(10_000)
    }
  }
  expect.unreachable('it never stopped')
}

describe('launching', () => {
  test('deploys one container with all GPUs in the offered place, for the hours that were priced', async () => {
    const { ref } = await launch()
    expect(world.ionet.all()).toMatchObject([
      {
        id: ref,
        order: {
          resource_private_name: `necto-${'a1'.repeat(16)}-1`,
          duration_hours: 3,
          gpus_per_container: 2,
          hardware_id: 224,
          location_ids: [2],
          container_config: { replica_count: 1, entrypoint: ['/bin/sh', '-c', expect.any(String)] },
          registry_config: { image_url: 'acme/private-train:3' },
        },
      },
    ])
    expect(formatUsd(BigInt(Math.round(1e6 * (world.ionet.all()[0]?.usd ?? 0))))).toBe('11.995200')
  })

  test('tells io.net the image alone: no command, and the machine’s address only as a secret', async () => {
    await launch()
    const [{ order: told } = expect.unreachable('nothing was deployed')] = world.ionet.all()
    const { secret_env_variables: secret, ...config } = told.container_config
    expect(secret).toEqual({ NECTO_URL: machineUrl })
    expect(JSON.stringify([config, told.resource_private_name])).not.toMatch(/5e5e|private-command/)
  })

  test('the very price that was signed for is taken, a micro-dollar less is too little: later, and nothing is made', async () => {
    await launch({ ceilingUsdPerHour: perJobHour(4_233_600n) })
    const dear = { jobId: `0x${'b2'.repeat(32)}`, ceilingUsdPerHour: perJobHour(4_233_599n) } as const
    await expect(launch(dear)).rejects.toMatchObject({ code: 'ionet.price', retry: 'later' })
    expect(world.ionet.all()).toHaveLength(1)
  })

  test('where nothing is free: later, and nothing is made', async () => {
    const full = IONET_HARDWARE.find(({ taken }) => taken)?.id
    const there = { ...offer, id: `ionet:${full}/2` }
    await expect(launch({ offer: there })).rejects.toMatchObject({ code: 'ionet.capacity', retry: 'later' })
    expect(world.ionet.all()).toEqual([])
  })

  test('an account without the money for all hours is told at once, and nothing is made', async () => {
    world.ionet.set({ balanceUsd: 11.9 })
    const failure = {
      code: 'ionet.credits',
      retry: 'never',
      message: 'Necto’s account at io.net has not enough money.',
    }
    await expect(launch()).rejects.toMatchObject(failure)
    expect(world.ionet.all()).toEqual([])
  })

  test.each([
    [400, 'Not enough available replicas', 'ionet.capacity', 'later'],
    [400, 'Deployment quota of the account is reached', 'ionet.quota', 'never'],
    [400, 'Resource private name already exists', 'ionet.repeated', 'unknown'],
    [400, 'something else', 'ionet.request', 'never'],
    [401, 'Unauthorized', 'ionet.refused', 'never'],
    [402, 'Payment Required', 'ionet.credits', 'never'],
    [403, 'Forbidden', 'ionet.refused', 'never'],
    [409, 'Conflict', 'ionet.repeated', 'unknown'],
    [422, 'gpus_per_container must be 8', 'ionet.request', 'never'],
    [429, 'Too Many Requests', 'http.busy', 'later'],
    [500, 'Internal Server Error', 'ionet.unreachable', 'unknown'],
    [504, 'Gateway Timeout', 'ionet.unreachable', 'unknown'],
  ])('a deployment refused with %i "%s"', async (status, detail, code, retry) => {
    world.ionet.fail('deploy', { status, detail })
    await expect(launch()).rejects.toMatchObject({ code, retry })
  })

  test.each([
    ['unknown', 'io-v2-nobody'],
    ['of another product', IONET_OTHER_KEY],
  ])('a key that is %s is refused for good', async (_what, key) => {
    await expect(launcherOf(key).standing?.(signal)).rejects.toMatchObject({ code: 'ionet.refused', retry: 'never' })
    await expect(launcherOf(key).launch(order(), signal)).rejects.toMatchObject({
      code: 'ionet.refused',
      retry: 'never',
    })
  })

  test('io.net out of reach before anything was asked for: later', async () => {
    world.faults.set('ionet', { kind: 'down' })
    await expect(launch()).rejects.toMatchObject({ code: 'ionet.unreachable', retry: 'later' })
  })

  test('io.net that takes longer than Necto waits: later', async () => {
    world.faults.set('ionet', { kind: 'slow', delayMs: 600_000 })
    const failed = expect(launch()).rejects.toMatchObject({ code: 'ionet.unreachable', retry: 'later' })
    await expect.poll(() => world.requests('ionet')).toHaveLength(1)
    await clock.tick(25_000)
    await failed
  })

  test('a job without an image or a command is refused for good', async () => {
    await expect(launch({ workload: { image: 'a', command: [] } })).rejects.toMatchObject({
      code: 'ionet.workload',
      retry: 'never',
    })
  })
})

describe('an answer that never came', () => {
  test('asked again, also as a later attempt, it is the same one', async () => {
    world.ionet.fail('deploy', { status: 502, isDone: true })
    await expect(launch()).rejects.toMatchObject({ retry: 'unknown' })
    const [{ id } = expect.unreachable('nothing was deployed')] = world.ionet.all()
    expect(await launch()).toEqual({ ref: id })
    expect(await launch({ attempt: 2 })).toEqual({ ref: id })
    expect(world.ionet.all()).toHaveLength(1)
  })

  test('and a list that lags: still not a second one, and not taken for stopped', async () => {
    await launch()
    world.ionet.set({ isListed: false })
    await expect(launch()).rejects.toMatchObject({ code: 'ionet.repeated', retry: 'unknown' })
    expect(world.ionet.all()).toHaveLength(1)
    await expect(launcherOf().stop(machine(), signal)).rejects.toMatchObject({ retry: 'later' })
  })

  test('while there may be one that is not listed none is deployed, under whatever name', async () => {
    world.ionet.fail('deploy', { status: 502, isDone: true })
    world.ionet.set({ isListed: false })
    await expect(launch()).rejects.toMatchObject({ retry: 'unknown' })
    for (const attempt of [1, 2])
      await expect(launch({ attempt, isUnsure: true })).rejects.toMatchObject({ code: 'ionet.unsure', retry: 'later' })
    expect(world.ionet.all()).toHaveLength(1)
    world.ionet.set({ isListed: true })
    expect(await launch({ isUnsure: true })).toEqual({ ref: world.ionet.all()[0]?.id })
  })

  test('one that has failed since is the answer too, since it was started', async () => {
    const { ref } = await launch()
    const [one = expect.unreachable('nothing was deployed')] = world.ionet.all()
    world.ionet.end(one, 'failed')
    expect(await launch()).toEqual({ ref })
    expect((await launch({ attempt: 2 })).ref).not.toBe(ref)
  })

  test('it is found among more than a page of others', async () => {
    for (let others = 0; others < 105; others += 1)
      await launch({ jobId: `0x${others.toString(16).padStart(64, '0')}`, ceilingUsdPerHour: perJobHour(9_000_000n) })
    const { ref } = await launch()
    expect(await launch()).toEqual({ ref })
  })
})

test('what it says of a key that it knows', async () => {
  expect(await launcherOf().standing?.(signal)).toEqual({
    mayRent: true,
    text: 'io.net knows the key of its containers',
  })
})

test('after thousands of deployments a job is still started, found again and given back', async () => {
  await launch({ jobId: `0x${'b2'.repeat(32)}` })
  const [other = expect.unreachable('nothing was deployed')] = world.ionet.all()
  world.ionet.remember(other, 3_100)
  const { ref } = await launch()
  expect(await launch({ isUnsure: true })).toEqual({ ref })
  await stopped()
  const asked = world.requests('ionet').length
  await launcherOf().stop({ ...machine(), ref }, signal)
  expect(world.requests('ionet').length - asked).toBe(4)
  expect(statuses().filter((status) => status !== 'destroyed')).toEqual(['deployment requested'])
})

describe('giving back', () => {
  test('is done when io.net says destroyed, however often it is asked, also without a ref', async () => {
    await launch()
    await expect(launcherOf().stop(machine(), signal)).rejects.toMatchObject({ code: 'ionet.stopping', retry: 'later' })
    await stopped()
    expect(statuses()).toEqual(['destroyed'])
    await stopped()
  })

  test('ends every attempt of the job, and no other job', async () => {
    await launch()
    const [one = expect.unreachable('nothing was deployed')] = world.ionet.all()
    world.ionet.end(one, 'failed')
    await launch({ attempt: 2 })
    await launch({ jobId: `0x${'b2'.repeat(32)}` })
    await stopped()
    expect(statuses()).toEqual(['failed', 'destroyed', 'deployment requested'])
  })

  test('a refusal that passes is asked again', async () => {
    await launch()
    world.ionet.fail('destroy', { status: 500 }, { status: 429 })
    await stopped()
    expect(statuses()).toEqual(['destroyed'])
  })

  test('nothing was ever made', () => stopped())

  test('an older attempt that is over says nothing of the newest, which may not be listed yet', async () => {
    await launch()
    const [first = expect.unreachable('nothing was deployed')] = world.ionet.all()
    world.ionet.end(first, 'failed')
    const hidden = machine()
    await expect(launcherOf().stop(hidden, signal)).rejects.toMatchObject({ code: 'ionet.stopping', retry: 'later' })
    await launch({ attempt: 2 })
    await stopped(hidden)
    expect(statuses()).toEqual(['failed', 'destroyed'])
  })
})

describe('status', () => {
  test.each([
    ['deployment requested', { state: 'starting' }],
    ['a new word', { state: 'starting' }],
    ['running', { state: 'running' }],
    ['completed', { state: 'ended', cause: 'exited', why: 'The hours paid ahead at io.net are over.' }],
    ['failed', { state: 'ended', cause: 'failed', why: 'io.net could not run the container.' }],
    ['termination requested', { state: 'ended', cause: 'reclaimed' }],
    ['destroyed', { state: 'ended', cause: 'reclaimed' }],
  ])('%s', async (status, expected) => {
    const { ref } = await launch()
    const [one = expect.unreachable('nothing was deployed')] = world.ionet.all()
    world.ionet.set({ looksToDestroy: 9 })
    world.ionet.end(one, status)
    expect(await launcherOf().status({ ...machine(), ref }, signal)).toMatchObject(expected)
  })

  test('one that is gone', async () => {
    const rented = { ...machine(), ref: 'none' }
    expect(await launcherOf().status(rented, signal)).toEqual({ state: 'starting' })
    await clock.tick(3 * 60_000)
    expect(await launcherOf().status(rented, signal)).toMatchObject({ state: 'ended', cause: 'failed' })
  })
})

describe('the invoice', () => {
  test.each([
    ['a job of minutes costs the first hour', 20, 3_998_400n],
    ['after it what was used', 72, 4_798_080n],
    ['and never more than was paid ahead', 400, 11_995_200n],
  ])('%s', async (_what, minutes, amountMicroUsd) => {
    const { ref } = await launch()
    const rented = { ...machine(), ref }
    await expect(launcherOf().invoice?.(rented, signal)).rejects.toMatchObject({ retry: 'later' })
    await clock.tick(minutes * 60_000)
    world.ionet.set({ looksToDestroy: 0 })
    await stopped(rented)
    expect(await launcherOf().invoice?.(rented, signal)).toEqual({
      amountMicroUsd,
      basis: 'charged',
      how: `what io.net says was paid for a container that served ${minutes} minutes`,
    })
  })
})

test('with a key there is a launcher, which takes every firm offer and no list price; without one the offer says what is missing', async () => {
  expect(ionet.launcher?.({ clock, env: world.env })).toBeUndefined()
  const env = { ...world.env, IONET_API_KEY: IONET_KEY }
  const launcher = ionet.launcher?.({ clock, env })
  const read = (from: typeof world.env) =>
    ionet.create({ clock, env: from, listings: async () => [] }).offers(testAsk({ maxSeconds: 600 }), signal)
  const firm = (await read(env)).offers.filter(({ id }) => id.includes('/'))
  expect(firm.length).toBeGreaterThan(1)
  expect(firm.map((one) => launcher?.refuses(one))).toEqual(firm.map(() => undefined))
  // Ten minutes are charged as all that a job may take of the hour that is paid ahead.
  expect(firm.every(({ minSeconds }) => minSeconds === 3000)).toBe(true)
  expect(launcher?.refuses({ ...offer, id: 'ionet:224' })).toContain('list price')
  const [listed] = (await read(world.env)).offers
  expect(listed?.bookable).toEqual({ no: expect.stringContaining('IONET_API_KEY') })
})
