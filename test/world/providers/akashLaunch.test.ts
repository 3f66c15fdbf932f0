// Necto's launcher at the stand-in Akash: one lease per job at most, never above the price, and everything closed.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../core/clock.ts'
import type { Launcher, LaunchOrder } from '../../../core/launch/launcher.ts'
import { perJobHour } from '../../../core/money.ts'
import { plainOffer } from '../../../core/pricing/testOffers.ts'
import { createAkashLauncher } from '../../../core/providers/akash/launch.ts'
import { AKASH_KEY } from './akashConsole.ts'
import { startProviders, type WorldProviders } from './startProviders.ts'

const signal = new AbortController().signal
const H100 = 'akash/h100/80Gi/SXM5'
const order: LaunchOrder = {
  jobId: `0x${'ab'.repeat(32)}`,
  attempt: 1,
  offer: plainOffer({ id: 'akash:nvidia/h100/80gi/sxm5', provider: 'akash' }),
  gpuCount: 1,
  ceilingUsdPerHour: perJobHour(1_500_000n),
  maxSeconds: 600,
  workload: { image: 'acme/train:1', command: ['true'] },
  machineUrl: 'http://127.0.0.1:9/machines/v1/x',
}
let world: WorldProviders
let launcher: Launcher
/** Sleeps pass at once, and what they take is counted. */
let passedMs = 0
const clock = {
  now: () => systemClock.now() + passedMs,
  sleep: (ms: number, ending?: AbortSignal) => {
    if (ms !== 3_000) return systemClock.sleep(ms, ending)
    passedMs += ms
    return Promise.resolve()
  },
}

beforeEach(async () => {
  world = await startProviders({ seed: 'akash', delayMs: [0, 0] })
  world.setPrice(H100, 1.2)
  world.akash.setStarting(false)
  launcher = createAkashLauncher({ baseUrl: world.env.AKASH_API_URL ?? '', key: AKASH_KEY, clock })
})
afterEach(() => world.stop())

const launch = (more: Partial<LaunchOrder> = {}) => launcher.launch({ ...order, ...more }, signal)
const machine = (ref?: string, askedAtMs = clock.now()) => ({ jobId: order.jobId, offer: order.offer, ref, askedAtMs })
const rented = (ref: string) => ({ ...machine(ref), ref })
const leases = () => world.akash.all().filter(({ lease }) => lease)
const closedByAll = () => expect(world.akash.open()).toEqual([])

describe('a launch', () => {
  test('is leased to the cheapest bid; asked again it is the same one', async () => {
    const { ref } = await launch()
    const [deployment] = world.akash.all()
    expect(deployment).toMatchObject({ dseq: ref, name: `necto ${order.jobId}`, runtimeLimitHours: 1 })
    expect(Number(deployment?.lease?.amount)).toBeLessThanOrEqual(2_500)
    expect(deployment?.lease?.provider).toBe('akash1bidder0')
    expect(JSON.stringify(deployment?.sdl)).not.toContain('"true"')
    expect(await launch()).toEqual({ ref })
    expect(await launcher.status(rented(ref), signal)).toEqual({ state: 'starting' })
    await launcher.stop(machine(ref), signal)
    closedByAll()
    await launcher.stop(machine(ref), signal)
    const invoice = await launcher.invoice?.(rented(ref), signal)
    expect(invoice).toMatchObject({ basis: 'charged' })
    expect(Number(invoice?.amountMicroUsd)).toBeCloseTo(Number(deployment?.lease?.amount) * 100, -1)
  })

  test('no provider at or below the price: waited for, then closed, for good', async () => {
    world.setPrice(H100, 90)
    const errors: unknown[] = []
    for (let call = 0; call < 4 && errors.length === call; call++) {
      await launch().catch((error: unknown) => errors.push(error))
      if (world.akash.open().length === 0) break
    }
    expect(errors.at(-1)).toMatchObject({ retry: 'never', message: expect.stringContaining('90 seconds') })
    expect(errors.slice(0, -1).every((error) => (error as { retry: string }).retry === 'unknown')).toBe(true)
    expect(world.akash.all()).toHaveLength(1)
    expect(leases()).toEqual([])
    closedByAll()
  })

  test.each([
    [400, 'bad_request', 'never'],
    [401, 'unauthorized', 'never'],
    [402, 'insufficient_balance', 'never'],
    [403, 'forbidden', 'never'],
    [429, 'rate_limited', 'later'],
    [503, 'unavailable', 'unknown'],
  ] as const)('refused with %i %s is %s, and rents nothing', async (status, code, retry) => {
    world.akash.fail('create', { status, code })
    await expect(launch()).rejects.toMatchObject({ retry })
    expect(world.akash.all()).toEqual([])
    expect(launcher.refuses(order.offer) === undefined).toBe(status !== 402)
  })

  test('whose answer was lost is found by its name', async () => {
    world.akash.fail('create', { status: 502, isDone: true })
    await expect(launch()).rejects.toMatchObject({ retry: 'unknown' })
    await launch()
    expect(world.akash.all()).toHaveLength(1)
  })

  test('made twice since the first could not be seen yet: the second is closed before anything is leased', async () => {
    world.akash.fail('create', { status: 502, isDone: true })
    await expect(launch()).rejects.toMatchObject({ retry: 'unknown' })
    const first = world.akash.all()[0]?.dseq ?? ''
    world.akash.hide(first, true)
    world.akash.fail('bids', { status: 503 })
    await expect(launch()).rejects.toMatchObject({ retry: 'unknown' })
    world.akash.hide(first, false)
    expect(await launch()).toEqual({ ref: first })
    expect(world.akash.open()).toHaveLength(1)
    expect(leases()).toHaveLength(1)
  })

  test.each([
    ['the lease made, the job not delivered', { status: 502, code: 'manifest_not_delivered', isDone: true }],
    ['the provider not reached', { status: 502, code: 'provider_unreachable' }],
    ['the answer lost', { status: 500, isDone: true }],
  ])('%s: asked again', async (_what, fault) => {
    world.akash.fail('lease', fault)
    await launch().catch(() => launch())
    expect(leases()).toHaveLength(1)
    expect(world.akash.open()).toHaveLength(1)
  })

  test('never delivered is closed, to be tried later', async () => {
    world.akash.fail(
      'lease',
      ...Array.from({ length: 99 }, () => ({ status: 502, code: 'manifest_not_delivered', isDone: true })),
    )
    let last: unknown
    for (let call = 0; call < 9 && (call === 0 || world.akash.open().length > 0); call++)
      last = await launch().catch((e: unknown) => e)
    expect(last).toMatchObject({ retry: 'later', message: expect.stringContaining('did not take') })
    closedByAll()
  })
})

describe('a rented machine', () => {
  test('runs on for all that is known while its provider is not reached', async () => {
    const { ref } = await launch()
    const { lease } = world.akash.all()[0] ?? {}
    if (lease) lease.reachable = false
    expect(await launcher.status(rented(ref), signal)).toEqual({ state: 'running' })
  })

  test.each([
    ['closed', 'reclaimed', 'closed the lease'],
    ['insufficient_funds', 'failed', 'ran out of money'],
  ] as const)('with its lease %s has ended', async (state, cause, words) => {
    const { ref } = await launch()
    const [deployment] = world.akash.all()
    if (deployment) world.akash.endLease(deployment, state)
    expect(await launcher.status(rented(ref), signal)).toMatchObject({
      state: 'ended',
      cause,
      why: expect.stringContaining(words),
    })
  })

  test('that Akash does not know is on its way at first, and gone later', async () => {
    expect(await launcher.status(rented('7'), signal)).toEqual({ state: 'starting' })
    expect(await launcher.status({ ...rented('7'), askedAtMs: 0 }, signal)).toMatchObject({ cause: 'failed' })
  })
})

describe('a stop', () => {
  test('without a name waits until nothing can appear any more', async () => {
    await expect(launcher.stop(machine(), signal)).rejects.toMatchObject({ retry: 'later' })
    await launcher.stop(machine(undefined, 0), signal)
  })

  test('closes what was made when the process died before it could write it down', async () => {
    await launch()
    // What is in the list may be an earlier one, and the last not be there yet.
    await expect(launcher.stop(machine(), signal)).rejects.toMatchObject({ code: 'akash.stopping', retry: 'later' })
    closedByAll()
    await launcher.stop(machine(undefined, 0), signal)
  })

  test('that fails is not taken for done', async () => {
    const { ref } = await launch()
    world.akash.fail('close', { status: 500 })
    await expect(launcher.stop(machine(ref), signal)).rejects.toMatchObject({ retry: 'unknown' })
    expect(world.akash.open()).toHaveLength(1)
  })
})

test('offers that an order cannot name, or that cost AKT, are refused in words', () => {
  const refuses = (more: Parameters<typeof plainOffer>[0]) => launcher.refuses({ ...order.offer, ...plainOffer(more) })
  expect(refuses({ id: 'akash:bid/nvidia/h100/80gi/sxm/usd' })).toBeUndefined()
  expect(refuses({ id: 'akash:nvidia/h100/80gi/nvlink' })).toContain('cannot name')
  const price = { model: 'token', token: 'AKT', tokensPerHour: '2', per: 'gpu', gpus: 1 } as const
  expect(refuses({ id: 'akash:bid/nvidia/h100/80gi/sxm/akt', price })).toContain('AKT')
})
