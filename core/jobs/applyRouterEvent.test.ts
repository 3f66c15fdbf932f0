// What the chain says moves jobs: first payment, second payment, late payment, stop, end; each told again without harm.
import { describe, expect, test } from 'vitest'
import { setCapacity } from '../supply/submitListing.ts'
import { applyRouterEvent, refOf } from './applyRouterEvent.ts'
import { abandonJob } from './changeOffer.ts'
import { putLogChunk, putOutput, readLog, readOutput } from './jobLog.ts'
import {
  checkpointEvent,
  createTestJobs,
  expiredEvent,
  fundedEvent,
  otherPayer,
  refundedEvent,
  runner,
  settledEvent,
  startedEvent,
  stopEvent,
} from './testJobs.ts'
import { transition } from './transitions.ts'

async function funded(options: Parameters<typeof createTestJobs>[0] = {}) {
  const shop = await createTestJobs(options)
  const job = await shop.signed()
  await applyRouterEvent(shop.context, fundedEvent(job.terms))
  return { shop, job, apply: (event: Parameters<typeof applyRouterEvent>[1]) => applyRouterEvent(shop.context, event) }
}

describe('JobFunded', () => {
  test('CHAIN-01: a signed job is funded, its capacity held without end', async () => {
    const { shop, job } = await funded()
    expect(await shop.jobOf(job.ref)).toMatchObject({ state: 'funded', funded: { depositMicroUsd: 8_000_000n } })
    expect(await shop.reservations()).toEqual({ [job.ref]: { gpuCount: 1 } })
  })

  test('told again changes nothing', async () => {
    const { shop, job, apply } = await funded()
    const before = await shop.jobOf(job.ref)
    expect(await apply(fundedEvent(job.terms))).toBeUndefined()
    expect(await shop.jobOf(job.ref)).toEqual(before)
  })

  test('of older terms, while newer ones are signed, runs by the terms that were paid', async () => {
    const shop = await createTestJobs()
    const older = await shop.signed()
    const newer = await shop.signs(older, otherPayer.address)
    expect(newer.jobId).not.toBe(older.jobId)
    expect(await applyRouterEvent(shop.context, fundedEvent(older.terms))).toBeUndefined()
    const job = await shop.jobOf(older.ref)
    expect(job).toMatchObject({ state: 'funded', jobId: older.jobId, terms: { refundTo: older.terms.refundTo } })
  })

  test('a second payment for the ref goes back, and so does one for a job nobody knows', async () => {
    const shop = await createTestJobs()
    const first = await shop.signed()
    const second = await shop.signs(first, otherPayer.address)
    await applyRouterEvent(shop.context, fundedEvent(first.terms))
    for (const _ of [1, 2])
      expect(await applyRouterEvent(shop.context, fundedEvent(second.terms))).toMatchObject({ jobId: second.jobId })
    expect((await shop.jobOf(first.ref)).jobId).toBe(first.jobId)
    const stranger = await createTestJobs()
    expect(await applyRouterEvent(stranger.context, fundedEvent(first.terms))).toMatchObject({ ref: first.ref })
  })

  test('while the newer authorization is on its way, the older payment runs', async () => {
    const shop = await createTestJobs()
    const older = await shop.signed()
    const newer = await shop.signs(older, otherPayer.address)
    expect((await shop.pays(newer, otherPayer)).ok).toBe(true)
    await applyRouterEvent(shop.context, fundedEvent(older.terms))
    expect((await shop.jobOf(older.ref)).state).toBe('funded')
    expect(await applyRouterEvent(shop.context, fundedEvent(newer.terms))).toMatchObject({ jobId: newer.jobId })
  })

  test('for a cancelled job it goes back, and no capacity stays behind', async () => {
    const shop = await createTestJobs()
    const job = await shop.signed()
    await abandonJob({ context: shop.context, ref: job.ref })
    for (const _ of [1, 2])
      expect(await applyRouterEvent(shop.context, fundedEvent(job.terms))).toMatchObject({ jobId: job.jobId })
    expect(await shop.jobOf(job.ref)).toMatchObject({ state: 'cancelled' })
    expect((await shop.jobOf(job.ref)).funded).toBeUndefined()
    expect(await shop.reservations()).toEqual({})
  })

  test('for a job that knows of no signed terms, as in a store set back to a copy, it goes back', async () => {
    const shop = await createTestJobs()
    const job = await shop.signed()
    await shop.change(job.ref, ({ terms: _, quoteSignature: __, jobId: ___, ...now }) => ({ ...now, state: 'ordered' }))
    expect(await applyRouterEvent(shop.context, fundedEvent(job.terms))).toMatchObject({ jobId: job.jobId })
    expect((await shop.jobOf(job.ref)).state).toBe('ordered')
  })

  test('for a lapsed job it goes back: who asked may be forgotten by then', async () => {
    const shop = await createTestJobs()
    const job = await shop.signed({ mode: 'untracked' })
    await shop.change(job.ref, (now) => transition(now, 'lapse'))
    expect(await applyRouterEvent(shop.context, fundedEvent(job.terms))).toMatchObject({ jobId: job.jobId })
    expect((await shop.jobOf(job.ref)).state).toBe('lapsed')
    expect(await shop.reservations()).toEqual({})
  })

  test('CHAIN-02: funded without capacity says why it goes back, in the document', async () => {
    const shop = await createTestJobs({ gpuCount: 1 })
    const { context, listing } = shop
    const late = await shop.signed()
    await context.clock.sleep(0)
    // The quote's reservation has run out and somebody else has the GPU.
    await shop.context.listings
      .get(listing.id)
      .then((doc) => doc && context.listings.put(doc, { ...doc.value, reservations: { 'AAAA-AAAA': { gpuCount: 1 } } }))
    await applyRouterEvent(context, fundedEvent(late.terms))
    expect(await shop.jobOf(late.ref)).toMatchObject({
      state: 'funded',
      cancelReason: expect.stringContaining('capacity'),
    })
    expect(await shop.reservations()).toEqual({ 'AAAA-AAAA': { gpuCount: 1 } })
  })

  test('ONBOARD-08: a listing that goes offline between terms and payment still runs the job', async () => {
    const shop = await createTestJobs()
    const job = await shop.signed()
    await setCapacity({ listings: shop.context.listings, id: shop.listing.id, capacity: 'offline' })
    await applyRouterEvent(shop.context, fundedEvent(job.terms))
    expect((await shop.jobOf(job.ref)).cancelReason).toBeUndefined()
  })
})

describe('the end', () => {
  test('CHAIN-04: settled, with the whole job’s figures, and the capacity is free', async () => {
    const { shop, job, apply } = await funded()
    await apply(startedEvent(job.jobId, shop.context.clock.now()))
    await apply(settledEvent(job.terms, 7200))
    expect(await shop.jobOf(job.ref)).toMatchObject({
      state: 'settled',
      usedSeconds: 7200,
      settled: { paidMicroUsd: 3_900_000n, feeMicroUsd: 100_000n, refundedMicroUsd: 4_000_000n },
    })
    expect(await shop.reservations()).toEqual({})
  })

  test('capacity that a crash left held after the end is free when the event is told again', async () => {
    const { shop, job, apply } = await funded()
    await shop.change(job.ref, (now) => transition(now, 'refunded'))
    expect(await shop.reservations()).toHaveProperty(job.ref)
    await apply(refundedEvent(job.terms))
    expect(await shop.reservations()).toEqual({})
  })

  test('refunded is not settled afterwards, nor settled refunded', async () => {
    const { shop, job, apply } = await funded()
    await apply(refundedEvent(job.terms))
    await apply(settledEvent(job.terms, 10))
    const ended = await shop.jobOf(job.ref)
    expect(ended.state).toBe('refunded')
    expect(ended.settled).toBeUndefined()
  })

  test('expired while it ran: nothing of its log stays in plain', async () => {
    const { shop, job, apply } = await funded()
    const { blobs } = shop.context
    await apply(startedEvent(job.jobId, shop.context.clock.now()))
    const run = { runner: runner.address, acceptedAtMs: 1, lastSeenAtMs: 1, logBytes: 1, stopRequested: false }
    await shop.change(job.ref, (now) => transition(now, 'accept', { run: { ...run, logChunks: 1 } }))
    await putLogChunk({ blobs, jobId: job.jobId, number: 0, bytes: new Uint8Array([7]) })
    await putOutput({ blobs, jobId: job.jobId, bytes: new Uint8Array([8]) })
    await apply(expiredEvent(job.terms))
    expect(await shop.jobOf(job.ref)).toMatchObject({
      state: 'refunded',
      refunded: { why: 'The job was never completed.' },
    })
    expect(await readLog({ blobs, jobId: job.jobId, chunks: 1 })).toHaveLength(0)
    expect(await readOutput({ blobs, jobId: job.jobId })).toHaveLength(0)
  })

  test('a start that was final after all brings a job back from its cancellation', async () => {
    const { shop, job, apply } = await funded()
    await shop.change(job.ref, (now) => transition(now, 'cancel'))
    await apply(startedEvent(job.jobId, shop.context.clock.now()))
    expect((await shop.jobOf(job.ref)).state).toBe('active')
  })
})

describe('JobCheckpointed', () => {
  test('of a run that knows of less: it is paid at least so far, and seen so long; one behind changes nothing', async () => {
    const { shop, job, apply } = await funded()
    await apply(startedEvent(job.jobId, shop.context.clock.now()))
    const run = { runner: runner.address, acceptedAtMs: 1000, lastSeenAtMs: 1000, logBytes: 0, logChunks: 0 }
    await shop.change(job.ref, (now) => transition(now, 'accept', { run: { ...run, stopRequested: false } }))
    await apply(checkpointEvent(job.terms, 7200))
    const now = await shop.jobOf(job.ref)
    expect(now).toMatchObject({ state: 'running', run: { checkpointSeconds: 7200, lastSeenAtMs: 7_201_000 } })
    await apply(checkpointEvent(job.terms, 3600))
    expect(await shop.jobOf(job.ref)).toEqual(now)
  })

  test('after the end, or before anything is known of a run, it changes nothing', async () => {
    const { shop, job, apply } = await funded()
    await apply(startedEvent(job.jobId, shop.context.clock.now()))
    for (const event of [undefined, settledEvent(job.terms, 10)]) {
      if (event) await apply(event)
      const before = await shop.jobOf(job.ref)
      await apply(checkpointEvent(job.terms, 3600))
      expect(await shop.jobOf(job.ref)).toEqual(before)
    }
  })
})

describe('StopRequested', () => {
  test('before a runner has the job it is not lost', async () => {
    const { shop, job, apply } = await funded()
    await apply(stopEvent(job.terms))
    expect((await shop.jobOf(job.ref)).stopRequested).toBe(true)
  })

  test('after the end it changes nothing', async () => {
    const { shop, job, apply } = await funded()
    await apply(refundedEvent(job.terms))
    const ended = await shop.jobOf(job.ref)
    await apply(stopEvent(job.terms))
    expect(await shop.jobOf(job.ref)).toEqual(ended)
  })
})

test('a ref comes back from its 32 bytes', async () => {
  const shop = await createTestJobs()
  const job = await shop.signed()
  expect(refOf(job.terms.ref)).toBe(job.ref)
})
