// The runners' desk: own jobs only, one acceptance, a log without gaps, a receipt that fits what arrived.
import { type Hex, sha256 } from 'viem'
import { beforeEach, describe, expect, test } from 'vitest'
import { createManualClock } from '../clock.ts'
import { updateDocument } from '../store/updateDocument.ts'
import { blindHash } from '../supply/blindHash.ts'
import { signReceipt } from '../supply/receiptSignature.ts'
import { applyRouterEvent } from './applyRouterEvent.ts'
import { createRunnerDesk } from './createRunnerDesk.ts'
import { putLogChunk, readOutput } from './jobLog.ts'
import type { Receipt, RunnerDesk } from './runnerDesk.ts'
import {
  createTestJobs,
  fundedEvent,
  otherRunner,
  place,
  runner,
  secretWorkload,
  startedEvent,
  stopEvent,
  type TestJobs,
} from './testJobs.ts'

const clock = createManualClock(Date.UTC(2026, 10, 23))
const bytes = (text: string) => new TextEncoder().encode(text)
const own = runner.address
let shop: TestJobs
let desk: RunnerDesk
let job: Awaited<ReturnType<TestJobs['signed']>>
beforeEach(async () => {
  shop = await createTestJobs({ clock })
  desk = createRunnerDesk(shop.context)
  job = await shop.signed()
  await applyRouterEvent(shop.context, fundedEvent(job.terms))
  await applyRouterEvent(shop.context, startedEvent(job.jobId, clock.now()))
})
const now = () => shop.jobOf(job.ref)
const log = (offset: number, text: string) => desk.log(own, job.jobId, { offset, bytes: bytes(text) })
const salt = `0x${'5a'.repeat(32)}` as const
const fitting = (change: Partial<Receipt> = {}): Receipt => ({
  jobId: job.jobId,
  usedSeconds: 60,
  exitCode: 0,
  reason: 'exited',
  logHash: blindHash('log', { salt, hash: sha256(bytes('hello')) }),
  outputHash: blindHash('output', { salt, hash: sha256(bytes('out')) }),
  ...change,
})
const receipt = async (change: Partial<Receipt> = {}, account = runner) =>
  desk.receipt(own, job.jobId, {
    ...(await signReceipt({ account, receipt: fitting(change), chainId: place.chainId })),
    salt,
  })
const runs = async () => {
  await desk.accept(own, job.jobId)
  await log(0, 'hello')
  await desk.output(own, job.jobId, bytes('out'))
}

describe('whose job it is', () => {
  test('a runner is offered its own and sees nothing of who asked', async () => {
    expect(await desk.next(own)).toEqual({
      jobId: job.jobId,
      workload: secretWorkload,
      gpuCount: 1,
      maxSeconds: 14_400,
    })
  })

  test('to a stranger every call looks as if there were no such job', async () => {
    await desk.accept(own, job.jobId)
    const stranger = otherRunner.address
    expect(await desk.knows(stranger)).toBe(false)
    expect(await desk.next(stranger)).toBeUndefined()
    const none: Hex = `0x${'ab'.repeat(32)}`
    const refused = { ok: false, code: 'unknown-job' }
    for (const [who, id] of [
      [stranger, job.jobId],
      [own, none],
    ] as const) {
      expect(await desk.accept(who, id)).toMatchObject(refused)
      expect(await desk.heartbeat(who, id)).toMatchObject(refused)
      expect(await desk.log(who, id, { offset: 0, bytes: bytes('x') })).toMatchObject(refused)
      expect(await desk.output(who, id, bytes('x'))).toMatchObject(refused)
    }
    expect((await now()).run?.logBytes).toBe(0)
  })

  test('a listing that is not live gives its runner nothing', async () => {
    await updateDocument({
      collection: shop.context.listings,
      id: shop.listing.id,
      change: (l) => ({ ...l, state: 'approved' as const }),
    })
    expect(await desk.next(own)).toBeUndefined()
    expect(await desk.accept(own, job.jobId)).toMatchObject({ code: 'unknown-job' })
  })
})

describe('taking it', () => {
  test('twice is the same acceptance, however the address is written', async () => {
    expect((await desk.accept(own, job.jobId)).ok).toBe(true)
    const { run } = await now()
    await clock.tick(5_000)
    expect((await desk.accept(own.toLowerCase() as Hex, job.jobId)).ok).toBe(true)
    expect((await now()).run).toEqual(run)
  })

  test('a job that was stopped before is neither offered nor given', async () => {
    await applyRouterEvent(shop.context, stopEvent(job.terms))
    expect(await desk.next(own)).toBeUndefined()
    expect(await desk.accept(own, job.jobId)).toMatchObject({ code: 'wrong-state' })
  })

  test('a stop while it runs is told by the next heartbeat', async () => {
    await desk.accept(own, job.jobId)
    expect(await desk.heartbeat(own, job.jobId)).toMatchObject({ value: { stop: false } })
    await applyRouterEvent(shop.context, stopEvent(job.terms))
    expect(await desk.heartbeat(own, job.jobId)).toMatchObject({ value: { stop: true } })
  })

  test('before it is taken nothing of it is accepted', async () => {
    for (const answer of [
      await desk.heartbeat(own, job.jobId),
      await log(0, 'x'),
      await desk.output(own, job.jobId, bytes('x')),
      await receipt(),
    ])
      expect(answer).toMatchObject({ code: 'wrong-state' })
  })
})

describe('the log', () => {
  test('grows without gap and without repetition', async () => {
    await desk.accept(own, job.jobId)
    expect(await log(0, 'he')).toMatchObject({ value: { nextOffset: 2 } })
    expect(await log(0, 'he')).toMatchObject({ value: { nextOffset: 2 } })
    expect(await log(5, 'gap')).toMatchObject({ value: { nextOffset: 2 } })
    expect(await log(2, '')).toMatchObject({ value: { nextOffset: 2 } })
    expect(await log(2, 'llo')).toMatchObject({ value: { nextOffset: 5 } })
    expect(await now()).toMatchObject({ run: { logBytes: 5, logChunks: 2 } })
  })

  test('a chunk repeated with more in it, while the first is still under way, leaves no byte double', async () => {
    await desk.accept(own, job.jobId)
    await Promise.all([log(0, 'he'), log(0, 'hello')])
    const { logBytes = 0 } = (await now()).run ?? {}
    await log(logBytes, 'hello'.slice(logBytes))
    await desk.output(own, job.jobId, bytes('out'))
    expect(await receipt()).toMatchObject({ ok: true })
  })

  test('a chunk written before a crash and sent again is taken once', async () => {
    await desk.accept(own, job.jobId)
    await putLogChunk({ blobs: shop.context.blobs, jobId: job.jobId, number: 0, bytes: bytes('hel') })
    await log(0, 'hello')
    await desk.output(own, job.jobId, bytes('out'))
    expect(await receipt()).toMatchObject({ ok: true })
  })

  test('has a limit', async () => {
    await desk.accept(own, job.jobId)
    const large = new Uint8Array(16 * 1024 * 1024 + 1)
    expect(await desk.log(own, job.jobId, { offset: 0, bytes: large })).toMatchObject({ code: 'too-large' })
  })
})

describe('the receipt', () => {
  beforeEach(runs)

  test('ends the job, once; again is fine, and nothing comes after it', async () => {
    expect(await receipt()).toMatchObject({ ok: true })
    const ended = await now()
    expect(ended).toMatchObject({ state: 'finishing', run: { receipt: { receipt: { usedSeconds: 60 } } } })
    expect(await receipt({ usedSeconds: 9_999 })).toMatchObject({ ok: true })
    expect(await log(5, 'more')).toMatchObject({ code: 'wrong-state' })
    expect(await desk.output(own, job.jobId, bytes('other'))).toMatchObject({ code: 'wrong-state' })
    expect(await now()).toEqual(ended)
  })

  test.each<[string, Partial<Receipt>]>([
    ['another job', { jobId: `0x${'ab'.repeat(32)}` }],
    ['another log', { logHash: sha256(bytes('forged')) }],
    ['the log without its salt', { logHash: sha256(bytes('hello')) }],
    ['another output', { outputHash: sha256(bytes('forged')) }],
  ])('of %s is refused', async (_, change) => {
    expect(await receipt(change)).toMatchObject({ code: 'bad-receipt' })
    expect((await now()).state).toBe('running')
  })

  test('signed by another key is refused', async () => {
    expect(await receipt({}, otherRunner)).toMatchObject({ code: 'bad-receipt' })
  })

  test('with an output on its way at the same moment, keeps what was signed', async () => {
    const signed = { ...(await signReceipt({ account: runner, receipt: fitting(), chainId: place.chainId })), salt }
    const [answer] = await Promise.all([
      desk.receipt(own, job.jobId, signed),
      desk.output(own, job.jobId, bytes('forged')),
    ])
    expect(answer).toMatchObject({ ok: true })
    const kept = new TextDecoder().decode(await readOutput({ blobs: shop.context.blobs, jobId: job.jobId }))
    expect(kept).toBe('out')
  })
})
