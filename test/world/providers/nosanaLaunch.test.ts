// The Nosana launcher against the stand-in's deployments, which really run what they are given.

import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../core/clock.ts'
import type { LaunchOrder, Machine } from '../../../core/launch/launcher.ts'
import { perJobHour } from '../../../core/money.ts'
import { plainOffer } from '../../../core/pricing/testOffers.ts'
import { provider as nosana } from '../../../core/providers/nosana/index.ts'
import { createNosanaLauncher } from '../../../core/providers/nosana/launch.ts'
import { createMachineApi } from '../../../keeper/api/createMachineApi.ts'
import { openRenting } from '../../../keeper/tasks/testRenting.ts'
import { startNosana } from './nosanaApi.ts'
import { NOSANA_KEY } from './nosanaDeployments.ts'

const signal = new AbortController().signal
const jobId = `0x${'a1'.repeat(32)}` as const
const SECRET_URL = `http://127.0.0.1:9/machines/v1/${'5e'.repeat(32)}`
const { payee: _, ...plain } = plainOffer({ provider: 'nosana' })
const offer = { ...plain, id: 'nosana:nvidia-4090', bookable: true as const }
const stops: (() => unknown)[] = []

async function open() {
  const clock = createManualClock(Date.UTC(2026, 10, 23))
  const context = { seed: 't', clock, originMs: 0, pinned: () => undefined, delay: () => () => 0 }
  const { deployments, server } = await startNosana(context)
  stops.push(() => server.stop())
  const make = () =>
    createNosanaLauncher({ clock, hosts: [server.url], deploymentsUrl: server.url, apiKey: NOSANA_KEY })
  return { clock, deployments, faults: deployments.faults, server, launcher: make(), make }
}
let bed: Awaited<ReturnType<typeof open>>
beforeEach(async () => {
  bed = await open()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const order = (more: Partial<LaunchOrder> = {}): LaunchOrder => ({
  jobId,
  attempt: 1,
  offer,
  gpuCount: 1,
  ceilingUsdPerHour: perJobHour(1_000_000n),
  maxSeconds: 7200,
  workload: { image: 'docker.io/acme/private-train:3', command: ['private-command'] },
  machineUrl: SECRET_URL,
  ...more,
})
const machine = (more: Partial<Machine> = {}): Machine => ({ jobId, offer, askedAtMs: bed.clock.now(), ...more })
const launch = (more: Partial<LaunchOrder> = {}) => bed.launcher.launch(order(more), signal)
/** Until nothing is billed, as the keeper asks. */
async function stopped(of: Machine = machine()): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    try {
      return await bed.launcher.stop(of, signal)
    } catch (error) {
      expect(error).toMatchObject({ retry: expect.stringMatching(/later|unknown/) })
      await bed.clock.tick(10_000)
    }
  }
  expect.unreachable('it never stopped')
}
const statuses = () => bed.deployments.ofJobs().map(({ status }) => status)

describe('launching', () => {
  test('makes one SIMPLE deployment, confidential, in the offered market, with time to spare', async () => {
    bed.faults.noHost = true
    const { ref } = await launch()
    expect(bed.deployments.ofJobs()).toMatchObject([
      { id: ref, status: 'RUNNING', confidential: true, body: { name: `necto-${jobId}`, timeout: 150, replicas: 1 } },
    ])
    expect(bed.deployments.ofJobs()[0]?.body.market).toBe('97G9NnvBDQ2WpKu6fasoMsAKmfj63C9rhysJnkeWodAf')
  })

  test('a short job has the least time that credits allow', async () => {
    bed.faults.noHost = true
    await launch({ maxSeconds: 60 })
    expect(bed.deployments.ofJobs()[0]?.body.timeout).toBe(60)
  })

  test('shows nobody image, command or the machine’s address', async () => {
    bed.faults.noHost = true
    await launch()
    expect(JSON.stringify(bed.deployments.ofJobs()[0]?.body)).not.toContain('private-command')
    for (const word of ['private', '5e5e', 'acme', jobId]) expect(bed.deployments.published()).not.toContain(word)
  })

  test.each([{ ignoresConfidential: true }, { pinsConfidential: true }])(
    'gives nothing to a Nosana that would show it: %o',
    async (fault) => {
      Object.assign(bed.faults, fault)
      await expect(launch()).rejects.toMatchObject({ code: 'nosana.public', retry: 'never' })
      expect(bed.deployments.ofJobs()).toEqual([])
      expect(bed.deployments.published()).not.toMatch(/private|5e5e/)
    },
  )

  test('above what was signed for: later, and nothing is made', async () => {
    await expect(launch({ ceilingUsdPerHour: perJobHour(1n) })).rejects.toMatchObject({
      code: 'nosana.price',
      retry: 'later',
    })
    expect(bed.deployments.ofJobs()).toEqual([])
  })

  test('without credits for the whole time: never, and nothing is made', async () => {
    bed.faults.credits = 0.1
    await expect(launch()).rejects.toMatchObject({ code: 'nosana.credits', retry: 'never' })
    expect(bed.deployments.ofJobs()).toEqual([])
  })

  test.each([
    [402, 'nosana.credits', 'never'],
    [403, 'nosana.refused', 'never'],
    [400, 'nosana.request', 'never'],
    [409, 'nosana.repeated', 'unknown'],
    [500, 'nosana.unreachable', 'unknown'],
    [429, 'http.busy', 'later'],
  ])('a create or start refused with %i', async (status, code, retry) => {
    await bed.launcher.launch(order({ jobId: `0x${'b2'.repeat(32)}` }), signal)
    for (const call of ['create', 'start'] as const) {
      bed.faults.refuse = { call, status, error: 'no' }
      await expect(launch()).rejects.toMatchObject({ code, retry })
    }
  })

  test('the account rents as long as it has credits', async () => {
    expect(await bed.launcher.standing?.(signal)).toEqual({ mayRent: true, text: '100.00 USD of credits at Nosana' })
    bed.faults.credits = 0
    expect(await bed.launcher.standing?.(signal)).toMatchObject({ mayRent: false })
  })

  test('a key that Nosana does not know is refused for good', async () => {
    const { url } = bed.server
    const other = createNosanaLauncher({ clock: bed.clock, hosts: [url], deploymentsUrl: url, apiKey: 'nos_no' })
    await expect(other.launch(order(), signal)).rejects.toMatchObject({ code: 'nosana.refused', retry: 'never' })
    await expect(other.standing?.(signal)).rejects.toMatchObject({ code: 'nosana.refused', retry: 'never' })
  })

  test('a job without a command, or with an image of no name, is refused for good', async () => {
    await expect(launch({ workload: { image: 'a', command: [] } })).rejects.toMatchObject({ code: 'nosana.workload' })
  })
})

describe('an answer that never came', () => {
  test.each(['create', 'start'] as const)('to %s: asked again it is the same one', async (call) => {
    bed.faults.noHost = true
    await bed.launcher.launch(order({ jobId: `0x${'b2'.repeat(32)}` }), signal)
    bed.faults.loseAnswer = call
    const first = await launch().catch((error: unknown) => error)
    if (call === 'create') expect(first).toMatchObject({ retry: 'unknown' })
    // The process ended before it could write anything down.
    const { ref } = await bed.make().launch(order(), signal)
    expect(bed.deployments.ofJobs().filter(({ body }) => body.name.endsWith(jobId))).toMatchObject([
      { id: ref, status: 'RUNNING' },
    ])
  })

  test('and a list that lags: still not a second one', async () => {
    bed.faults.noHost = true
    await launch()
    bed.faults.listLags = true
    await expect(bed.make().launch(order(), signal)).rejects.toMatchObject({ retry: 'unknown' })
    expect(bed.deployments.ofJobs()).toHaveLength(1)
    // What cannot be seen yet is not taken for stopped.
    await expect(bed.launcher.stop(machine(), signal)).rejects.toMatchObject({ retry: 'later' })
  })
})

describe('giving back', () => {
  test('is done when Nosana says stopped, however often it is asked, also without a ref', async () => {
    bed.faults.noHost = true
    bed.faults.stopsAfter = 3
    await launch()
    await expect(bed.launcher.stop(machine(), signal)).rejects.toMatchObject({ code: 'nosana.stopping' })
    await stopped()
    expect(statuses()).toEqual(['STOPPED'])
    await stopped()
  })

  test('a stop that Nosana refuses for a while is asked for again', async () => {
    bed.faults.noHost = true
    await launch()
    bed.faults.refuse = { call: 'stop', status: 500, error: 'Deployment is in incorrect state' }
    await expect(bed.launcher.stop(machine(), signal)).rejects.toMatchObject({ retry: 'later' })
    delete bed.faults.refuse
    await stopped()
    expect(statuses()).toEqual(['STOPPED'])
  })

  test('a draft whose start never came is no longer waited for after a while', async () => {
    bed.faults.refuse = { call: 'start', status: 500, error: 'no' }
    await expect(launch()).rejects.toMatchObject({ retry: 'unknown' })
    const asked = machine()
    await expect(bed.launcher.stop(asked, signal)).rejects.toMatchObject({ retry: 'later' })
    await stopped(asked)
  })

  test('one of its name that is over says nothing of another, which may not be listed yet', async () => {
    bed.faults.comesTo = 'STOPPED'
    const { ref } = await launch()
    await expect(bed.launcher.stop(machine(), signal)).rejects.toMatchObject({ code: 'nosana.stopping' })
    await bed.launcher.stop({ ...machine(), ref }, signal)
    await stopped()
  })

  test('nothing was ever made', () => stopped())
})

describe('status', () => {
  test.each([
    ['STARTING', { state: 'starting' }],
    ['A_NEW_WORD', { state: 'starting' }],
    ['STOPPED', { state: 'ended', cause: 'exited' }],
    ['COMPLETED', { state: 'ended', cause: 'exited' }],
    ['ERROR', { state: 'ended', cause: 'failed' }],
    ['INSUFFICIENT_FUNDS', { state: 'ended', cause: 'failed', why: expect.stringContaining('credits') }],
  ])('%s', async (status, expected) => {
    bed.faults.comesTo = status
    const { ref } = await launch()
    expect(await bed.launcher.status({ ...machine(), ref }, signal)).toMatchObject(expected)
  })

  test('no host for ten minutes ends it, in plain words', async () => {
    bed.faults.noHost = true
    const { ref } = await launch()
    const rented = { ...machine(), ref }
    expect(await bed.launcher.status(rented, signal)).toEqual({ state: 'starting' })
    await bed.clock.tick(11 * 60_000)
    expect(await bed.launcher.status(rented, signal)).toMatchObject({
      state: 'ended',
      why: expect.stringContaining('No host'),
    })
  })

  test('one that is gone', async () => {
    const rented = { ...machine(), ref: 'QmNone' }
    await expect(bed.launcher.status(rented, signal)).rejects.toMatchObject({ code: 'nosana.not-found' })
    await bed.clock.tick(3 * 60_000)
    expect(await bed.launcher.status(rented, signal)).toMatchObject({ state: 'ended', cause: 'failed' })
  })
})

test('a real job: fetched, run, log and output handed in, ended; then stopped and worked out', async () => {
  const renting = await openRenting()
  const server = serve({ fetch: createMachineApi(renting.desk).fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  stops.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const machineUrl = `http://127.0.0.1:${port}/machines/v1/${renting.job().token}`
  // The program of the test's job does not exist here, which is an end like any other.
  const { ref } = await launch({ machineUrl })
  await expect.poll(async () => (await renting.now()).state, { timeout: 20_000 }).toBe('finishing')
  expect((await renting.now()).run).toMatchObject({ exitCode: expect.any(Number) })
  await expect.poll(statuses, { timeout: 10_000 }).toEqual(['STOPPED'])
  await stopped()
  expect(await bed.launcher.invoice?.({ ...machine(), ref }, signal)).toMatchObject({ basis: 'computed' })
}, 40_000)

test('there is a launcher only with a key, and it takes only markets', () => {
  const clock = createManualClock(0)
  expect(nosana.launcher?.({ clock, env: {} })).toBeUndefined()
  const launcher = nosana.launcher?.({ clock, env: { NOSANA_API_KEY: NOSANA_KEY } })
  expect(launcher?.refuses(offer)).toBeUndefined()
  expect(launcher?.refuses({ ...offer, id: 'other:x' })).toBe('Necto does not know this market')
})
