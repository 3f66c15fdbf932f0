// The launcher for Dispersed against the stand-in's jobs: what it asks for, at what price, and what its failures mean.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import type { LaunchOrder, Machine } from '../../../core/launch/launcher.ts'
import type { Offer } from '../../../core/market/offer.ts'
import { testAsk } from '../../../core/market/testMarket.ts'
import { perJobHour } from '../../../core/money.ts'
import { provider as render } from '../../../core/providers/render/index.ts'
import { createDispersedLauncher } from '../../../core/providers/render/launch.ts'
import { DISPERSED_KEYS } from './dispersedApi.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const signal = new AbortController().signal
const jobId = `0x${'a1'.repeat(32)}` as const
const machineUrl = `http://127.0.0.1:9/machines/v1/${'5e'.repeat(32)}`
const clock = createManualClock(Date.parse('2026-11-22T12:00:00Z'))
let world: WorldProviders
let offers: readonly Offer[]
beforeEach(async () => {
  world = await startProviders({ seed: 'test', clock, delayMs: [0, 0] })
  world.setPrice('dispersed/h100-8x-us-east-1', 16)
  const provider = render.create({ clock, env: world.env, listings: async () => [] })
  offers = (await provider.offers(testAsk(), signal)).offers
  // Nothing runs in these tests: the script would only wait for an answer.
  world.dispersed.set({ isStarting: false })
})
afterEach(() => world.stop())

const offerOf = (id: string) =>
  offers.find((offer) => offer.id === `render:dispersed/${id}`) ?? expect.unreachable(`no ${id}`)
const launcherOf = (more: { keys?: typeof DISPERSED_KEYS; skewMs?: number } = {}) => {
  const { keys = DISPERSED_KEYS, skewMs = 0 } = more
  const skewed = { now: () => clock.now() + skewMs, sleep: clock.sleep }
  return createDispersedLauncher({ baseUrl: world.env.DISPERSED_API_URL ?? '', keys, clock: skewed, timeoutMs: 20_000 })
}
const order = (more: Partial<LaunchOrder> = {}): LaunchOrder => ({
  jobId,
  attempt: 1,
  offer: offerOf('h100-8x-us-east-1'),
  gpuCount: 2,
  ceilingUsdPerHour: perJobHour(16_000_000n),
  maxSeconds: 3600,
  workload: { image: 'ghcr.io/acme/private-train:3', command: ['private-command'] },
  machineUrl,
  ...more,
})
const machine = (more: Partial<Machine> = {}): Machine => ({
  jobId,
  offer: offerOf('h100-8x-us-east-1'),
  askedAtMs: clock.now(),
  ...more,
})
const launch = (more: Partial<LaunchOrder> = {}) => launcherOf().launch(order(more), signal)
const jobs = () => world.dispersed.all()
const onlyJob = () => {
  const [job = expect.unreachable('no job'), ...others] = jobs()
  expect(others).toEqual([])
  return job
}
async function stopped(of: Machine = machine(), launcher = launcherOf()): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    try {
      return await launcher.stop(of, signal)
    } catch (error) {
      expect(error).toMatchObject({ retry: expect.stringMatching(/later|unknown/) })
      await clock.tick(10_000)
    }
  }
  expect.unreachable('it never stopped')
}

describe('launching', () => {
  test('creates one BATCH job for the whole node that was offered, in its region, that is never run again', async () => {
    const { ref } = await launch()
    expect(onlyJob()).toMatchObject({
      uuid: ref,
      node: { offerId: 'h100-8x-us-east-1' },
      order: {
        task: 'BATCH',
        gpu_count: 8,
        allowed_region_codes: ['us-east-1'],
        max_node_count: 1,
        max_retry_count: 0,
        max_timeout_run_ms: 3600_000 + 15 * 60_000,
        parameters: { parameters: { image: 'ghcr.io/acme/private-train', tag: '3' } },
      },
    })
  })

  test('tells Dispersed no command, and in the title nothing of the job on chain', async () => {
    await launch()
    expect(JSON.stringify(onlyJob().order)).not.toContain('private-command')
    expect(onlyJob().order.title).toMatch(/^necto-[0-9a-f]{32}$/)
    expect(onlyJob().order.title).not.toContain(jobId.slice(2, 12))
  })

  test('a node that costs more than was signed for: later, and nothing is created', async () => {
    await expect(launch({ ceilingUsdPerHour: perJobHour(15_999_999n) })).rejects.toMatchObject({
      code: 'render.price',
      retry: 'later',
      message: 'The price at Dispersed is above what was signed for just now.',
    })
    expect(jobs()).toEqual([])
  })

  test('a larger and dearer node that the same order may be given: later, and nothing is created', async () => {
    const small = { offer: offerOf('rtx-5090-1x-us-west-2'), gpuCount: 1 }
    await expect(launch({ ...small, ceilingUsdPerHour: perJobHour(900_000n) })).rejects.toMatchObject({
      code: 'render.price',
      retry: 'later',
      message: expect.stringContaining('might give the job a node that costs more'),
    })
    expect(jobs()).toEqual([])
    // The stand-in gives the dearest that fits, so at a price that covers it this is what comes of it.
    await launch({ ...small, ceilingUsdPerHour: perJobHour(9_000_000n) })
    expect(onlyJob().node?.offerId).toBe('rtx-5090-6x-us-west-2')
  })

  test('an offer that is gone is served by one of its kind, and by nothing else', async () => {
    const gone = { ...offerOf('h100-8x-us-east-1'), id: 'render:dispersed/gone' }
    await launch({ offer: gone })
    expect(onlyJob().node?.offerId).toBe('h100-8x-us-east-1')
    const other = { offer: { ...gone, gpusPerNode: 4 }, jobId: `0x${'b2'.repeat(32)}` } as const
    await expect(launch(other)).rejects.toMatchObject({ code: 'render.capacity', retry: 'later' })
  })

  test.each([
    [400, 'No available node matches the job', 'render.capacity', 'later'],
    [400, 'Job quota reached', 'render.quota', 'never'],
    [400, 'something else', 'render.request', 'never'],
    [401, 'Invalid API key', 'render.refused', 'never'],
    [402, 'Insufficient credits', 'render.credits', 'never'],
    [403, 'Missing permission', 'render.refused', 'never'],
    [409, 'Conflict', 'render.unreachable', 'unknown'],
    [429, 'Rate limit exceeded', 'http.busy', 'later'],
    [500, 'Internal Server Error', 'render.unreachable', 'unknown'],
  ])('a job refused with %i "%s"', async (status, message, code, retry) => {
    world.dispersed.fail('create', { status, message })
    await expect(launch()).rejects.toMatchObject({ code, retry })
  })

  test('wrong keys are refused for good, a wrong clock is told from them and passes', async () => {
    const keys = { ...DISPERSED_KEYS, secretKey: 'sk_wrong' }
    await expect(launcherOf({ keys }).standing?.(signal)).rejects.toMatchObject({ retry: 'never' })
    expect(await launcherOf().standing?.(signal)).toEqual({ mayRent: true, text: 'Dispersed knows the keys' })
    await expect(launcherOf({ keys }).launch(order(), signal)).rejects.toMatchObject({
      code: 'render.refused',
      retry: 'never',
      message: 'Necto’s account at Dispersed may run no jobs.',
    })
    await expect(launcherOf({ skewMs: 360_000 }).launch(order(), signal)).rejects.toMatchObject({
      code: 'render.clock',
      retry: 'later',
    })
  })

  test('Dispersed out of reach, or slow, before anything was asked for: later', async () => {
    const expected = { code: 'render.unreachable', retry: 'later' }
    world.faults.set('dispersed', { kind: 'down' })
    await expect(launch()).rejects.toMatchObject(expected)
    world.faults.set('dispersed', { kind: 'slow', delayMs: 600_000 })
    const before = world.requests('dispersed').length
    const failed = expect(launch()).rejects.toMatchObject(expected)
    await expect.poll(() => world.requests('dispersed')).toHaveLength(before + 1)
    await clock.tick(20_000)
    await failed
  })

  test.each([
    ['no command', { image: 'a', command: [] }, 'render.workload'],
    ['a digest', { image: `a@sha256:${'0'.repeat(64)}`, command: ['true'] }, 'render.image'],
  ])('a job with %s is refused for good', async (_what, workload, code) => {
    await expect(launch({ workload })).rejects.toMatchObject({ code, retry: 'never' })
  })
})

describe('an answer that never came', () => {
  test('asked again, also by another process, it is the same one', async () => {
    world.dispersed.fail('create', { status: 502, isDone: true })
    await expect(launch()).rejects.toMatchObject({ retry: 'unknown' })
    expect(await launch({ attempt: 2 })).toEqual({ ref: onlyJob().uuid })
  })

  test('and a list that lags: also another process creates no second one while there may be one', async () => {
    world.dispersed.fail('create', { status: 502, isDone: true })
    world.dispersed.set({ isListed: false })
    await expect(launch()).rejects.toMatchObject({ retry: 'unknown' })
    await expect(launch({ isUnsure: true })).rejects.toMatchObject({ code: 'render.unsure', retry: 'later' })
    expect(jobs()).toHaveLength(1)
    // By now the list would show it; where it lags even so, the first is the job's and stop ends both.
    await launch()
    world.dispersed.set({ isListed: true })
    expect(await launch({ isUnsure: true })).toEqual({ ref: jobs()[0]?.uuid })
    await stopped()
    expect(jobs().map(({ status }) => status)).toEqual(['CANCELLED', 'CANCELLED'])
  })

  test('it is found among more than a page of others', async () => {
    const { ref } = await launch()
    for (let others = 0; others < 60; others += 1) await launch({ jobId: `0x${others.toString(16).padStart(64, '0')}` })
    expect(await launch()).toEqual({ ref })
  })
})

describe('giving back', () => {
  test('is done when Dispersed says cancelled, however often it is asked, also without a ref', async () => {
    await launch()
    await expect(launcherOf().stop(machine(), signal)).rejects.toMatchObject({
      code: 'render.stopping',
      retry: 'later',
    })
    await stopped()
    expect(onlyJob().status).toBe('CANCELLED')
    await stopped()
  })

  test('a job that ended by itself needs no more than a look', async () => {
    const { ref } = await launch()
    world.dispersed.bring(onlyJob(), 'COMPLETED')
    await launcherOf().stop({ ...machine(), ref }, signal)
    expect(world.requests('dispersed').filter((request) => request.startsWith('PUT'))).toEqual([])
  })

  test('a refusal that passes is asked again', async () => {
    await launch()
    world.dispersed.fail('cancel', { status: 500 }, { status: 429 })
    await stopped()
    expect(onlyJob().status).toBe('CANCELLED')
  })

  test('one of its title that is over says nothing of another, which may not be listed yet', async () => {
    await launch()
    world.dispersed.bring(onlyJob(), 'COMPLETED')
    await expect(launcherOf().stop(machine(), signal)).rejects.toMatchObject({ code: 'render.stopping' })
    await stopped()
  })

  test('nothing was ever made', () => stopped())
})

describe('status', () => {
  test.each([
    ['PENDING', { state: 'starting' }],
    ['ASSIGNED', { state: 'starting' }],
    ['A_NEW_WORD', { state: 'starting' }],
    ['RUNNING', { state: 'running' }],
    ['COMPLETED', { state: 'ended', cause: 'exited', why: expect.stringContaining('must start with bash') }],
    ['FAILED', { state: 'ended', cause: 'failed', why: 'Dispersed could not run the job.' }],
    ['CANCELLED', { state: 'ended', cause: 'reclaimed' }],
  ])('%s', async (status, expected) => {
    const { ref } = await launch()
    world.dispersed.bring(onlyJob(), status)
    expect(await launcherOf().status({ ...machine(), ref }, signal)).toMatchObject(expected)
  })

  test('one that no node takes within five minutes has failed', async () => {
    world.setPrice('dispersed/h100-8x-us-east-1', 15)
    const { ref } = await launch()
    world.dispersed.bring(onlyJob(), 'PENDING')
    await clock.tick(299_000)
    expect(await launcherOf().status({ ...machine(), ref }, signal)).toEqual({ state: 'starting' })
    await clock.tick(2_000)
    expect(await launcherOf().status({ ...machine(), ref }, signal)).toMatchObject({ state: 'ended', cause: 'failed' })
  })

  test('one that is gone', async () => {
    const rented = { ...machine(), ref: '01234567-89ab-7def-8123-456789abcdef' }
    expect(await launcherOf().status(rented, signal)).toEqual({ state: 'starting' })
    await clock.tick(3 * 60_000)
    expect(await launcherOf().status(rented, signal)).toMatchObject({ state: 'ended', cause: 'failed' })
  })
})

test('the invoice is what the ledger has captured for its run, once it is there', async () => {
  const { ref } = await launch()
  const rented = { ...machine(), ref }
  await clock.tick(15 * 60_000)
  world.dispersed.set({ isCharged: false, looksToCancel: 0 })
  await stopped(rented)
  await expect(launcherOf().invoice?.(rented, signal)).rejects.toMatchObject({ retry: 'later' })
  world.dispersed.set({ isCharged: true })
  expect(await launcherOf().invoice?.(rented, signal)).toMatchObject({ amountMicroUsd: 4_000_000n, basis: 'charged' })
})

test('with both keys there is a launcher; it takes a node than which none dearer may come of the order', () => {
  expect(render.launcher?.({ clock, env: { ...world.env, DISPERSED_SECRET_KEY: undefined } })).toBeUndefined()
  const launcher = render.launcher?.({ clock, env: world.env })
  const refused = (id: string) => launcher?.refuses(offerOf(id), offers)
  expect(refused('h100-8x-us-east-1')).toBeUndefined()
  expect(refused('rtx-5090-6x-us-west-2')).toBeUndefined()
  expect(refused('rtx-4090-1x-eu-central-1')).toBeUndefined()
  expect(refused('rtx-5090-1x-us-west-2')).toContain('one there costs more')
  const card = offers.find(({ estimated }) => estimated !== undefined) ?? expect.unreachable('no rate card')
  expect(launcher?.refuses(card, offers)).toBeDefined()
  expect(launcher?.refuses({ ...offerOf('h100-8x-us-east-1'), region: [] }, offers)).toBeDefined()
  expect(offerOf('h100-8x-us-east-1').bookable).toEqual({ no: expect.stringContaining('BROKER_PAYOUT_ADDRESS') })
})
