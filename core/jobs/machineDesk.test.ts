// The desk of rented machines: whoever holds the token is the job's machine, at the right time, and each call acts once.
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { createTestLauncher } from '../launch/testLauncher.ts'
import { applyRouterEvent } from './applyRouterEvent.ts'
import { createMachineDesk, type MachineDesk } from './createMachineDesk.ts'
import { createRunnerDesk } from './createRunnerDesk.ts'
import { readLog, readOutput } from './jobLog.ts'
import { brokerPayout } from './testJobMarket.ts'
import {
  createTestJobs,
  fundedEvent,
  runner,
  secretWorkload,
  settledEvent,
  startedEvent,
  stopEvent,
  type TestJobs,
} from './testJobs.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const bytes = (text: string) => new TextEncoder().encode(text)
const text = (content: Uint8Array) => new TextDecoder().decode(content)
let shop: TestJobs
let desk: MachineDesk
let job: Awaited<ReturnType<TestJobs['signed']>>
let token: string
beforeEach(async () => {
  shop = await createTestJobs({ clock, launcher: createTestLauncher().launcher })
  desk = createMachineDesk(shop.context)
  job = await shop.signed()
  token = job.launch?.token ?? expect.unreachable('no machine is to be rented')
})
const now = () => shop.jobOf(job.ref)
async function activates() {
  await applyRouterEvent(shop.context, fundedEvent(job.terms))
  await applyRouterEvent(shop.context, startedEvent(job.jobId, clock.now()))
}

describe('the order', () => {
  test('keeps the offer as sealed, the wallet that is paid, and a token of 256 bits', async () => {
    expect(job.launch).toMatchObject({ provider: 'rented', offer: { id: 'rented:machine-1' }, payout: brokerPayout })
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(job.listingId).toBeUndefined()
  })

  test('holds nobody’s capacity, and needs none when the payment comes', async () => {
    expect(await shop.reservations()).toEqual({})
    await applyRouterEvent(shop.context, fundedEvent(job.terms))
    const paid = await now()
    expect(paid.state).toBe('funded')
    expect(paid.cancelReason).toBeUndefined()
  })

  test('is no seller’s', async () => {
    await activates()
    expect(await createRunnerDesk(shop.context).next(runner.address)).toBeUndefined()
    expect(await createRunnerDesk(shop.context).accept(runner.address, job.jobId)).toMatchObject({
      code: 'unknown-job',
    })
  })
})

describe('whose job it is', () => {
  test('to a stranger every call looks as if there were no such job', async () => {
    await activates()
    const other = 'ab'.repeat(32)
    const refused = { ok: false, code: 'unknown-job' }
    expect(await desk.knows(other)).toBe(false)
    for (const answer of [
      await desk.job(other),
      await desk.started(other, 'a'),
      await desk.heartbeat(other),
      await desk.log(other, { offset: 0, bytes: bytes('x') }),
      await desk.output(other, bytes('x')),
      await desk.ended(other, { exitCode: 0 }),
    ])
      expect(answer).toMatchObject(refused)
  })

  test('the machine sees what to run and its secrets, but nothing of who asked, and only while it may run', async () => {
    await shop.context.secrets.insert(job.ref, { env: { API_KEY: 'hush' } })
    expect(await desk.job(token)).toMatchObject({ code: 'wrong-state' })
    await activates()
    expect(await desk.job(token)).toEqual({
      ok: true,
      value: { jobId: job.jobId, workload: secretWorkload, gpuCount: 1, maxSeconds: 14_400, env: { API_KEY: 'hush' } },
    })
    await desk.started(token, 'a')
    await desk.ended(token, { exitCode: 0 })
    expect(await desk.job(token)).toMatchObject({ code: 'wrong-state' })
  })

  test('an ended job knows its machine no more', async () => {
    await activates()
    await desk.started(token, 'a')
    await applyRouterEvent(shop.context, settledEvent(job.terms, 60))
    expect(await desk.knows(token)).toBe(false)
    expect(await desk.heartbeat(token)).toMatchObject({ code: 'unknown-job' })
  })
})

describe('running it', () => {
  beforeEach(activates)

  test('starts once; a second boot or machine is told that it is not to run it', async () => {
    expect(await desk.started(token, 'a')).toEqual({ ok: true, value: {} })
    const { run } = await now()
    expect(run).toMatchObject({ runner: brokerPayout, acceptedAtMs: clock.now() })
    await clock.tick(5_000)
    expect(await desk.started(token, 'a')).toEqual({ ok: true, value: {} })
    expect(await desk.started(token, 'b')).toMatchObject({ code: 'wrong-state' })
    expect((await now()).run).toEqual(run)
  })

  test('nothing is taken before it started, nor after it ended', async () => {
    const late = async () => [
      await desk.log(token, { offset: 0, bytes: bytes('x') }),
      await desk.output(token, bytes('x')),
    ]
    expect(await desk.heartbeat(token)).toMatchObject({ code: 'wrong-state' })
    for (const answer of await late()) expect(answer).toMatchObject({ code: 'wrong-state' })
    await desk.started(token, 'a')
    await desk.ended(token, { exitCode: 0 })
    for (const answer of await late()) expect(answer).toMatchObject({ code: 'wrong-state' })
    expect(await desk.heartbeat(token)).toEqual({ ok: true, value: { stop: true } })
  })

  test('signs of life, log and output are kept as a runner’s are', async () => {
    await desk.started(token, 'a')
    await clock.tick(7_000)
    expect(await desk.heartbeat(token)).toEqual({ ok: true, value: { stop: false } })
    expect((await now()).run?.lastSeenAtMs).toBe(clock.now())
    expect(await desk.log(token, { offset: 0, bytes: bytes('he') })).toMatchObject({ value: { nextOffset: 2 } })
    expect(await desk.log(token, { offset: 0, bytes: bytes('hello') })).toMatchObject({ value: { nextOffset: 2 } })
    expect(await desk.log(token, { offset: 2, bytes: bytes('llo') })).toMatchObject({ value: { nextOffset: 5 } })
    await desk.output(token, bytes('out'))
    const { blobs } = shop.context
    expect(text(await readLog({ blobs, jobId: job.jobId, chunks: 2 }))).toBe('hello')
    expect(text(await readOutput({ blobs, jobId: job.jobId }))).toBe('out')
  })

  test('a stop is told by the next heartbeat; one before the start lets nothing run', async () => {
    await desk.started(token, 'a')
    await applyRouterEvent(shop.context, stopEvent(job.terms))
    expect(await desk.heartbeat(token)).toEqual({ ok: true, value: { stop: true } })
    job = await shop.signed()
    token = job.launch?.token ?? ''
    await activates()
    await applyRouterEvent(shop.context, stopEvent(job.terms))
    expect(await desk.job(token)).toMatchObject({ code: 'wrong-state' })
    expect(await desk.started(token, 'a')).toMatchObject({ code: 'wrong-state' })
  })

  test('the end is kept with its exit code, and told again it changes nothing', async () => {
    await desk.started(token, 'a')
    await clock.tick(61_000)
    expect(await desk.ended(token, { exitCode: 3 })).toEqual({ ok: true, value: {} })
    const ended = await now()
    expect(ended).toMatchObject({ state: 'finishing', run: { exitCode: 3, endedAtMs: clock.now() } })
    await clock.tick(5_000)
    expect(await desk.ended(token, { exitCode: 0 })).toEqual({ ok: true, value: {} })
    expect(await now()).toEqual(ended)
  })

  test('a machine that is taken back says so, and people read it', async () => {
    await desk.started(token, 'a')
    await desk.ended(token, { exitCode: 143, isReclaimed: true })
    expect((await now()).launch?.why).toContain('took the machine back')
  })

  test('an end before the start says that the image could not be started, and nothing ran', async () => {
    expect(await desk.ended(token, { exitCode: 125 })).toEqual({ ok: true, value: {} })
    const ended = await now()
    expect(ended).toMatchObject({ state: 'finishing', launch: { why: expect.stringContaining('could not start') } })
    expect(ended.run).toBeUndefined()
    expect(await desk.ended(token, { exitCode: 125 })).toEqual({ ok: true, value: {} })
    expect(await desk.started(token, 'a')).toMatchObject({ code: 'wrong-state' })
  })
})
